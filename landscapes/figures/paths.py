"""Traces of optimizer paths on a picture: the line, its distance from the plane, its start and its end.

The stage reads `trace.meta` = {"role": "path" | "casing" | "shadow" | "rings" | "head" | "stop" | "start",
"label": …, "steps": […]}. At step s it draws only the points whose step is at most s. "casing" is the outline of a
path in the color of the page, "shadow" is the path on the floor of a scene.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from landscapes.figures.drawn_steps import drawn_paths
from landscapes.figures.end_labels import divergence_label, last_visible_point
from landscapes.figures.palette import (
    OUTLINE_COLOR,
    SHADOW_COLORS,
    Style,
    page_color,
    size,
    styles,
    text_color,
)
from landscapes.figures.picture import Picture

if TYPE_CHECKING:
    from landscapes.figures.palette import Theme
    from landscapes.slices.projection import Projection

# Rings per path.
MAX_RINGS = 24
# Steps longer than the picture's longer side divided by this get extra points, which lie on the surface.
SEGMENTS_PER_SIDE = 40
# A path counts as lying in the plane up to this distance, relative to half of the picture's longer side.
ON_PLANE_TOLERANCE = 0.01
# Points farther from the center than this many picture sizes are left out of a scene. gl3d scales a scene by its
# largest coordinate: with one point at 1e9 the surface's triangles no longer join.
MAX_DISTANCE_IN_PICTURES = 100.0
# Points of an outline or a shadow are at least this fraction of the picture's longer side apart.
POINTS_PER_SIDE = 400
UNLABELED = ("casing", "shadow")  # traces without a hover text
HOVER_TEMPLATE = (
    "<b>%{{fullData.legendgroup}}</b> step %{{customdata[0]:d}}<br>{value} %{{customdata[1]:.4g}}<br>"
    "{value} on the {flat} %{{customdata[2]:.4g}}<br>distance off the {flat} %{{customdata[3]:.3g}}<extra></extra>"
)


def path_traces(
    picture: Picture, paths: Mapping[str, Projection], *, value: str, solid: bool, theme: Theme, presenter: bool
) -> list[Any]:
    """The traces of all paths, in three dimensions (`solid`), on a contour plot or along a line (one axis).

    The hover text of each step has the true loss, named `value`, and the picture's loss at the projected point.
    """
    styles_by_label = styles(paths)
    paths = drawn_paths(paths)
    traces = [
        trace
        for label, path in paths.items()
        if len(path.steps)
        for trace in _traces_of_path(picture, label, path, styles_by_label[label], value, solid, theme, presenter)
    ]
    return [*traces, *_legend_entries({trace.meta["role"] for trace in traces}, solid, theme)]


def _legend_entries(roles: set[str], solid: bool, theme: Theme) -> list[Any]:
    """Legend entries for the markers that all paths share; these traces have no points."""
    muted_color = text_color(theme, 0.75)
    # A scene has labels at the ends.
    ends = {} if solid else {"head": ("end", {"symbol": "circle", "color": muted_color})}
    styles_by_label = {
        "start": ("start", {"symbol": "circle", "color": "white", "line": {"color": "#333", "width": 1.5}}),
        **ends,
        "rings": (
            "rings: distance off the plane",
            {"symbol": "circle-open", "color": muted_color, "line": {"width": 1.2}},
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
        for role, (name, marker) in styles_by_label.items()
        if role in roles
    ]


def _traces_of_path(
    picture, label, path, style: Style, value: str, solid: bool, theme: Theme, presenter: bool
) -> list[Any]:
    curve = len(picture.axes) == 1
    # Along a line, a path is almost nowhere on the line itself, so it is drawn at its true loss.
    heights = (
        picture.true_heights(path) if curve else picture.scale(path.plane_loss) + (picture.lift if solid else 0)
    )
    points = np.column_stack([path.coordinates, heights]) if solid or curve else path.coordinates
    hover_data = np.column_stack([path.steps, path.loss, path.plane_loss, path.distance]).astype(np.float64)
    width = 4 if presenter else 2.5
    # gl3d draws markers about three times larger than their size in pixels.
    dot = (11 if presenter else 8) / (2 if solid else 1)

    def trace(role: str, indices: Any, mode: str, points: np.ndarray = points, **look: Any) -> Any:
        names = "xyz" if points.shape[1] == 3 else "xy"
        if solid:
            points = _without_far_points(picture, points)
        with np.errstate(over="ignore"):  # points that overflow float32 are far outside the picture
            points = points.astype(np.float32)
        template_text = HOVER_TEMPLATE.format(value=value, flat="line" if curve else "picture")
        hover = (
            {"hoverinfo": "skip"}
            if role in UNLABELED
            else {"customdata": hover_data[indices], "hovertemplate": template_text}
        )
        return (go.Scatter3d if solid else go.Scatter)(
            **dict(zip(names, points.T, strict=True)),
            **hover,
            **{"name": label, "legendgroup": label, "showlegend": False, "mode": mode, **look},
            meta={"role": role, "label": label, "steps": path.steps[indices].tolist()},
        )

    def marker_trace(role: str, indices: Any, **marker: Any) -> Any:
        marker_lift = [0.0, 0.0, picture.marker_lift] if solid and role != "rings" else 0.0
        return trace(role, indices, "markers", points[indices] + marker_lift, marker=marker)

    all_steps = np.arange(len(path.steps))
    traces = []
    if curve:
        dots = {"symbol": style.symbol, "color": style.color, "size": dot - 4}
        dashed_line = {"color": style.color, "width": width / 2, "dash": "dash"}
        traces.append(trace("path", all_steps, "lines+markers", marker=dots, line=dashed_line, showlegend=True))
    else:
        step_indices, draped = _with_draped_steps(picture, path, points) if solid else (all_steps, points)
        if solid:
            keep = _thinned(draped[:, :2], 2 * picture.radius / POINTS_PER_SIDE)
            outline_points = draped[keep] - [0.0, 0.0, picture.lift - picture.outline_lift]
            shadow_points = np.column_stack([draped[keep, :2], np.full(len(keep), picture.shadow_height)])
            shadow_line = {"color": SHADOW_COLORS[theme], "width": 2.6 * width}
            outline = {"color": page_color(theme), "width": 2.4 * width + 3}
            traces.append(trace("shadow", step_indices[keep], "lines", shadow_points, line=shadow_line))
            traces.append(trace("casing", step_indices[keep], "lines", outline_points, line=outline))
        else:
            traces.append(
                trace("casing", step_indices, "lines", draped, line={"color": OUTLINE_COLOR, "width": width + 3})
            )
        line = {"color": style.color, "dash": style.dash, "width": 2.4 * width if solid else width}
        # A path of a scene has its name at its end, and not a second time in the legend.
        is_in_legend = not solid or last_visible_point(picture, path, heights) is None
        traces.append(trace("path", step_indices, "lines", draped, line=line, showlegend=is_in_legend))
    step_indices, sizes = _rings(picture, path)
    if len(step_indices):
        sizes = sizes * 0.7 if solid else sizes
        ring_trace = marker_trace(
            "rings", step_indices, symbol="circle-open", color=style.color, size=sizes, line={"width": 1.2}
        )
        traces.append(ring_trace.update(opacity=0.6 if solid else 0.75))
    traces.append(
        marker_trace("start", all_steps[:1], color="white", size=0.75 * dot, line={"color": "#333", "width": 1.5})
    )
    edge = {"color": "white", "width": 1.5}
    traces.append(
        marker_trace("head", all_steps[-1:], symbol=style.symbol, color=style.color, size=dot, line=edge)
    )
    last = last_visible_point(picture, path, heights) if path.outcome.kind == "diverged" else None
    if not solid and last is not None:
        right = points[last, 0] > sum(picture.box[0]) / 2
        divergence_text = divergence_label(label, path)
        font = (
            {"color": text_color(theme)} if curve else {"color": "white", "shadow": "0 0 3px black, 0 0 6px black"}
        )
        stop = trace(
            "stop",
            [last],
            "text",
            points[[last]],
            text=[f"{divergence_text} ×" if right else f"× {divergence_text}"],
            textposition="middle left" if right else "middle right",
            textfont={"size": size(presenter), **font},
        )
        traces.append(stop)
    return traces


def _without_far_points(picture: Picture, points: np.ndarray) -> np.ndarray:
    """The points["n 3"], NaN where they are more than `MAX_DISTANCE_IN_PICTURES` from the picture's center."""
    low, high = np.array([*picture.box, picture.scale.range]).T
    keep = np.all(np.abs(points - (low + high) / 2) <= MAX_DISTANCE_IN_PICTURES * (high - low), axis=1)
    return np.where(keep[:, None], points, np.nan)


