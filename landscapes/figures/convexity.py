"""Maps of convexity over a plane or a line, from the full Hessian and from the slice alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import BLUE, GREY, SKY, VERMILLION, Theme, size, template, text_color
from landscapes.figures.picture import MAX_ISOMETRIC_RATIO
from landscapes.figures.surface_figure import wrap_title

if TYPE_CHECKING:
    from landscapes.curvature.convexity import ConvexityMap

FILLED_OPACITY = 0.3  # opacity of cells that have the value of a neighbour
RELATIVE_ROUNDING_ERROR = 64 * 1.2e-7  # of the slice's Hessian, relative to its largest eigenvalue


def state_map(convexity_map: ConvexityMap, **look: Any) -> go.Figure:
    """Each cell's state, from the smallest eigenvalue of the full Hessian: convex, not convex or undetermined.

    For an objective that is maximized: concave or not, from the largest eigenvalue. Cells that have not been
    evaluated have the color of a neighbour with opacity 0.3.

    Args:
        look: `labels` of the axes, `cell` to be marked as indices, `theme`, `presenter`.

    Raises:
        ValueError: for a map over a line; draw it with `curvature_line`.
    """
    shape = _convex_or_concave(convexity_map)
    names = {0: f"{shape} here", 1: f"not {shape} here", 2: "undetermined"}
    return _states(convexity_map, convexity_map.states, names, "states", **look)


def slice_map(convexity_map: ConvexityMap, **look: Any) -> go.Figure:
    """Each cell's state from the Hessian of the two-dimensional slice alone. Arguments as in `state_map`."""
    shape = _convex_or_concave(convexity_map)
    ends = convexity_map.slice_curvature
    error = RELATIVE_ROUNDING_ERROR * np.max(np.abs(ends), axis=-1)
    inner = -ends[..., -1] if convexity_map.sense == "maximize" else ends[..., 0]
    with np.errstate(invalid="ignore"):
        signs = np.where(inner > error, 0, np.where(inner < -error, 1, 2))
    states = np.where(
        convexity_map.evaluated & np.isfinite(inner), signs, np.where(convexity_map.evaluated, 2, -1)
    )
    names = {0: f"looks {shape}", 1: f"looks not {shape}", 2: "undetermined"}
    return _states(convexity_map, states, names, "slice", **look)


def ratio_map(
    convexity_map: ConvexityMap,
    *,
    labels: Sequence[str] = ("first direction", "second direction"),
    cell: tuple[int, ...] | None = None,
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """|λmin|/λmax at each cell (Li et al. 2018): the negative curvature relative to the positive."""
    values = np.where(convexity_map.evaluated, convexity_map.ratio, np.nan)
    finite = values[np.isfinite(values)]
    bar = {
        "title": {
            "text": "λmax / |λmin|" if convexity_map.sense == "maximize" else "|λmin| / λmax",
            "side": "top",
        },
        # Above the map, so that all maps have the same width.
        **{"orientation": "h", "y": 1.02, "yanchor": "bottom", "ypad": 0},
        "thickness": 10,
        "outlinewidth": 0,
        "nticks": 6,
        "tickfont": {"size": size(presenter) - 1},
    }
    # The ratio is unbounded where λmax is not positive, so the colors end at 1. The hover text has the true ratio.
    top = min(float(finite.max()), 1.0) if finite.size else 1.0
    scale = {"colorscale": "Cividis", "zmin": 0.0, "zmax": top or 1.0, "colorbar": bar}
    traces = _cells(convexity_map, values, convexity_map.evaluated, **scale)
    return _map(convexity_map, traces, "ratio", labels, cell, theme, presenter)


def curvature_line(
    convexity_map: ConvexityMap,
    *,
    labels: Sequence[str] = ("direction",),
    cell: tuple[int, ...] | None = None,
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """The extreme eigenvalues of the full Hessian along a line, with error bars, and the curvature of the slice.

    Raises:
        ValueError: for a map over a plane; draw it with `state_map`.
    """
    if len(convexity_map.axes) != 1:
        raise ValueError("this map is over a plane; draw it with figures.convexity.state_map")
    x, width = convexity_map.axes[0], 3 if presenter else 2
    curves = (
        (
            "largest eigenvalue",
            convexity_map.largest,
            convexity_map.largest_error,
            SKY if theme == "dark" else BLUE,
            "solid",
        ),
        ("the slice's own curvature", convexity_map.slice_curvature[..., 0], None, text_color(theme), "dash"),
        ("smallest eigenvalue", convexity_map.smallest, convexity_map.smallest_error, VERMILLION, "solid"),
    )
    traces = [
        go.Scatter(
            x=x,
            y=values,
            mode="lines+markers",
            name=name,
            line={"color": color, "dash": dash, "width": width},
            error_y=None if errors is None else {"array": errors, "thickness": 1.2, "width": 3},
            hovertemplate="%{x:.4g}<br>" + name + " %{y:.4g}<extra></extra>",
            meta={"role": name},
        )
        for name, values, errors, color, dash in curves
    ]
    figure = go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {"title": {"text": labels[0]}, "range": [float(x[0]), float(x[-1])]},
            "yaxis": {"title": {"text": "curvature"}, "zeroline": True, "zerolinecolor": text_color(theme, 0.6)},
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": {"kind": "curvature line", "box": [[float(x[0]), float(x[-1])]], "terms": {}, "weights": {}},
        },
    )
    if cell is not None:
        figure.add_vline(x=float(x[cell[0]]), line={"color": text_color(theme, 0.6), "dash": "dot", "width": 1})
    return figure


