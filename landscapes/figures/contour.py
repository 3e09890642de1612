"""The loss surface from above: a color map with contour lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.flow import flow_traces
from landscapes.figures.marks import mark_traces
from landscapes.figures.palette import GREY, SURFACE, Theme, size, template
from landscapes.figures.paths import path_traces
from landscapes.figures.picture import RESOLUTION, Picture, noted
from landscapes.figures.scale import Kind

if TYPE_CHECKING:
    from landscapes.flow import Flow
    from landscapes.projection import Projection
    from landscapes.surface import Surface

LINES = 20
# Where the gap to what the loss bounds is drawn, in the loss's units.
GAPS = (0.1, 1.0, 10.0)


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
) -> go.Figure:
    """Contours over two directions. The axes share a scale unless one is over three times as long as the other,
    so that a distance on the picture is a distance in parameter space. Arguments as of `figures.surface`; the gap
    to the term that the loss `bounds` is drawn as dashed lines at a tenth, one and ten of the loss's units.

    Raises:
        ValueError: for an unknown scale or a surface that has not two axes.
    """
    paths = paths or {}
    picture = Picture.of(surface, scale, term=term, resolution=resolution)
    low, high = picture.scale.range
    points = size(presenter)
    drawn = go.Contour(
        x=picture.axes[0],
        y=picture.axes[1],
        z=picture.heights,
        customdata=picture.facts(bounds),
        colorscale=SURFACE,
        zmin=low,
        zmax=high,
        contours={"coloring": "heatmap", **picture.scale.levels(LINES)},
        line={"color": "rgba(255,255,255,0.45)", "width": 0.7},
        colorbar={
            "title": {"text": picture.scale.title(value), "side": "right"},
            "thickness": 12,
            "outlinewidth": 0,
            "xpad": 6,
            "tickfont": {"size": points - 1},
            **(picture.scale.ticks() or {"tickmode": "auto", "nticks": 7}),
        },
        hovertemplate=picture.hover(value, bounds),
        name=value,
        meta={"role": "surface"},
    )
    notes = picture.notes(paths)
    marks = {"known minimum": minima, **(critical or {})}
    shared = {"scaleanchor": "x", "scaleratio": 1} if picture.isometric else {}
    return go.Figure(
        [
            drawn,
            *(_gap(picture, bounds, value, presenter) if bounds else []),
            *flow_traces(picture, flow, solid=False, presenter=presenter),
            *path_traces(picture, paths, solid=False, theme=theme, presenter=presenter),
            *mark_traces(picture, marks, solid=False, presenter=presenter),
        ],
        {
            "template": template(theme, presenter),
            "title": {"text": title},
            "xaxis": {
                "title": {"text": noted(labels[0], notes, presenter)},
                "range": picture.box[0],
                "showgrid": False,
                "zeroline": False,
            }
            | ({"constrain": "domain"} if shared else {}),
            "yaxis": {"title": {"text": labels[1]}, "range": picture.box[1], "showgrid": False, "zeroline": False}
            | ({"constrain": "domain"} | shared),
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": picture.meta("contour", labels, notes, value) | {"lines": LINES, "bounds": bounds},
        },
    )


def _gap(picture: Picture, bounds: str, value: str, presenter: bool) -> list[Any]:
    """The lines along which the loss lies this far from what it bounds: one trace each, because Plotly spaces the
    lines of a contour evenly. White alone would be lost on the bright parts, hence the dark ones beneath; and in a
    legend, where a gray line stands for them."""
    gap = picture.gap(bounds).astype(np.float32)
    reached = [level for level in GAPS if np.nanmin(gap) <= level <= np.nanmax(gap)]
    width = 3 if presenter else 2
    font = {"size": size(presenter) + 2, "color": "white", "shadow": "0 0 3px black, 0 0 6px black"}
    # A height names its unit after a comma.
    words = f"gap to {bounds}: {', '.join(f'{level:g}' for level in reached)} {value.partition(', ')[2]}".strip()
    shared = {"name": words, "legendgroup": "gap", "hoverinfo": "skip", "meta": {"role": "gap", "term": bounds}}

    def drawn(level: float, line: dict[str, Any], **look: Any) -> go.Contour:
        at = {"coloring": "none", "start": level, "end": level, "size": 1, **look}
        x, y = picture.axes
        return go.Contour(x=x, y=y, z=gap, contours=at, line=line, showlegend=False, **shared)

    label = {"showlabels": True, "labelfont": font, "labelformat": "~g"}
    legend = {**shared, "meta": {"role": "gap legend"}}
    dashed = {"color": GREY, "width": width, "dash": "dash"}
    return [
        *(drawn(level, {"color": "rgba(0,0,0,0.55)", "width": width + 2}) for level in reached),
        *(drawn(level, {"color": "white", "width": width, "dash": "dash"}, **label) for level in reached),
        *([go.Scatter(x=[None], y=[None], mode="lines", line=dashed, **legend)] if reached else []),
    ]