def _with_draped_steps(picture: Picture, path: Projection, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(step indices, points["m 3"]) of the path with points on the drawn surface added to its long steps.

    Straight lines between distant points would pass below the surface. An added point has the index of the step
    that ends its segment.
    """
    step_lengths = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1)
    extra = np.clip(
        np.nan_to_num(step_lengths * SEGMENTS_PER_SIDE / (2 * picture.radius)), 0, SEGMENTS_PER_SIDE
    ).astype(int)
    indices = np.repeat(np.arange(len(points)), [1, *(extra + 1)])
    # Position of each point within its segment, from 0 to 1; 1 is the snapshot that ends the segment.
    start = np.cumsum([0, 1, *(extra + 1)])[indices]
    share = np.where(
        indices > 0, (np.arange(len(indices)) - start + 1) / np.concatenate([[1], extra + 1])[indices], 1.0
    )[:, None]
    draped = (1 - share) * points[np.maximum(indices - 1, 0)] + share * points[indices]
    between = share[:, 0] < 1
    surface = picture.heights_at(draped[:, :2]) + picture.lift
    draped[:, 2] = np.where(between & np.isfinite(surface), surface, draped[:, 2])
    draped[~between] = points
    return indices, draped


def _thinned(points: np.ndarray, distance: float) -> np.ndarray:
    """Indices of points["n K"] along a path: the first, the last and every one at least `distance` from the one
    before it. Wide lines look frayed where points are closer than the line is wide."""
    kept = [0]
    for k in range(1, len(points) - 1):
        if not np.abs(points[k] - points[kept[-1]]).max() < distance:
            kept.append(k)
    return np.array(kept + [len(points) - 1] * (len(points) > 1))


def _rings(picture: Picture, path: Projection) -> tuple[np.ndarray, np.ndarray]:
    """(step indices, sizes in pixels) of the rings, which grow with the path's distance from the plane.

    They are evenly spaced along the drawn path. A path in the plane has none.
    """
    distance = np.nan_to_num(np.asarray(path.distance, np.float64))
    if not np.any(distance > ON_PLANE_TOLERANCE * picture.radius):
        return np.array([], int), np.array([])
    step_lengths = np.linalg.norm(np.diff(np.nan_to_num(path.coordinates), axis=0), axis=1)
    arc_length = np.concatenate([[0.0], np.cumsum(step_lengths)])
    indices = np.unique(
        np.searchsorted(arc_length, np.linspace(0, arc_length[-1], MAX_RINGS)).clip(0, len(arc_length) - 1)
    )
    indices = indices[distance[indices] > ON_PLANE_TOLERANCE * picture.radius]
    return indices, 5 + 20 * distance[indices] / (distance[indices] + picture.radius)
