"""The stage as a widget of a notebook: it turns, zooms and plays, and a click in the picture calls Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landscapes.packages import find_spec

if TYPE_CHECKING:
    from landscapes.figures.stage_widget import StageWidget

HEIGHT_PX = 520  # of the widget
MISSING = (
    'widgets need the package anywidget, which is not installed; `pip install "landscapes[notebook]"` brings it'
)


def widget(picture: Any, *, height: int = HEIGHT_PX, **options: Any) -> StageWidget:
    """A result or a figure on the stage, as the last line of a notebook cell.

    `widget(surface, paths=projections).on_click(print)` prints the coordinates of every click.

    Args:
        picture: a result with a figure, or a Plotly figure of `landscapes.figures`.
        height: of the picture in pixels, without the play bar.
        options: those of the figure of a result, such as view="contour".

    Raises:
        ValueError: without anywidget, for what has no figure, and for options of a figure that is already drawn.
    """
    if reason := missing():
        raise ValueError(reason)
    from landscapes.figures.stage_widget import StageWidget

    return StageWidget(height).show(picture, **options)


def missing() -> str:
    """A sentence with the remedy if a package that widgets need is not installed, or ""."""
    return "" if find_spec("anywidget") is not None else MISSING
