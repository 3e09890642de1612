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
LEVEL_LINES = 12
MIN_LINED_GRID = 8  # starts along an axis, for level lines between them
MAX_ISOMETRIC_RATIO = 3.0  # of the sides of an area whose axes share a scale
GAP, ROW_GAP = 0.03, 0.16  # between maps, of the figure


@check_arguments
def basins(
    found: Basins,
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
    known = np.ones(count, bool) if computed is None else np.asarray(computed, bool)
    maps = [Runs(label, runs, found.indices[label], known, (x.size, y.size)) for label, runs in ends.items()]
    is_hued = color == "end point" and len(found.points) <= len(HUES)
    scale = ColorScale.of(color, found, maps, value)
    span = span_of_steps(maps)
    lines = _level_lines(maps[0]) if maps else None
    layout: dict[str, Any] = {"annotations": []}
    traces: list[Any] = []
    for place, (runs, domain) in enumerate(zip(maps, _domains(len(maps)), strict=True)):
        suffix = "" if place == 0 else str(place + 1)
        on = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        cells = {"x": x, "y": y, "hoverongaps": False, "meta": {"role": "cells", "label": runs.label}, **on}
        hover = runs.hover(value)
        if is_hued:
            traces += hued_cells(runs, span, theme, cells, hover)
        else:
            bar = {"thickness": 12, "tickfont": {"size": points - 1}, "len": 0.9} if place == 0 else None
            traces += scale.cells(runs, theme, cells, hover, bar)
        if lines is not None:
            traces.append(go.Contour(x=x, y=y, **lines, **on))
        traces.append(_end_points(found, np.asarray(coordinates, float), runs.index, value, points, on))
        layout |= _axes(place, suffix, domain, (_edges(x), _edges(y)), labels)
        (left, right), (_, top) = domain
        layout["annotations"].append(
            {
                **{"xref": "paper", "yref": "paper", "x": (left + right) / 2, "y": top, "showarrow": False},
                **{"xanchor": "center", "yanchor": "bottom", "text": (titles or {}).get(runs.label, runs.label)},
                "font": {"size": points + 1},
            }
        )
    return go.Figure(
        traces + _key(found, is_hued, color, maps, theme),
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
    places = []
    for place in range(count):
        row, column = divmod(place, columns)
        left, top = column * (width + GAP), 1 - row * (height + ROW_GAP)
        places.append(((left, left + width), (max(0.0, top - height), top)))
    return places


def _axes(place: int, suffix: str, domain: Any, box: Any, labels: Sequence[str]) -> dict[str, Any]:
    horizontal, vertical = domain
    sides = [high - low for low, high in box]
    shared = {"showgrid": False, "zeroline": False, "constrain": "domain"}
    x: dict[str, Any] = {"domain": horizontal, "range": box[0], "anchor": f"y{suffix}", **shared}
    y: dict[str, Any] = {"domain": vertical, "range": box[1], "anchor": f"x{suffix}", **shared}
    y["constraintoward"] = "top"  # below the title
    x["title"] = {"text": labels[0]}
    if horizontal[0] == 0:
        y["title"] = {"text": labels[1]}
    if place:
        x |= {"matches": "x"}
        y |= {"matches": "y", "showticklabels": horizontal[0] == 0}
    elif max(sides) <= MAX_ISOMETRIC_RATIO * min(sides):
        y["scaleanchor"] = "x"
    return {f"xaxis{suffix}": x, f"yaxis{suffix}": y}


def _level_lines(runs: Runs) -> dict[str, Any] | None:
    """Level lines of the loss at the starts, evenly spaced in log(L − Lmin + ε); None without a loss."""
    if min(runs.shape) < MIN_LINED_GRID:
        return None
    heights = np.where(runs.known, np.asarray(runs.ends.start_loss, float), np.nan)
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
    found: Basins, coordinates: np.ndarray, index: np.ndarray, value: str, points: int, on: Any
) -> Any:
    """The end points of this optimizer's runs; known minimizers are stars."""
    counts = np.bincount(index[index >= 0], minlength=len(found.points))
    shown = np.flatnonzero(counts)
    at = coordinates.reshape(-1, 2)[shown]
    return go.Scatter(
        x=at[:, 0],
        y=at[:, 1],
        customdata=np.stack([shown + 1, found.values[shown], counts[shown]], axis=-1),
        mode="markers",
        marker={
            "symbol": np.where(found.is_known[shown], "star", "circle"),
            "size": np.where(found.is_known[shown], points, points / (2 if len(shown) <= len(HUES) else 3)),
            "color": "white",
            "line": {"color": "#111", "width": 1.2},
        },
        showlegend=False,
        hovertemplate=f"end point %{{customdata[0]}}<br>{value} %{{customdata[1]:.5g}}<br>"
        "%{customdata[2]} runs end here<extra></extra>",
        meta={"role": "end points"},
        **on,
    )


def _key(found: Basins, is_hued: bool, color: Color, maps: list[Runs], theme: Theme) -> list[Any]:
    """A square for each color of a cell that occurs."""
    occurring = np.unique(np.concatenate([np.zeros(0, int), *(runs.index[runs.known] for runs in maps)]))
    entries = []
    for k in occurring[occurring >= 0] if is_hued else ():
        name = "★" if found.is_known[k] else f"end point {k + 1}"
        numbers = [f"{number:.3g}".replace("-", "−") for number in found.points[k] + 0.0]
        where = f" ({', '.join(numbers)})" if len(numbers) == 2 else ""
        entries.append((f"{name}{where}", HUES[k]))
    unsettled = [(runs.ends.settled < 0) & ~runs.ends.diverged & runs.known for runs in maps]
    if color == "steps" and np.any(unsettled):
        entries.append(("not settled", elsewhere_color(theme)))
    if color == "end point" and ELSEWHERE in occurring:
        entries.append(("at no end point yet", elsewhere_color(theme)))
    if DIVERGED in occurring:
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
