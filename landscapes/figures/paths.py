"""Traces of optimizer paths on a picture: the line, its distance off the plane, its start and its end.

`trace.meta` tells a player what a trace is: {"role": "path" | "casing" | "rings" | "head" | "stop" | "start",
"label": …, "steps": […]}; at step s the traces with steps are cut behind the last one that is ≤ s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.palette import CASING, Style, ink, size, styles, wash
from landscapes.figures.picture import Picture

if TYPE_CHECKING:
    from landscapes.figures.palette import Theme
    from landscapes.slices.projection import Projection

RINGS = 24
# A longer move than a picture's half-width over this is draped over the surface.
CELLS = 40
# A path nearer to the plane than this share of the picture's half-width is on it, as far as an eye can tell.
ON_PLANE = 0.01
# gl3d scales a scene by the largest of all its coordinates: one point at 1e9 and the surface's own triangles tear.
FAR = 100.0
HOVER = (
    "<b>%{{fullData.legendgroup}}</b> step %{{customdata[0]:d}}<br>{value} %{{customdata[1]:.4g}}<br>"
    "{value} on the {flat} %{{customdata[2]:.4g}}<br>distance off the {flat} %{{customdata[3]:.3g}}<extra></extra>"
)


def path_traces(
    picture: Picture, paths: Mapping[str, Projection], *, value: str, solid: bool, theme: Theme, presenter: bool
) -> list[Any]:
    """All traces of all paths, in three dimensions (`solid`), on a contour, or along a line (one axis). Hovering
    over one tells its loss at each step, called `value`, and that of the picture at its projection."""
    looks = styles(paths)
    traces = [
        trace
        for label, path in paths.items()
        if len(path.steps)
        for trace in _traces(picture, label, path, looks[label], value, solid, theme, presenter)
    ]
    return [*traces, *_keys({trace.meta["role"] for trace in traces}, solid, theme)]


def _keys(roles: set[str], solid: bool, theme: Theme) -> list[Any]:
    """Entries of the legend for the marks that all paths share; they draw nothing."""
    quiet = ink(theme, 0.75)
    looks = {
        "start": ("start", {"symbol": "circle", "color": "white", "line": {"color": "#333", "width": 1.5}}),
        "head": ("end", {"symbol": "circle", "color": quiet}),
        "rings": (
            "rings: distance off the plane",
            {"symbol": "circle-open", "color": quiet, "line": {"width": 1.2}},
        ),
    }
    return [
        (go.Scatter3d if solid else go.Scatter)(
            **{axis: [None] for axis in ("xyz" if solid else "xy")},
            mode="markers",
            marker={"size": 8, **marker},
            name=name,
            showlegend=True,
            hoverinfo="skip",
            meta={"role": "key", "explains": role},
        )
        for role, (name, marker) in looks.items()
        if role in roles
    ]


def stop_labels(
    picture: Picture, paths: Mapping[str, Projection], *, theme: Theme, presenter: bool
) -> list[dict[str, Any]]:
    """Annotations of a scene for the paths that diverged; a trace's text would sink into the surface. Each is
    named "stop" and the step at which it begins to be true."""
    labels = []
    for label, path in paths.items():
        heights = picture.scale(path.plane_loss) + picture.lift
        if (last := _stopped(picture, path, heights)) is not None:
            x, y = path.coordinates[last]
            labels.append(
                {
                    **{"x": x, "y": y, "z": heights[last], "name": f"stop {path.steps[last]}"},
                    **{
                        "text": _farewell(label, path),
                        "ax": 0,
                        "ay": -36 - 2 * size(presenter) * len(labels),
                        "arrowhead": 6,
                        "arrowwidth": 1.5,
                    },
                    "arrowcolor": ink(theme, 0.8),
                    "bgcolor": wash(theme, 0.06),
                    "opacity": 0.9,
                    "font": {"size": size(presenter), "color": ink(theme)},
                }
            )
    return labels


def _traces(
    picture, label, path, style: Style, value: str, solid: bool, theme: Theme, presenter: bool
) -> list[Any]:
    curve = len(picture.axes) == 1
    # A path is off a line almost everywhere: it stands at its own loss, and not on the curve.
    heights = (
        picture.at_own_loss(path) if curve else picture.scale(path.plane_loss) + (picture.lift if solid else 0)
    )
    points = np.column_stack([path.coordinates, heights]) if solid or curve else path.coordinates
    facts = np.column_stack([path.steps, path.loss, path.plane_loss, path.distance]).astype(np.float64)
    width = 4 if presenter else 2.5
    # gl3d draws a marker about three times as large as asked for.
    dot = (11 if presenter else 8) / (2 if solid else 1)

    def trace(role: str, at: Any, mode: str, points: np.ndarray = points, **look: Any) -> Any:
        names = "xyz" if points.shape[1] == 3 else "xy"
        if solid:
            points = _near(picture, points)
        with np.errstate(over="ignore"):  # what overflows float32 has long left the picture
            points = points.astype(np.float32)
        words = HOVER.format(value=value, flat="line" if curve else "picture")
        hover = {"customdata": facts[at], "hovertemplate": words} if role != "casing" else {"hoverinfo": "skip"}
        return (go.Scatter3d if solid else go.Scatter)(
            **dict(zip(names, points.T, strict=True)),
            **hover,
            **{"name": label, "legendgroup": label, "showlegend": False, "mode": mode, **look},
            meta={"role": role, "label": label, "steps": path.steps[at].tolist()},
        )

    def marked(role: str, at: Any, **marker: Any) -> Any:
        stand = [0.0, 0.0, picture.stand] if solid and role != "rings" else 0.0
        return trace(role, at, "markers", points[at] + stand, marker=marker)

    every = np.arange(len(path.steps))
    traces = []
    if curve:
        dots = {"symbol": style.symbol, "color": style.color, "size": dot - 4}
        thread = {"color": style.color, "width": width / 2, "dash": "dash"}
        traces.append(trace("path", every, "lines+markers", marker=dots, line=thread, showlegend=True))
    else:
        at, along = _draped(picture, path, points) if solid else (every, points)
        if not solid:
            traces.append(trace("casing", at, "lines", along, line={"color": CASING, "width": width + 3}))
        line = {"color": style.color, "dash": style.dash, "width": width * 2 if solid else width}
        traces.append(trace("path", at, "lines", along, line=line, showlegend=True))
    at, sizes = _rings(picture, path)
    if len(at):
        sizes = sizes * 0.7 if solid else sizes
        ring = marked("rings", at, symbol="circle-open", color=style.color, size=sizes, line={"width": 1.2})
        traces.append(ring.update(opacity=0.75))
    traces.append(marked("start", every[:1], color="white", size=0.75 * dot, line={"color": "#333", "width": 1.5}))
    edge = {"color": "white", "width": 1.5}
    traces.append(marked("head", every[-1:], symbol=style.symbol, color=style.color, size=dot, line=edge))
    if not solid and (last := _stopped(picture, path, heights)) is not None:
        right = points[last, 0] > sum(picture.box[0]) / 2
        words = _farewell(label, path)
        font = {"color": ink(theme)} if curve else {"color": "white", "shadow": "0 0 3px black, 0 0 6px black"}
        stop = trace(
            "stop",
            [last],
            "text",
            points[[last]],
            text=[f"{words} ×" if right else f"× {words}"],
            textposition="middle left" if right else "middle right",
            textfont={"size": size(presenter), **font},
        )
        traces.append(stop)
    return traces


def _near(picture: Picture, points: np.ndarray) -> np.ndarray:
    """The points["n 3"], NaN for those that lie a hundred times the picture's size beside it."""
    low, high = np.array([*picture.box, picture.scale.range]).T
    keep = np.all(np.abs(points - (low + high) / 2) <= FAR * (high - low), axis=1)
    return np.where(keep[:, None], points, np.nan)


