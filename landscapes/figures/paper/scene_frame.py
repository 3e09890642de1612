"""The floor, the axes and the labels of a scene, drawn as paths and text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from landscapes.figures.paper.layout import QUIET_COLOR, panel_points, wrap_text
from landscapes.figures.paper.plotly_looks import color, plain, points
from landscapes.figures.paper.presets import DARK, PaperStyle
from landscapes.figures.paper.scene_projection import Projection3D

NUM_TICKS = 5  # intervals between ticks along an axis, about
TICK_POINTS = 2.5  # length of a tick
BEHIND, BEFORE = 1.4, 3.0  # order of drawing of labels that the surface may hide, and of others
MIN_GAIN = 0.4  # in distance from the eye, in units of the scene


def draw_frame(axes: Any, figure: Any, project: Projection3D, look: PaperStyle) -> None:
    """The floor, and the three edges with ticks and titles: the nearer ones of the floor, and the left one.

    If the nearer edge of the floor ends at the left edge and is hardly nearer than the opposite one, the opposite
    one gets the labels, because beside the left edge there is no room for them.
    """
    from matplotlib.patches import Polygon

    low, high = project.low, project.high
    square = np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]])
    floor = np.column_stack([square, np.full(4, low[2])])
    axes.add_patch(Polygon(project(floor), facecolor="#f4f5f7", edgecolor="#c9ccd3", linewidth=0.4, zorder=0.5))
    middle = project(floor.mean(axis=0))
    corners = sorted((floor[i] for i in range(4)), key=lambda corner: project(corner)[0])
    scene, width_points = figure.layout.scene, panel_points(axes.get_figure(root=False))
    for k, axis in ((0, scene.xaxis), (1, scene.yaxis)):
        other_axis = 1 - k
        edges = []
        for end in (low[other_axis], high[other_axis]):
            ends = np.array([low, low], float)
            ends[1, k], ends[:, other_axis] = high[k], end
            edges.append(ends)
        near_edge, far_edge = sorted(edges, key=lambda ends: float(project.distance(ends.mean(axis=0))))
        gain = float(np.diff(project.distance(np.array([near_edge, far_edge]).mean(axis=1)))[0])
        has_no_room = gain < MIN_GAIN and np.any(np.all(near_edge == corners[0], axis=1))
        edge, order = (far_edge, BEHIND) if has_no_room else (near_edge, BEFORE)
        _edge(axes, axis, project, edge, k, middle, look, 0.5 * width_points, order)
    vertical_edge = np.array([corners[0], corners[0]], float)
    vertical_edge[1, 2] = high[2]
    _edge(axes, scene.zaxis, project, vertical_edge, 2, project((low + high) / 2), look, 0.4 * width_points)


def _edge(
    axes: Any,
    axis: Any,
    project: Projection3D,
    ends: np.ndarray,
    k: int,
    middle: np.ndarray,
    look: PaperStyle,
    title_width: float,
    order: float = BEFORE,
) -> None:
    """One edge of the frame with its ticks, their labels and its title, away from the middle of the picture."""
    from matplotlib.path import Path

    screen = project(ends)
    edge_direction = (screen[1] - screen[0]) / np.linalg.norm(screen[1] - screen[0])
    outward = np.array([-edge_direction[1], edge_direction[0]])
    outward *= np.sign(outward @ (screen.mean(axis=0) - middle)) or 1.0
    axes.plot(*screen.T, color="#6b6e76", linewidth=0.6, zorder=1.3, solid_capstyle="projecting")
    values, texts = _ticks(axis, float(ends[0, k]), float(ends[1, k]))
    tick_points = np.repeat(ends[:1], len(values), axis=0)
    tick_points[:, k] = values
    tick_points = project(tick_points)
    # A marker is as large as twice its path's farthest coordinate.
    tick = {
        "marker": Path([(0.0, 0.0), tuple(outward)]),
        "markersize": 2 * TICK_POINTS * float(np.abs(outward).max()),
    }
    axes.plot(*tick_points.T, linestyle="none", markeredgewidth=0.5, markeredgecolor="#6b6e76", zorder=1.3, **tick)
    size = look.preset.small_points
    text_options = {"ha": "center", "va": "center", "zorder": order}
    widest = 0.0
    for position, text in zip(tick_points, texts, strict=True):
        half = np.array([0.27 * size * len(text), 0.5 * size])  # of the label, in points
        distance = TICK_POINTS + 1.5 + float(np.abs(outward) @ half)
        widest = max(widest, 2 * float(np.abs(outward) @ half))
        axes.annotate(
            text,
            position,
            xytext=tuple(distance * outward),
            textcoords="offset points",
            fontsize=size,
            color=DARK,
            **text_options,
        )
    angle = float(np.degrees(np.arctan2(edge_direction[1], edge_direction[0])))
    angle = (angle + 90) % 180 - 90 if k < 2 else 90.0
    angle = 0.0 if len(axis.title.text or "") < 4 else angle
    title = wrap_text(plain(axis.title.text).replace("\n", " "), title_width, look.preset.points)
    lines = title.count("\n") + 1
    axes.annotate(
        title,
        screen.mean(axis=0),
        xytext=tuple((TICK_POINTS + 5.5 + widest + 0.62 * lines * look.preset.points) * outward),
        textcoords="offset points",
        fontsize=look.preset.points,
        rotation=angle,
        rotation_mode="anchor",
        color=DARK,
        **text_options,
    )


def _ticks(axis: Any, low: float, high: float) -> tuple[np.ndarray, list[str]]:
    from matplotlib.ticker import MaxNLocator

    margin = 1e-9 * (high - low)
    if axis.tickvals is not None:
        values = np.asarray(list(axis.tickvals), float)
        tick_texts = None if axis.ticktext is None else [plain(str(text)) for text in axis.ticktext]
    else:
        values, tick_texts = (
            np.asarray(MaxNLocator(nbins=NUM_TICKS, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high), float),
            None,
        )
    keep = (values >= low - margin) & (values <= high + margin)
    if tick_texts is not None:
        return values[keep], [text for text, is_kept in zip(tick_texts, keep, strict=True) if is_kept]
    step = float(np.min(np.diff(values))) if len(values) > 1 else 1.0
    values = np.where(np.abs(values) < 1e-6 * step, 0.0, values)
    return values[keep], [f"{value:.6g}".replace("-", "−") for value in values[keep]]


def draw_end_labels(axes: Any, labels: Iterable[Any], project: Projection3D, look: PaperStyle) -> None:
    """Draws these annotations of a scene, each with a line to its point."""
    for label in labels:
        arrow = {"arrowstyle": "-", "linewidth": 0.4, "color": QUIET_COLOR, "shrinkA": 0, "shrinkB": 1.5}
        axes.annotate(
            plain(label.text),
            project(np.array([label.x, label.y, label.z], float)),
            xytext=(points(label.ax, 0.0), -points(label.ay, 0.0)),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=look.preset.small_points,
            color=color(label.font.color or DARK),
            arrowprops=arrow,
            bbox={"boxstyle": "square,pad=0.08", "facecolor": (1, 1, 1, 0.85), "edgecolor": "none"},
            zorder=6,
        )
