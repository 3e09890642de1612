"""Maps of convexity over a plane or a line: what the full space says, and what the slice alone would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import BLUE, GREY, SKY, VERMILLION, Theme, ink, size, template
from landscapes.figures.picture import MAX_ISOMETRIC_RATIO
from landscapes.figures.surface import wrapped

if TYPE_CHECKING:
    from landscapes.curvature.convexity_map import ConvexityMap

FAINT = 0.3  # opacity of cells that are only filled in from their neighbours
ROUNDING = 64 * 1.2e-7  # of the slice's own Hessian, relative to its largest eigenvalue


def state_map(found: ConvexityMap, **look: Any) -> go.Figure:
    """Convex here, not convex here, or undetermined, by the smallest eigenvalue of the full Hessian at each cell
    (the largest, where the objective is maximized). Cells not evaluated yet are filled in faintly from their
    neighbours.

    Args:
        look: `labels` of the axes, `cell` to be marked as indices, `theme`, `presenter`.

    Raises:
        ValueError: for a map over a line; draw it with `curvature_line`.
    """
    word = _word(found)
    names = {0: f"{word} here", 1: f"not {word} here", 2: "undetermined"}
    return _states(found, found.states, names, "states", **look)


def slice_map(found: ConvexityMap, **look: Any) -> go.Figure:
    """The same from the curvature of the slice alone, which is all that a picture of the loss shows. Arguments as
    of `state_map`."""
    word = _word(found)
    ends = found.slice_curvature
    error = ROUNDING * np.max(np.abs(ends), axis=-1)
    inner = -ends[..., -1] if found.sense == "maximize" else ends[..., 0]
    with np.errstate(invalid="ignore"):
        seen = np.where(inner > error, 0, np.where(inner < -error, 1, 2))
    states = np.where(found.evaluated & np.isfinite(inner), seen, np.where(found.evaluated, 2, -1))
    names = {0: f"looks {word}", 1: f"looks not {word}", 2: "undetermined"}
    return _states(found, states, names, "slice", **look)


def ratio_map(
    found: ConvexityMap,
    *,
    labels: Sequence[str] = ("first direction", "second direction"),
    cell: tuple[int, ...] | None = None,
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """|λmin|/λmax at each cell (Li et al. 2018): how large the negative curvature is beside the positive."""
    values = np.where(found.evaluated, found.ratio, np.nan)
    finite = values[np.isfinite(values)]
    bar = {
        "title": {"text": "λmax / |λmin|" if found.sense == "maximize" else "|λmin| / λmax", "side": "top"},
        # Over the map, so that it is as wide as the maps beside it.
        **{"orientation": "h", "y": 1.02, "yanchor": "bottom", "ypad": 0},
        "thickness": 10,
        "outlinewidth": 0,
        "nticks": 6,
        "tickfont": {"size": size(presenter) - 1},
    }
    # Where λmax itself is not positive the ratio has no upper end; the colors stop at 1, the hover does not.
    top = min(float(finite.max()), 1.0) if finite.size else 1.0
    scale = {"colorscale": "Cividis", "zmin": 0.0, "zmax": top or 1.0, "colorbar": bar}
    traces = _cells(found, values, found.evaluated, **scale)
    return _map(found, traces, "ratio", labels, cell, theme, presenter)


def curvature_line(
    found: ConvexityMap,
    *,
    labels: Sequence[str] = ("direction",),
    cell: tuple[int, ...] | None = None,
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """Along a line: the smallest and the largest eigenvalue of the full Hessian with their error bars, and the
    curvature of the slice between them.

    Raises:
        ValueError: for a map over a plane; draw it with `state_map`.
    """
    if len(found.axes) != 1:
        raise ValueError("this map is over a plane; draw it with figures.convexity.state_map")
    x, width = found.axes[0], 3 if presenter else 2
    curves = (
        ("largest eigenvalue", found.largest, found.largest_error, SKY if theme == "dark" else BLUE, "solid"),
        ("the slice's own curvature", found.slice_curvature[..., 0], None, ink(theme), "dash"),
        ("smallest eigenvalue", found.smallest, found.smallest_error, VERMILLION, "solid"),
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
            "yaxis": {"title": {"text": "curvature"}, "zeroline": True, "zerolinecolor": ink(theme, 0.6)},
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": {"kind": "curvature line", "box": [[float(x[0]), float(x[-1])]], "terms": {}, "weights": {}},
        },
    )
    if cell is not None:
        figure.add_vline(x=float(x[cell[0]]), line={"color": ink(theme, 0.6), "dash": "dot", "width": 1})
    return figure


def _states(
    found: ConvexityMap,
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
    traces = _cells(found, np.where(known, states, np.nan), known, **scale)
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
    return _map(found, traces, kind, labels, cell, theme, presenter)


def _cells(found: ConvexityMap, values: np.ndarray, known: np.ndarray, **scale: Any) -> list[Any]:
    """The cells that are known, over faint ones that take the value of the nearest of them."""
    if len(found.axes) != 2:
        raise ValueError("this map is over a line; draw it with figures.convexity.curvature_line")
    shared = {"x": found.axes[0], "y": found.axes[1], **scale}
    traces: list[Any] = []
    if not known.all() and known.any():
        filled = _spread(values, known)
        look = {**shared, "showscale": False, "opacity": FAINT, "hoverinfo": "skip"}
        traces.append(go.Heatmap(z=filled.T, meta={"role": "filled"}, **look))
    ends = (found.smallest, found.smallest_error, found.largest, found.largest_error, found.ratio)
    facts = np.stack([*ends, found.slice_curvature[..., 0], found.slice_curvature[..., -1]], axis=-1)
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
            **shared,
        )
    )
    return traces


def _spread(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Unknown cells take the value of a known neighbour, ring by ring."""
    values, known = np.where(known, values, np.nan), known.copy()
    while not known.all():
        for axis in (0, 1):
            for step in (1, -1):
                near, there = np.roll(values, step, axis), np.roll(known, step, axis)
                edge = [slice(None)] * 2
                edge[axis] = slice(0, 1) if step == 1 else slice(-1, None)
                there[tuple(edge)] = False  # what comes around the other side is no neighbour
                take = there & ~known
                values, known = np.where(take, near, values), known | take
    return values


