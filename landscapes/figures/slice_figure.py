"""One slice of a volume from above, which the stage moves along the third direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.contour_figure import contour
from landscapes.figures.palette import Theme
from landscapes.figures.scale import Kind, number
from landscapes.figures.volume_picture import SLICE_NODES, VolumePicture, check_node, slice_data

if TYPE_CHECKING:
    from landscapes.slices.surface import Surface


@check_arguments
def volume_slice(
    surface: Surface,
    *,
    labels: Sequence[str] = ("first direction", "second direction", "third direction"),
    value: str = "loss",
    scale: Kind = "linear",
    theme: Theme = "light",
    presenter: bool = False,
    title: str | None = None,
    term: str | None = None,
    node: int | None = None,
) -> go.Figure:
    """A contour plot of the loss over the first two directions, at a node of the third one. Colors and lines are
    on the scale of the whole volume, and arguments as in `figures.volume`.

    Raises:
        ValueError: as `figures.volume`.
    """
    picture = VolumePicture.of(surface, scale, term)
    node = check_node(picture, node, labels)
    figure = contour(
        slice_of(surface, node),
        labels=labels[:2],
        value=value,
        scale=scale,
        theme=theme,
        presenter=presenter,
        title=title,
        term=term,
        resolution=SLICE_NODES,
        span=(picture.scale.low, picture.scale.high),
    )
    place = f"slice at {number(picture.axes[2][node])}: {labels[2]}"
    notes = [place, *picture.notes, *([picture.scale.note] if picture.scale.note else [])]
    slices = slice_data(picture, labels[2], node)
    return figure.update_layout(
        # The terms of a figure are for other weights of them, which would need those of all slices.
        meta={**figure.layout.meta, "terms": {}, "notes": notes, "slices": slices}
    )


def slice_of(surface: Surface, node: int) -> Surface:
    """The surface over the first two directions, at a node of the third one; the error is that of the volume."""
    return replace(
        surface,
        axes=surface.axes[:2],
        terms={name: grid[:, :, node] for name, grid in surface.terms.items()},
        evaluated=surface.evaluated[:, :, node],
    )
