"""The loss surface from above: a color map with contour lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.flow import flow_traces
from landscapes.figures.gaps import gap_labels, gap_traces
from landscapes.figures.marks import mark_traces
from landscapes.figures.palette import SURFACE, Theme, size, template
from landscapes.figures.paths import path_traces
from landscapes.figures.picture import RESOLUTION, Picture, title_with_notes
from landscapes.figures.scale import Kind

if TYPE_CHECKING:
    from landscapes.games.game_flow import Flow
    from landscapes.slices.projection import Projection
    from landscapes.slices.surface import Surface

NUM_CONTOUR_LINES = 20  # over the range of the picture


@check_arguments
def contour(
    surface: Surface,
    paths: Mapping[str, Projection] | None = None,
    *,
    labels: Sequence[str] = ("first direction", "second direction"),
    value: str = "loss",
    scale: Kind = "linear",
    theme: Theme = "light",
    presenter: bool = False,
    title: str | None = None,
    minima: Sequence[Any] = (),
    critical: Mapping[str, Sequence[Any]] | None = None,
    term: str | None = None,
    resolution: int | None = RESOLUTION,
    flow: Flow | None = None,
    bounds: str = "",
    span: Sequence[float] = (),
) -> go.Figure:
    """A contour plot of the loss over two directions, with arguments as in `figures.surface`.

    The axes share a scale, so that distances are those in parameter space, unless one is over three times as long
    as the other. Dashed lines show where the loss exceeds the term that it `bounds` by 0.1, 1 and 10 of its units.

    Raises:
        ValueError: for an unknown scale or a surface that has not two axes.
    """
    paths = paths or {}
    if len(labels) != 2:
        raise ValueError(f"labels = {labels!r} does not name two axes; give two texts")
    picture = Picture.of(surface, scale, term=term, resolution=resolution, span=span)
    low, high = picture.scale.range
    points = size(presenter)
    contours = go.Contour(
        x=picture.axes[0],
        y=picture.axes[1],
        z=picture.heights,
        customdata=picture.hover_data(bounds),
        colorscale=SURFACE,
        zmin=low,
        zmax=high,
        contours={"coloring": "heatmap", **picture.scale.levels(NUM_CONTOUR_LINES)},
        line={"color": "rgba(255,255,255,0.45)", "width": 0.7},
        colorbar={
            "title": {"text": picture.scale.title(value), "side": "right"},
            "thickness": 12,
            "outlinewidth": 0,
            "xpad": 6,
            "tickfont": {"size": points - 1},
            **(picture.scale.ticks() or {"tickmode": "auto", "nticks": 7}),
        },
        hovertemplate=picture.hover_template(value, bounds),
        name=value,
        meta={"role": "surface"},
    )
    notes = picture.notes(paths)
    marks = {"known minimum": minima, **(critical or {})}
    axis_options = {"scaleanchor": "x", "scaleratio": 1} if picture.isometric else {}
    return go.Figure(
        [
            contours,
            *(gap_traces(picture, bounds, value, presenter) if bounds else []),
            *flow_traces(picture, flow, solid=False, presenter=presenter),
            *path_traces(picture, paths, value=value, solid=False, theme=theme, presenter=presenter),
            *mark_traces(picture, marks, solid=False, presenter=presenter),
            *(gap_labels(picture, bounds, paths, marks, presenter) if bounds else []),
        ],
        {
            "template": template(theme, presenter),
            "title": {"text": title},
            "xaxis": {
                "title": {"text": title_with_notes(labels[0], notes, presenter)},
                "range": picture.box[0],
                "showgrid": False,
                "zeroline": False,
            }
            | ({"constrain": "domain"} if axis_options else {}),
            "yaxis": {"title": {"text": labels[1]}, "range": picture.box[1], "showgrid": False, "zeroline": False}
            | ({"constrain": "domain"} | axis_options),
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": picture.meta("contour", labels, notes, value) | {"lines": NUM_CONTOUR_LINES, "bounds": bounds},
        },
    )
