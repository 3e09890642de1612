"""The loss along one direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.marks import mark_traces
from landscapes.figures.palette import DASHES, Theme, ink, template
from landscapes.figures.paths import path_traces
from landscapes.figures.picture import Picture, title_with_notes
from landscapes.figures.scale import Kind
from landscapes.recipes.words import symbol

if TYPE_CHECKING:
    from landscapes.directions.bands import Band
    from landscapes.slices.projection import Projection
    from landscapes.slices.surface import Surface

RESOLUTION = 601
# The share of the height that the curves keep beside paths whose losses are far above them.
CURVES = 0.4


@check_arguments
def line(
    surface: Surface,
    paths: Mapping[str, Projection] | None = None,
    *,
    labels: Sequence[str] = ("direction",),
    value: str = "loss",
    scale: Kind = "linear",
    theme: Theme = "light",
    presenter: bool = False,
    title: str | None = None,
    minima: Sequence[Any] = (),
    critical: Mapping[str, Sequence[Any]] | None = None,
    term: str | None = None,
    resolution: int | None = RESOLUTION,
    draws: Band | None = None,
    bounds: str = "",
    span: Sequence[float] = (),
) -> go.Figure:
    """The loss over one direction, and on a linear scale each weighted term wᵢ·Lᵢ where there are several.
    Arguments as of `figures.surface`; behind the curve stand the quartiles and the median of `draws`, labelled
    with their number. The gap between the curve and the term that it `bounds` is shaded. Paths are off the line
    almost everywhere: they are drawn dashed at their own losses.

    Raises:
        ValueError: for an unknown scale or a surface that has not one axis.
    """
    paths = paths or {}
    picture = Picture.of(surface, scale, axes=1, term=term, bounds=bounds, resolution=resolution, span=span)
    told = (
        f" %{{customdata[0]:.5g}}<br>gap to {symbol(bounds)} %{{customdata[1]:.3g}}"
        if bounds
        else " %{customdata:.5g}"
    )
    hover = "%{x:.4g}<br>" + value + told + "<extra></extra>"
    curves = [] if picture.bounded is None else [_bounded(picture, bounds, theme, presenter)]
    curves += [
        go.Scatter(
            x=picture.axes[0],
            y=picture.heights,
            customdata=picture.hover_data(bounds) if bounds else picture.loss,
            mode="lines",
            line={"color": ink(theme), "width": 4 if presenter else 2.5},
            hovertemplate=hover,
            name=value,
            showlegend=len(picture.terms) > 1 or bool(paths),
            fill="none" if picture.bounded is None else "tonexty",
            fillcolor=ink(theme, 0.16),
            meta={"role": "surface"},
        )
    ]
    lows, highs = [picture.scale.range[0]], [picture.scale.range[1]]
    if scale == "linear" and len(picture.terms) > 1:
        # A term of weight 0 lies along the axis and tells nothing, and the only other one is the loss itself; they
        # wait for a viewer who mixes them in.
        seen = {name for name, weight in picture.weights.items() if weight}
        seen = seen if len(seen) > 1 else set()
        for (name, grid), dash in zip(picture.terms.items(), DASHES[1:] * len(picture.terms), strict=False):
            weighed = f"{symbol(name)} × {picture.weights[name]:.3g}"
            weighted = np.where(np.isfinite(grid), grid, np.nan) * picture.weights[name]
            if name in seen and np.isfinite(weighted).any():
                lows.append(float(np.nanmin(weighted)))
                highs.append(float(np.nanmax(weighted)))
            curves.append(
                go.Scatter(
                    x=picture.axes[0],
                    y=weighted,
                    mode="lines",
                    line={"color": ink(theme, 0.55), "width": 2 if presenter else 1.3, "dash": dash},
                    name=weighed,
                    hovertemplate=f"{weighed}: %{{y:.5g}}<extra></extra>",
                    visible=name in seen,
                    meta={"role": "term", "term": name},
                )
            )
    marks = {"known minimum": minima, **(critical or {})}
    quartiles = [] if draws is None else [picture.scale(draws.quantile(share)) for share in (0.25, 0.5, 0.75)]
    spread = [] if draws is None else _spread(draws, quartiles, theme)
    lows += [float(np.nanmin(curve)) for curve in quartiles]
    highs += [float(np.nanmax(curve)) for curve in quartiles]
    low, high = _room(picture, paths, min(lows), max(highs))
    notes = picture.notes(paths, (low, high))
    return go.Figure(
        [
            *spread,
            *curves,
            *path_traces(picture, paths, value=value, solid=False, theme=theme, presenter=presenter),
            *mark_traces(picture, marks, solid=False, presenter=presenter),
        ],
        {
            "template": template(theme, presenter),
            "title": {"text": title},
            "xaxis": {"title": {"text": title_with_notes(labels[0], notes, presenter)}, "range": picture.box[0]},
            "yaxis": {
                "title": {"text": picture.scale.title(value)},
                "range": [low, high],
                **picture.scale.ticks(),
            },
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": picture.meta("line", labels, notes, value) | {"bounds": bounds},
        },
    )


def _room(picture: Picture, paths: Mapping[str, Projection], low: float, high: float) -> tuple[float, float]:
    """The heights of an axis that holds the curves, from low to high, and as much of the paths as leaves the
    curves the share `CURVES`."""
    own = [picture.true_heights(path)[picture.inside(path.coordinates)] for path in paths.values()]
    heights = np.concatenate([[low, high], *own])
    most = (high - low) / CURVES - (high - low)
    bottom = max(float(np.nanmin(heights)), low - most)
    top = min(float(np.nanmax(heights)), high + most - (low - bottom))
    air = 0.03 * (top - bottom)
    return bottom - air, top + air


def _bounded(picture: Picture, term: str, theme: Theme, presenter: bool) -> go.Scatter:
    """What the curve is a bound of."""
    return go.Scatter(
        x=picture.axes[0],
        y=picture.bounded,
        customdata=picture.terms[term],
        mode="lines",
        line={"color": ink(theme, 0.7), "width": 3 if presenter else 1.8, "dash": "dot"},
        name=f"{symbol(term)}; shaded: the gap to its bound",
        hovertemplate=f"{symbol(term)} %{{customdata:.5g}}<extra></extra>",
        meta={"role": "bounded", "term": term},
    )


def _spread(draws: Band, quartiles: Sequence[np.ndarray], theme: Theme) -> list[go.Scatter]:
    """The quartiles as a band and the median as a line."""
    low, middle, high = quartiles
    count = len(draws.losses)
    dashed = {"color": ink(theme, 0.7), "width": 1.5, "dash": "dash"}
    shared = {"x": draws.t, "mode": "lines", "hoverinfo": "skip", "meta": {"role": "draws"}}
    filled = {"fill": "tonexty", "fillcolor": ink(theme, 0.16), "name": f"quartiles of {count} draws"}
    return [
        go.Scatter(y=low, line={"width": 0}, showlegend=False, **shared),
        go.Scatter(y=high, line={"width": 0}, **filled, **shared),
        go.Scatter(y=middle, line=dashed, name=f"median of {count} draws", **shared),
    ]
