"""The players' motion as short curved arrows, on a contour plot or on a surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import GREY
from landscapes.figures.picture import Picture

if TYPE_CHECKING:
    from landscapes.games.game_flow import Flow

ARROWS_PER_AXIS = 15  # in the picture
STEPS_PER_ARROW = 12  # midpoint steps along the field
LONGEST_ARROW = 1.35  # length where the motion is fastest, in spacings of the arrows
SHORTEST_ARROW = 0.35  # least length relative to the longest, so that the direction stays visible
BARB_LENGTH = 0.28  # in spacings of the arrows
ARROW_COLOR = "rgba(255,255,255,0.9)"


def flow_traces(picture: Picture, flow: Flow | None, *, solid: bool, presenter: bool) -> list[Any]:
    """A legend entry and one trace of arrows along the motion −v; their lengths grow with the root of the
    speed."""
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
    legend_options = {"name": "motion of the players", "legendgroup": "motion of the players"}
    # White is invisible in the legend of a light page, so an empty gray line is the legend entry.
    no_points = {axis: [None] for axis in ("xyz" if solid else "xy")}
    return [
        kind(**no_points, mode="lines", line={"color": GREY, "width": 2}, **legend_options, meta={"role": "flow"}),
        kind(
            **dict(zip("xyz", (column.astype(np.float32) for column in columns), strict=False)),
            mode="lines",
            line={"color": "white" if solid else ARROW_COLOR, "width": (4 if presenter else 3) if solid else 1.4},
            hoverinfo="skip",
            **legend_options,
            showlegend=False,
            meta={"role": "flow"},
        ),
    ]


def arrows(flow: Flow, box: Any) -> np.ndarray:
    """Arrows["A P 2"] in coordinates of the box, each a polyline with its barbs; none where the field is not
    finite."""
    low, high = np.array(box, float).T
    centers = np.linspace(0, 1, 2 * ARROWS_PER_AXIS + 1)[1::2]
    bases = np.stack(np.meshgrid(centers, centers, indexing="ij"), axis=-1).reshape(-1, 2)
    speed = _motion(flow, bases, low, high)
    size = np.hypot(*speed.T)
    max_speed = np.nanmax(size, initial=0.0)
    if not max_speed > 0:
        return np.zeros((0, 0, 2))
    share = np.clip(np.sqrt(size / max_speed), SHORTEST_ARROW, 1) * (size > 1e-9 * max_speed)
    keep = np.isfinite(share) & (share > 0)
    bases, length = bases[keep], share[keep] * LONGEST_ARROW / ARROWS_PER_AXIS
    curve = [bases]
    for _ in range(STEPS_PER_ARROW):
        middle = curve[-1] + 0.5 * (length / STEPS_PER_ARROW)[:, None] * _direction(flow, curve[-1], low, high)
        curve.append(curve[-1] + (length / STEPS_PER_ARROW)[:, None] * _direction(flow, middle, low, high))
    head, direction = curve[-1], _direction(flow, curve[-1], low, high)
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    barb = (BARB_LENGTH / ARROWS_PER_AXIS * np.ones(len(bases)))[:, None]
    left_barb, right_barb = head + barb * (-direction + 0.55 * normal), head + barb * (-direction - 0.55 * normal)
    strokes = np.stack([*curve, left_barb, head, right_barb], axis=1)
    is_finite = np.all(np.isfinite(strokes), axis=(1, 2))
    return low + strokes[is_finite] * (high - low)


def _motion(flow: Flow, points: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The motion["n 2"] at points["n 2"] of the unit square, linearly interpolated, in units of the box's
    sides."""
    columns = []
    inside = np.clip(points, 0, 1) * (high - low) + low
    for k in range(2):
        columns.append(_interpolate(flow.axes, flow.motion[..., k], inside) / (high[k] - low[k]))
    return np.stack(columns, axis=1)


def _direction(flow: Flow, points: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    motion = _motion(flow, points, low, high)
    size = np.hypot(*motion.T)[:, None]
    return np.where(size > 0, motion / np.where(size > 0, size, 1), 0)


def _interpolate(axes: Any, grid: np.ndarray, points: np.ndarray) -> np.ndarray:
    cells = []
    for axis, c in zip(axes, points.T, strict=True):
        i = np.clip(np.searchsorted(axis, c, side="right") - 1, 0, len(axis) - 2)
        cells.append((i, (c - axis[i]) / (axis[i + 1] - axis[i])))
    (i, s), (j, t) = cells
    low = grid[i, j] * (1 - t) + grid[i, j + 1] * t
    high = grid[i + 1, j] * (1 - t) + grid[i + 1, j + 1] * t
    return low * (1 - s) + high * s