def _map(
    found: ConvexityMap,
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
            place = {"x": [found.axes[0][cell[0]]], "y": [found.axes[1][cell[1]]]}
            look = {"mode": "markers", "marker": marker, "hoverinfo": "skip", "showlegend": False}
            traces.append(go.Scatter(**place, **look, meta={"role": "cell"}))
    # A cell is a square around its point, so that the outer ones reach beyond the axes by half a cell.
    spans = [(float(axis[0]), float(axis[-1]), float(axis[1] - axis[0]) / 2) for axis in found.axes]
    box = [[low - half, high + half] for low, high, half in spans]
    lengths = [high - low for low, high in box]
    isometric = max(lengths) <= MAX_ISOMETRIC_RATIO * min(lengths)
    axis = {"showgrid": False, "zeroline": False, "constrain": "domain"}
    return go.Figure(
        traces,
        {
            "template": template(theme, presenter),
            "xaxis": {**axis, "title": {"text": wrapped(labels[0])}, "range": box[0]},
            # Maps side by side stand on one line, however high their legends are.
            "yaxis": {**axis, "title": {"text": wrapped(labels[1])}, "range": box[1], "constraintoward": "bottom"}
            | ({"scaleanchor": "x", "scaleratio": 1} if isometric else {}),
            "legend": {"y": 1.02, "yanchor": "bottom"},
            "meta": {"kind": kind, "box": box, "narrow": True, "terms": {}, "weights": {}},
        },
    )


def _word(found: ConvexityMap) -> str:
    return "concave" if found.sense == "maximize" else "convex"