def _states(
    convexity_map: ConvexityMap,
    states: np.ndarray,
    names: Mapping[int, str],
    kind: str,
    *,
    labels: Sequence[str] = ("first direction", "second direction"),
    cell: tuple[int, ...] | None = None,
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    colors = {0: SKY if theme == "dark" else BLUE, 1: VERMILLION, 2: GREY}
    edges = [(i + offset) / 3 for i in range(3) for offset in (0, 1)]
    scale = {
        "colorscale": [[edge, colors[i // 2]] for i, edge in enumerate(edges)],
        "zmin": -0.5,
        "zmax": 2.5,
        "showscale": False,
    }
    known = states >= 0
    traces = _cells(convexity_map, np.where(known, states, np.nan), known, **scale)
    count = int(known.sum())
    for state, name in names.items():
        share = float(np.sum(states == state)) / count if count else 0.0
        if not share:
            continue
        traces.append(
            go.Scatter(
                x=[None],
                y=[None],
                mode="markers",
                marker={"symbol": "square", "size": 14 if presenter else 11, "color": colors[state]},
                name=f"{name} ({share:.0%})",
                legendgroup=name,
                meta={"role": "legend", "label": name},
            )
        )
    return _map(convexity_map, traces, kind, labels, cell, theme, presenter)


def _cells(convexity_map: ConvexityMap, values: np.ndarray, is_known: np.ndarray, **scale: Any) -> list[Any]:
    """Heat maps of the evaluated cells and, beneath them, of the others with the value of a neighbour."""
    if len(convexity_map.axes) != 2:
        raise ValueError("this map is over a line; draw it with figures.convexity.curvature_line")
    axes = {"x": convexity_map.axes[0], "y": convexity_map.axes[1], **scale}
    traces: list[Any] = []
    if not is_known.all() and is_known.any():
        filled = _fill_from_neighbours(values, is_known)
        look = {**axes, "showscale": False, "opacity": FILLED_OPACITY, "hoverinfo": "skip"}
        traces.append(go.Heatmap(z=filled.T, meta={"role": "filled"}, **look))
    ends = (
        convexity_map.smallest,
        convexity_map.smallest_error,
        convexity_map.largest,
        convexity_map.largest_error,
        convexity_map.ratio,
    )
    facts = np.stack(
        [*ends, convexity_map.slice_curvature[..., 0], convexity_map.slice_curvature[..., -1]], axis=-1
    )
    traces.append(
        go.Heatmap(
            z=values.T,
            customdata=np.swapaxes(facts, 0, 1),
            hovertemplate="%{x:.4g}, %{y:.4g}"
            "<br>λmin %{customdata[0]:.4g} ± %{customdata[1]:.1g}"
            "<br>λmax %{customdata[2]:.4g} ± %{customdata[3]:.1g}"
            "<br>ratio %{customdata[4]:.3g}<br>the slice's own %{customdata[5]:.4g} to %{customdata[6]:.4g}"
            "<extra></extra>",
            hoverongaps=False,
            meta={"role": "cells"},
            **axes,
        )
    )
    return traces


def _fill_from_neighbours(values: np.ndarray, is_known: np.ndarray) -> np.ndarray:
    """The values["n_x n_y"], with each unknown cell replaced by a known neighbour, repeatedly until none is
    left."""
    values, is_known = np.where(is_known, values, np.nan), is_known.copy()
    while not is_known.all():
        for axis in (0, 1):
            for step in (1, -1):
                neighbour, has_known_neighbour = np.roll(values, step, axis), np.roll(is_known, step, axis)
                edge = [slice(None)] * 2
                edge[axis] = slice(0, 1) if step == 1 else slice(-1, None)
                has_known_neighbour[tuple(edge)] = False  # np.roll wraps around the edge
                take = has_known_neighbour & ~is_known
                values, is_known = np.where(take, neighbour, values), is_known | take
    return values


def _map(
    convexity_map: ConvexityMap,
    traces: list[Any],
    kind: str,
    labels: Sequence[str],
    cell: tuple[int, ...] | None,
    theme: Theme,
    presenter: bool,
) -> go.Figure:
    if cell is not None:
        for color, width in (("rgba(255,255,255,0.9)", 5), ("rgba(20,20,20,0.95)", 2.2)):
            marker = {
                "symbol": "square-open",
                "size": 20 if presenter else 15,
                "color": color,
                "line": {"width": width},
            }
            coordinates = {"x": [convexity_map.axes[0][cell[0]]], "y": [convexity_map.axes[1][cell[1]]]}
            look = {"mode": "markers", "marker": marker, "hoverinfo": "skip", "showlegend": False}
            traces.append(go.Scatter(**coordinates, **look, meta={"role": "cell"}))
    # A cell is centered at its point, so the outer cells extend beyond the axes by half a cell.
    spans = [(float(axis[0]), float(axis[-1]), float(axis[1] - axis[0]) / 2) for axis in convexity_map.axes]
    box = [[low - half, high + half] for low, high, half in spans]
    lengths = [high - low for low, high in box]
    isometric = max(lengths) <= MAX_ISOMETRIC_RATIO * min(lengths)
    axis = {"showgrid": False, "zeroline": False, "constrain": "domain"}
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {**axis, "title": {"text": wrap_title(labels[0])}, "range": box[0]},
            # Maps side by side are aligned at the bottom, because their legends have different heights.
            "yaxis": {
                **axis,
                "title": {"text": wrap_title(labels[1])},
                "range": box[1],
                "constraintoward": "bottom",
            }
            | ({"scaleanchor": "x", "scaleratio": 1} if isometric else {}),
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": {"kind": kind, "box": box, "narrow": True, "terms": {}, "weights": {}},
        },
    )


def _convex_or_concave(convexity_map: ConvexityMap) -> str:
    return "concave" if convexity_map.sense == "maximize" else "convex"
