"""Maps of basins of attraction, one for each optimizer side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.arguments import check_arguments
from landscapes.figures.basin_cells import (
    DIVERGED_COLOR,
    HUES,
    Color,
    ColorScale,
    Runs,
    elsewhere_color,
    hued_cells,
    span_of_steps,
)
from landscapes.figures.palette import Theme, size, template, text_color
from landscapes.optimization.basins import DIVERGED, ELSEWHERE, Basins

if TYPE_CHECKING:
    from landscapes.optimization.multistart import Ends

MAX_ROW_LENGTH = 4  # maps in a row
LEVEL_LINES = 12  # of the loss at the starts
MIN_LINED_GRID = 8  # starts along an axis, for level lines between them
MAX_ISOMETRIC_RATIO = 3.0  # of the sides of an area whose axes share a scale
GAP, ROW_GAP = 0.03, 0.16  # between maps, of the figure


@check_arguments
def basins(
    result: Basins,
    ends: Mapping[str, Ends],
    axes: Sequence[np.ndarray],
    coordinates: Any,
    *,
    computed: Any = None,
    color: Color = "end point",
    labels: Sequence[str] = ("x", "y"),
    titles: Mapping[str, str] | None = None,
    value: str = "loss",
    theme: Theme = "light",
    presenter: bool = False,
) -> go.Figure:
    """A map for each optimizer: every cell is a start and shows the run from there.

    Args:
        ends: the runs, in the order of the grid with the first axis slowest.
        axes: the coordinates of the starts along both axes.
        coordinates: of the end points on the map, ["M 2"].
        computed: which starts are computed; the others are blank. All by default.
        color: "end point": the hue says at which end point the run ends, and the shade how late it settled; more
            than eight end points are colored by their loss. "steps": the step from which on the run is settled.
            "loss": the loss at its end.
        titles: of the maps, by optimizer; their names by default.
    """
    x, y = (np.asarray(axis, float) for axis in axes)
    count, points = x.size * y.size, size(presenter)
    is_computed = np.ones(count, bool) if computed is None else np.asarray(computed, bool)
    maps = [
        Runs(label, runs, result.indices[label], is_computed, (x.size, y.size)) for label, runs in ends.items()
    ]
    is_hued = color == "end point" and len(result.points) <= len(HUES)
    scale = ColorScale.of(color, result, maps, value)
    span = span_of_steps(maps)
    lines = _level_lines(maps[0]) if maps else None
    layout: dict[str, Any] = {"annotations": []}
    traces: list[Any] = []
    for index, (runs, domain) in enumerate(zip(maps, _domains(len(maps)), strict=True)):
        suffix = "" if index == 0 else str(index + 1)
        axis_names = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        cells = {
            "x": x,
            "y": y,
            "hoverongaps": False,
            "meta": {"role": "cells", "label": runs.label},
            **axis_names,
        }
        hover = runs.hover(value)
        if is_hued:
            traces += hued_cells(runs, span, theme, cells, hover)
        else:
            bar = {"thickness": 12, "tickfont": {"size": points - 1}, "len": 0.9} if index == 0 else None
            traces += scale.cells(runs, theme, cells, hover, bar)
        if lines is not None:
            traces.append(go.Contour(x=x, y=y, **lines, **axis_names))
        traces.append(_end_points(result, np.asarray(coordinates, float), runs.index, value, points, axis_names))
        layout |= _axes(index, suffix, domain, (_edges(x), _edges(y)), labels)
        (left, right), (_, top) = domain
        layout["annotations"].append(
            {
                **{"xref": "paper", "yref": "paper", "x": (left + right) / 2, "y": top, "showarrow": False},
                **{"xanchor": "center", "yanchor": "bottom", "text": (titles or {}).get(runs.label, runs.label)},
                "font": {"size": points + 1},
            }
        )
    return go.Figure(
        traces + _key(result, is_hued, color, maps, theme),
        {
            "template": template(theme, presenter),
            **layout,
            "showlegend": True,
            "legend": {"y": 1 + 0.004 * points, "yanchor": "bottom", "itemsizing": "constant"},
            "margin": {"t": 4 * points},
            "meta": {
                "kind": "basins",
                "box": [_edges(x), _edges(y)],
                "labels": list(labels),
                "value": value,
                "terms": {},
                "weights": {},
            },
        },
    )


def _edges(axis: np.ndarray) -> list[float]:
    """The outer edges of the cells along an axis."""
    half = (axis[-1] - axis[0]) / max(len(axis) - 1, 1) / 2 or 0.5
    return [float(axis[0] - half), float(axis[-1] + half)]


def _domains(count: int) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The place of each map in the figure, the first row on top."""
    rows = max(1, math.ceil(count / MAX_ROW_LENGTH))
    columns = max(1, math.ceil(count / rows))
    width, height = (1 - GAP * (columns - 1)) / columns, (1 - ROW_GAP * (rows - 1)) / rows
    domains = []
    for index in range(count):
        row, column = divmod(index, columns)
        left, top = column * (width + GAP), 1 - row * (height + ROW_GAP)
        domains.append(((left, left + width), (max(0.0, top - height), top)))
    return domains