def _stopped(picture: Picture, path: Projection, heights: np.ndarray) -> int | None:
    """The last point of a diverged path that can be seen: its last finite point is mostly far outside."""
    if path.outcome.kind != "diverged" or not len(path.steps):
        return None
    seen = np.flatnonzero(picture.inside(path.coordinates) & np.isfinite(heights))
    return int(seen[-1]) if len(seen) else None


def _farewell(label: str, path: Projection) -> str:
    return f"{label} diverged at step {path.outcome.step}"


def _draped(picture: Picture, path: Projection, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The path with points added to its long moves, which lie on the drawn surface: straight lines between distant
    points would run through hills. Each added point belongs to the step at the end of its move.
    """
    moves = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1)
    extra = np.clip(np.nan_to_num(moves * CELLS / (2 * picture.radius)), 0, CELLS).astype(int)
    at = np.repeat(np.arange(len(points)), [1, *(extra + 1)])
    # The place of each point within its move: 1 at the snapshot that ends it.
    start = np.cumsum([0, 1, *(extra + 1)])[at]
    share = np.where(at > 0, (np.arange(len(at)) - start + 1) / np.concatenate([[1], extra + 1])[at], 1.0)[:, None]
    along = (1 - share) * points[np.maximum(at - 1, 0)] + share * points[at]
    between = share[:, 0] < 1
    surface = picture.at(along[:, :2]) + picture.lift
    along[:, 2] = np.where(between & np.isfinite(surface), surface, along[:, 2])
    along[~between] = points
    return at, along


def _rings(picture: Picture, path: Projection) -> tuple[np.ndarray, np.ndarray]:
    """Where to put the rings that show how far off the picture a path is, and how large they are in pixels.

    They are spread evenly along the drawn path; a path on the plane has none.
    """
    distance = np.nan_to_num(np.asarray(path.distance, np.float64))
    if not np.any(distance > ON_PLANE * picture.radius):
        return np.array([], int), np.array([])
    moves = np.linalg.norm(np.diff(np.nan_to_num(path.coordinates), axis=0), axis=1)
    travelled = np.concatenate([[0.0], np.cumsum(moves)])
    at = np.unique(np.searchsorted(travelled, np.linspace(0, travelled[-1], RINGS)).clip(0, len(travelled) - 1))
    at = at[distance[at] > ON_PLANE * picture.radius]
    return at, 5 + 20 * distance[at] / (distance[at] + picture.radius)
