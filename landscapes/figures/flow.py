"""The players' motion as short curved arrows over a picture, flat on a contour plot or draped over a surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import GREY
from landscapes.figures.picture import Picture

if TYPE_CHECKING:
    from landscapes.games.flow import Flow

# Arrows per axis, steps along each, and their length where the motion is fastest, in spacings of the arrows.
ARROWS = 15
STEPS = 12
LENGTH = 1.35
# Slower motion has shorter arrows, but none below this share: its direction is what is to be seen.
SHORTEST = 0.35
BARB = 0.28
COLOR = "rgba(255,255,255,0.9)"


def flow_traces(picture: Picture, flow: Flow | None, *, solid: bool, presenter: bool) -> list[Any]:
    """One trace of arrows along the motion −v; each follows the field from its foot to its head. A longer arrow is
    a faster motion, compressed: its length grows with the root of the speed."""
    if flow is None:
        return []
    curves = arrows(flow, picture.box)
    if not len(curves):
        return []
    gap = np.full((len(curves), 1, 2), np.nan)
    points = np.concatenate([curves, gap], axis=1).reshape(-1, 2)
    columns = [*points.T]
    if solid:
        heights = picture.heights_at(points) + picture.lift
        columns.append(np.where(np.isfinite(points[:, 0]), heights, np.nan))
    kind: Any = go.Scatter3d if solid else go.Scatter
    named = {"name": "motion of the players", "legendgroup": "motion of the players"}
    # White is no color for a legend on a white page: a line without points stands there for the arrows.
    blank = {axis: [None] for axis in ("xyz" if solid else "xy")}
    return [
        kind(**blank, mode="lines", line={"color": GREY, "width": 2}, **named, meta={"role": "flow"}),
        kind(
            **dict(zip("xyz", (column.astype(np.float32) for column in columns), strict=False)),
            mode="lines",
            line={"color": "white" if solid else COLOR, "width": (4 if presenter else 3) if solid else 1.4},
            hoverinfo="skip",
            **named,
            showlegend=False,
            meta={"role": "flow"},
        ),
    ]


def arrows(flow: Flow, box: Any) -> np.ndarray:
    """["A P 2"]: arrows with their barbs, each in one stroke, in coordinates of the box; none where the field is
    not finite."""
    low, high = np.array(box, float).T
    side = np.linspace(0, 1, 2 * ARROWS + 1)[1::2]
    feet = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    speed = _at(flow, feet, low, high)
    size = np.hypot(*speed.T)
    top = np.nanmax(size, initial=0.0)
    if not top > 0:
        return np.zeros((0, 0, 2))
    share = np.clip(np.sqrt(size / top), SHORTEST, 1) * (size > 1e-9 * top)
    keep = np.isfinite(share) & (share > 0)
    feet, length = feet[keep], share[keep] * LENGTH / ARROWS
    curve = [feet]
    for _ in range(STEPS):
        middle = curve[-1] + 0.5 * (length / STEPS)[:, None] * _way(flow, curve[-1], low, high)
        curve.append(curve[-1] + (length / STEPS)[:, None] * _way(flow, middle, low, high))
    head, way = curve[-1], _way(flow, curve[-1], low, high)
    across = np.stack([-way[:, 1], way[:, 0]], axis=1)
    barb = (BARB / ARROWS * np.ones(len(feet)))[:, None]
    left, right = head + barb * (-way + 0.55 * across), head + barb * (-way - 0.55 * across)
    strokes = np.stack([*curve, left, head, right], axis=1)
    whole = np.all(np.isfinite(strokes), axis=(1, 2))
    return low + strokes[whole] * (high - low)


def _at(flow: Flow, places: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The motion at places in the unit square, in units of the box's sides, so that arrows look as the picture
    does; linearly interpolated."""
    columns = []
    inside = np.clip(places, 0, 1) * (high - low) + low
    for k in range(2):
        columns.append(_linear(flow.axes, flow.motion[..., k], inside) / (high[k] - low[k]))
    return np.stack(columns, axis=1)


def _way(flow: Flow, places: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    motion = _at(flow, places, low, high)
    size = np.hypot(*motion.T)[:, None]
    return np.where(size > 0, motion / np.where(size > 0, size, 1), 0)


def _linear(axes: Any, grid: np.ndarray, places: np.ndarray) -> np.ndarray:
    cells = []
    for axis, c in zip(axes, places.T, strict=True):
        i = np.clip(np.searchsorted(axis, c, side="right") - 1, 0, len(axis) - 2)
        cells.append((i, (c - axis[i]) / (axis[i + 1] - axis[i])))
    (i, s), (j, t) = cells
    low = grid[i, j] * (1 - t) + grid[i, j + 1] * t
    high = grid[i + 1, j] * (1 - t) + grid[i + 1, j + 1] * t
    return low * (1 - s) + high * s