def _axes(index: int, suffix: str, domain: Any, box: Any, labels: Sequence[str]) -> dict[str, Any]:
    horizontal, vertical = domain
    lengths = [high - low for low, high in box]
    axis_options = {"showgrid": False, "zeroline": False, "constrain": "domain"}
    x: dict[str, Any] = {"domain": horizontal, "range": box[0], "anchor": f"y{suffix}", **axis_options}
    y: dict[str, Any] = {"domain": vertical, "range": box[1], "anchor": f"x{suffix}", **axis_options}
    y["constraintoward"] = "top"  # below the title
    x["title"] = {"text": labels[0]}
    if horizontal[0] == 0:
        y["title"] = {"text": labels[1]}
    if index:
        x |= {"matches": "x"}
        y |= {"matches": "y", "showticklabels": horizontal[0] == 0}
    elif max(lengths) <= MAX_ISOMETRIC_RATIO * min(lengths):
        y["scaleanchor"] = "x"
    return {f"xaxis{suffix}": x, f"yaxis{suffix}": y}


def _level_lines(runs: Runs) -> dict[str, Any] | None:
    """Level lines of the loss at the starts, evenly spaced in log(L − Lmin + ε); None without a loss."""
    if min(runs.shape) < MIN_LINED_GRID:
        return None
    heights = np.where(runs.is_computed, np.asarray(runs.ends.start_loss, float), np.nan)
    if not np.isfinite(heights).any() or not np.nanmax(heights) > np.nanmin(heights):
        return None
    low, high = np.nanmin(heights), np.nanmax(heights)
    logs = np.log10(heights - low + 1e-3 * (high - low))
    lowest, highest = float(np.nanmin(logs)), float(np.nanmax(logs))
    step = (highest - lowest) / LEVEL_LINES
    return {
        "z": runs.grid(logs),
        "contours": {"coloring": "none", "start": lowest + step / 2, "end": highest, "size": step},
        "line": {"color": "rgba(255,255,255,0.45)", "width": 0.8},
        "showlegend": False,
        "hoverinfo": "skip",
        "meta": {"role": "level lines"},
    }


def _end_points(
    result: Basins, coordinates: np.ndarray, index: np.ndarray, value: str, points: int, axis_names: Any
) -> Any:
    """The end points of this optimizer's runs; known minimizers are stars."""
    counts = np.bincount(index[index >= 0], minlength=len(result.points))
    indices = np.flatnonzero(counts)
    points_on_map = coordinates.reshape(-1, 2)[indices]
    return go.Scatter(
        x=points_on_map[:, 0],
        y=points_on_map[:, 1],
        customdata=np.stack([indices + 1, result.values[indices], counts[indices]], axis=-1),
        mode="markers",
        marker={
            "symbol": np.where(result.is_known[indices], "star", "circle"),
            "size": np.where(
                result.is_known[indices],
                points,
                points / (2 if len(indices) <= len(HUES) else 3),
            ),
            "color": "white",
            "line": {"color": "#111", "width": 1.2},
        },
        showlegend=False,
        hovertemplate=f"end point %{{customdata[0]}}<br>{value} %{{customdata[1]:.5g}}<br>"
        "%{customdata[2]} runs end here<extra></extra>",
        meta={"role": "end points"},
        **axis_names,
    )


def _key(result: Basins, is_hued: bool, color: Color, maps: list[Runs], theme: Theme) -> list[Any]:
    """A square for each color of a cell that occurs."""
    used_indices = np.unique(np.concatenate([np.zeros(0, int), *(runs.index[runs.is_computed] for runs in maps)]))
    entries = []
    for k in used_indices[used_indices >= 0] if is_hued else ():
        name = "★" if result.is_known[k] else f"end point {k + 1}"
        numbers = [f"{number:.3g}".replace("-", "−") for number in result.points[k] + 0.0]
        coordinates = f" ({', '.join(numbers)})" if len(numbers) == 2 else ""
        entries.append((f"{name}{coordinates}", HUES[k]))
    unsettled = [(runs.ends.settled < 0) & ~runs.ends.diverged & runs.is_computed for runs in maps]
    if color == "steps" and np.any(unsettled):
        entries.append(("not settled", elsewhere_color(theme)))
    if color == "end point" and ELSEWHERE in used_indices:
        entries.append(("at no end point yet", elsewhere_color(theme)))
    if DIVERGED in used_indices:
        entries.append(("diverged", DIVERGED_COLOR))
    outline = {"color": text_color(theme, 0.5), "width": 1}
    return [
        go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker={"symbol": "square", "size": 12, "color": hue, "line": outline},
            name=name,
            hoverinfo="skip",
            meta={"role": "key", "label": name},
        )
        for name, hue in entries
    ]
