"""The loss along one direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.marks import mark_traces
from landscapes.figures.palette import DASHES, Theme, template, text_color
from landscapes.figures.paths import path_traces
from landscapes.figures.picture import Picture, title_with_notes
from landscapes.figures.scale import Kind
from landscapes.recipes.words import symbol

if TYPE_CHECKING:
    from landscapes.directions.line_bands import Band
    from landscapes.slices.projection import Projection
    from landscapes.slices.surface import Surface

RESOLUTION = 601  # points of a drawn curve
# The curves keep at least this share of the axis when the losses of the paths are far above or below them.
MIN_CURVE_SHARE = 0.4


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
    """The loss over one direction, and on a linear scale each weighted term wᵢ·Lᵢ if there are several.

    Arguments as in `figures.surface`. The quartiles and the median of `draws` are drawn behind the curve, with
    their number in the legend. The gap between the curve and the term that it `bounds` is shaded. Paths are dashed
    and at their true losses, because they are almost nowhere on the line.

    Raises:
        ValueError: for an unknown scale or a surface that has not one axis.
    """
    paths = paths or {}
    picture = Picture.of(surface, scale, axes=1, term=term, bounds=bounds, resolution=resolution, span=span)
    number = (
        f" %{{customdata[0]:.5g}}<br>gap to {symbol(bounds)} %{{customdata[1]:.3g}}"
        if bounds
        else " %{customdata:.5g}"
    )
    hover = "%{x:.4g}<br>" + value + number + "<extra></extra>"
    curves = [] if picture.bounded is None else [_bounded_curve(picture, bounds, theme, presenter)]
    curves += [
        go.Scatter(
            x=picture.axes[0],
            y=picture.heights,
            customdata=picture.hover_data(bounds) if bounds else picture.loss,
            mode="lines",
            line={"color": text_color(theme), "width": 4 if presenter else 2.5},
            hovertemplate=hover,
            name=value,
            showlegend=len(picture.terms) > 1 or bool(paths),
            fill="none" if picture.bounded is None else "tonexty",
            fillcolor=text_color(theme, 0.16),
            meta={"role": "surface"},
        )
    ]
    lows, highs = [picture.scale.range[0]], [picture.scale.range[1]]
    if scale == "linear" and len(picture.terms) > 1:
        # Terms of weight 0 are hidden, and so is a single other term, which equals the loss. The stage shows them
        # when the viewer changes the weights.
        shown_terms = {name for name, weight in picture.weights.items() if weight}
        shown_terms = shown_terms if len(shown_terms) > 1 else set()
        for (name, grid), dash in zip(picture.terms.items(), DASHES[1:] * len(picture.terms), strict=False):
            term_name = f"{symbol(name)} × {picture.weights[name]:.3g}"
            weighted = np.where(np.isfinite(grid), grid, np.nan) * picture.weights[name]
            if name in shown_terms and np.isfinite(weighted).any():
                lows.append(float(np.nanmin(weighted)))
                highs.append(float(np.nanmax(weighted)))
            curves.append(
                go.Scatter(
                    x=picture.axes[0],
                    y=weighted,
                    mode="lines",
                    line={"color": text_color(theme, 0.55), "width": 2 if presenter else 1.3, "dash": dash},
                    name=term_name,
                    hovertemplate=f"{term_name}: %{{y:.5g}}<extra></extra>",
                    visible=name in shown_terms,
                    meta={"role": "term", "term": name},
                )
            )
    marks = {"known minimum": minima, **(critical or {})}
    quartiles = [] if draws is None else [picture.scale(draws.quantile(share)) for share in (0.25, 0.5, 0.75)]
    spread = [] if draws is None else _spread(draws, quartiles, theme)
    lows += [float(np.nanmin(curve)) for curve in quartiles]
    highs += [float(np.nanmax(curve)) for curve in quartiles]
    low, high = _axis_range(picture, paths, min(lows), max(highs))
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


def _axis_range(picture: Picture, paths: Mapping[str, Projection], low: float, high: float) -> tuple[float, float]:
    """(low, high) of an axis that contains the curves and as much of the paths as `MIN_CURVE_SHARE` allows."""
    path_heights = [picture.true_heights(path)[picture.inside(path.coordinates)] for path in paths.values()]
    heights = np.concatenate([[low, high], *path_heights])
    max_extension = (high - low) / MIN_CURVE_SHARE - (high - low)
    bottom = max(float(np.nanmin(heights)), low - max_extension)
    top = min(float(np.nanmax(heights)), high + max_extension - (low - bottom))
    margin = 0.03 * (top - bottom)
    return bottom - margin, top + margin


def _bounded_curve(picture: Picture, term: str, theme: Theme, presenter: bool) -> go.Scatter:
    """The term that the loss is a bound of, as a dotted curve."""
    return go.Scatter(
        x=picture.axes[0],
        y=picture.bounded,
        customdata=picture.terms[term],
        mode="lines",
        line={"color": text_color(theme, 0.7), "width": 3 if presenter else 1.8, "dash": "dot"},
        name=f"{symbol(term)}; shaded: the gap to its bound",
        hovertemplate=f"{symbol(term)} %{{customdata:.5g}}<extra></extra>",
        meta={"role": "bounded", "term": term},
    )


def _spread(draws: Band, quartiles: Sequence[np.ndarray], theme: Theme) -> list[go.Scatter]:
    """The quartiles of the draws as a band and their median as a line."""
    low, middle, high = quartiles
    count, what = len(draws.losses), "minibatches" if draws.kind == "minibatches" else "draws"
    dashed = {"color": text_color(theme, 0.7), "width": 1.5, "dash": "dash"}
    shared = {"x": draws.t, "mode": "lines", "hoverinfo": "skip", "meta": {"role": "draws"}}
    filled = {"fill": "tonexty", "fillcolor": text_color(theme, 0.16), "name": f"quartiles of {count} {what}"}
    return [
        go.Scatter(y=low, line={"width": 0}, showlegend=False, **shared),
        go.Scatter(y=high, line={"width": 0}, **filled, **shared),
        go.Scatter(y=middle, line=dashed, name=f"median of {count} {what}", **shared),
    ]
