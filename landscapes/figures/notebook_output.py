"""A result or a figure as the output of a notebook's cell, with the options of its figure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import plotly.graph_objects as go

from landscapes.arguments import check_arguments


class NotebookOutput:
    """A figure with a caption: the stage in a notebook, and the paper figure in a PDF of the notebook."""

    def __init__(self, figure: go.Figure, caption: str, title: str) -> None:
        self.figure, self.caption, self.title = figure, caption, title

    def __repr__(self) -> str:
        return self.caption or self.title

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        from landscapes.figures.notebook import figure_formats

        return figure_formats(self.figure, self.caption, self.title, include, exclude)


@check_arguments
def show(picture: Any, *, caption: str = "", **options: Any) -> NotebookOutput:
    """A result or a figure as the last line of a cell: the stage as HTML, and the paper figure for a PDF.

    `show(surface, paths=projections, view="contour")` has the figure `surface.figure(paths=…, view="contour")`. A
    Plotly figure alone leaves a gap in a PDF that is made of a notebook.

    Args:
        picture: a result with a figure, or a Plotly figure of `landscapes.figures`.
        caption: text below it; by default that of the result.
        options: those of the figure of a result.

    Raises:
        ValueError: for what has no figure, and for options of a figure that is already drawn.
    """
    from landscapes.figures.notebook import caption_of
    from landscapes.figures.results import figure_of

    if not isinstance(picture, go.Figure):
        figure = figure_of(picture, **options)
        return NotebookOutput(figure, caption or caption_of(picture), type(picture).__name__)
    if options:
        raise ValueError(f"{', '.join(options)}: the figure is already drawn; give its result, or no options")
    return NotebookOutput(picture, caption, "figure")
