"""Frames of a scene whose camera turns while its paths grow.

A paper figure finds the visible part of each line, which takes a second. Here the cells of the surface and short
pieces of all lines are one collection that is drawn from the farthest to the nearest, in 30 ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from landscapes.figures.paper.layout import QUIET_COLOR, wrap_text
from landscapes.figures.paper.path_steps import last_step, step_text, steps_of
from landscapes.figures.paper.plotly_looks import color
from landscapes.figures.paper.presets import DARK, POINTS_PER_INCH, PaperStyle
from landscapes.figures.paper.scene_frame import draw_end_labels, draw_frame
from landscapes.figures.paper.scene_panel import (
    FLOOR_LINES,
    SURFACE_LINES,
    draw_legend,
    draw_markers,
    line_width,
    marker_sizes,
    points_of,
    role_of,
)
from landscapes.figures.paper.scene_projection import Projection3D
from landscapes.figures.paper.scene_surface import Grid, grid_of, level_lines, mesh_lines, shaded_cells

MAX_CELLS = 60  # per axis
# Lengths in units of the scene: pieces of a line are at most so long, and points of a path at least so far apart.
PIECE_LENGTH, POINT_DISTANCE = 0.04, 0.004
DASH_LENGTH = 0.05  # of a dash with its gap
# By how much a piece counts as nearer than it is, so that what lies on the surface is drawn over it.
NEARER = {"floor": -1e3, "shadow": -9e2, "": 0.03, "casing": 0.04}
PATH_NEARER = 0.05
MARGIN_POINTS = np.array([34.0, 20.0])  # beside and above the box, for ticks and titles


@dataclass(frozen=True, eq=False)
class Pieces:
    """Cells and short lines of a scene in the data's coordinates.

    Attributes:
        corners: ["n 4 3"]; those of a line from a to b are a, b, b and a.
        colors: ["n 4"].
        widths: of lines in points, ["n"]; 0 of cells.
        nearer: how much nearer than they are they count, ["n"].
        steps: at which they appear, ["n"].
    """

    corners: np.ndarray
    colors: np.ndarray
    widths: np.ndarray
    nearer: np.ndarray
    steps: np.ndarray

    def draw(self, axes: Any, project: Projection3D, step: float, unit: float) -> None:
        """Draws those that have appeared by this step, from the farthest to the nearest.

        `unit` is a point in the units of the screen.
        """
        from matplotlib.collections import PolyCollection

        indices = np.flatnonzero(self.steps <= step)
        distance = project.distance(self.corners[indices].mean(axis=1)) - self.nearer[indices]
        order = indices[np.argsort(-distance)]
        screen, half = project(self.corners[order]), self.widths[order, None] * unit / 2
        # A line is as wide as it should be, and longer by half of that, which closes the gaps at bends.
        half_lengths = screen[:, 1] - screen[:, 0]
        half_lengths *= half / np.maximum(np.linalg.norm(half_lengths, axis=1, keepdims=True), 1e-12)
        half_widths = half_lengths[:, ::-1] * [-1.0, 1.0]
        screen += np.stack(
            [
                half_widths - half_lengths / 2,
                half_widths + half_lengths / 2,
                half_lengths / 2 - half_widths,
                -half_widths - half_lengths / 2,
            ],
            axis=1,
        )
        collection: Any = PolyCollection(screen, zorder=2, linewidths=0.35)  # type: ignore[arg-type]  # arrays are fastest
        collection.set(facecolor=self.colors[order], edgecolor=self.colors[order])
        axes.add_collection(collection, autolim=False)


def pieces_of(figure: Any, project: Projection3D, look: PaperStyle) -> Pieces:
    """The pieces of a scene."""
    surfaces = [trace for trace in figure.data if trace.type == "surface"]
    solid = next(trace for trace in surfaces if not trace.hidesurface)
    grid = _coarse(grid_of(solid))
    cells, hues = shaded_cells(solid, project, grid, look)
    count = len(cells)
    parts = [Pieces(cells, hues, np.zeros(count), np.zeros(count), np.full(count, -np.inf))]
    floor_lines = level_lines(solid, project, grid, look, floor=True)
    surface_lines = level_lines(solid, project, grid, look, floor=False, sides=(1,))
    parts += [_pieces(line, project, color(FLOOR_LINES), 0.35, NEARER["floor"]) for line in floor_lines]
    parts += [_pieces(line, project, color(*SURFACE_LINES), 0.35, NEARER[""]) for line in surface_lines]
    for trace in surfaces:
        if trace.hidesurface:
            hue = color(trace.contours.x.color or DARK)
            parts += [_pieces(line, project, hue, 0.4, NEARER[""]) for line in mesh_lines(trace)]
    for trace in figure.data:
        if trace.type == "scatter3d" and trace.visible is not False and "lines" in trace.mode:
            hue, nearer = color(trace.line.color or DARK, trace.opacity), NEARER.get(role_of(trace), PATH_NEARER)
            line = points_of(trace)
            steps = steps_of(trace, len(line))
            is_dashed = bool(trace.line.dash) and trace.line.dash != "solid"
            parts.append(_pieces(line, project, hue, line_width(trace), nearer, steps, is_dashed=is_dashed))
    names = Pieces.__dataclass_fields__
    return Pieces(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _pieces(
    line: np.ndarray,
    project: Projection3D,
    hue: Sequence[float],
    width: float,
    nearer: float,
    steps: np.ndarray | None = None,
    *,
    is_dashed: bool = False,
) -> Pieces:
    """The line["n 3"] as pieces; those with an end outside the box or without a place are left out."""
    steps = np.full(len(line), -np.inf) if steps is None else steps
    scene_points = project.placed(line)
    lengths = np.linalg.norm(np.diff(scene_points, axis=0), axis=1)
    arc_length = np.concatenate([[0.0], np.cumsum(np.nan_to_num(lengths))])
    changes = np.diff(np.floor(arc_length / POINT_DISTANCE)) > 0
    is_outside = ~np.isfinite(scene_points).all(axis=1)
    is_kept = np.concatenate([[True], changes])[: len(line)] | is_outside
    is_kept[-1:] = True
    line, arc_length, steps = line[is_kept], arc_length[is_kept], steps[is_kept]
    counts = np.clip(np.ceil(np.diff(arc_length) / PIECE_LENGTH), 1, 400).astype(int)
    index = np.repeat(np.arange(len(counts)), counts)
    rank = np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)
    start, end = (((rank + k) / counts[index])[:, None] for k in (0, 1))
    first, second = ((1 - share) * line[index] + share * line[index + 1] for share in (start, end))
    keep = np.logical_and.reduce(np.isfinite(np.hstack([first, second])), axis=1)
    keep[keep] = project.inside(first[keep]) & project.inside(second[keep])
    if is_dashed:
        middle = arc_length[index] + (start[:, 0] + end[:, 0]) / 2 * np.diff(arc_length)[index]
        keep &= middle % DASH_LENGTH < 0.62 * DASH_LENGTH
    first, second, count = first[keep], second[keep], int(keep.sum())
    colors = np.tile(np.asarray(hue, float), (count, 1))
    corners = np.stack([first, second, second, first], axis=1)
    return Pieces(corners, colors, np.full(count, width), np.full(count, nearer), steps[index + 1][keep])


def _coarse(grid: Grid) -> Grid:
    """The grid with at most `MAX_CELLS` cells per axis."""
    x, y, z = grid
    i, j = (np.arange(0, len(axis), -(-(len(axis) - 1) // MAX_CELLS) or 1) for axis in (x, y))
    i, j = (np.unique(np.append(indices, len(axis) - 1)) for indices, axis in ((i, x), (j, y)))
    return x[i], y[j], z[np.ix_(j, i)]


@dataclass(frozen=True, eq=False)
class Markers:
    """The markers of a trace, or the head of a path, which is at the last point that has appeared.

    Attributes:
        look: of the trace, without its points.
        is_head: whether it is the head of a path.
        at: points["n 3"].
        sizes: in pixels, ["n"].
        steps: at which they appear, ["n"].
    """

    look: Any
    is_head: bool
    at: np.ndarray
    sizes: np.ndarray
    steps: np.ndarray

    @classmethod
    def of(cls, trace: Any, figure: Any) -> Markers:
        """The markers of a trace of a figure."""
        at, path_trace, is_head = points_of(trace), trace, role_of(trace) == "head"
        if is_head:
            label = trace.meta["label"]
            path_trace = next(t for t in figure.data if role_of(t) == "path" and t.meta["label"] == label)
            line = points_of(path_trace)
            at = line + (at[-1] - line[-1]) * [0.0, 0.0, 1.0]
        marker = trace.marker  # Plotly looks each property up anew, which takes as long as drawing it
        edge = SimpleNamespace(color=marker.line.color, width=marker.line.width)
        marker_options = SimpleNamespace(symbol=marker.symbol, color=marker.color, line=edge)
        look = SimpleNamespace(marker=marker_options, opacity=trace.opacity)
        return cls(look, is_head, at, marker_sizes(trace, len(at)), steps_of(path_trace, len(at)))

    def draw(self, axes: Any, project: Projection3D, grid: Grid, step: float) -> None:
        """Draws the visible ones that have appeared by this step."""
        indices = np.flatnonzero(self.steps <= step)
        indices = indices[-1:] if self.is_head else indices
        if len(indices):
            draw_markers(axes, self.look, self.at[indices], self.sizes[indices], project, grid)


def scene_frames(
    figure: Any,
    look: PaperStyle,
    size: tuple[int, int],
    dpi: float,
    views: Sequence[tuple[float, float]],
    caption: str,
) -> Iterator[np.ndarray]:
    """A frame["height width 3"] for each view: the angle of the camera's turn, in radians, and the step."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    project = Projection3D.of(figure)
    sheet = Figure(figsize=(size[0] / dpi, size[1] / dpi), dpi=dpi)
    canvas = FigureCanvasAgg(sheet)
    small, width = look.preset.small_points, POINTS_PER_INCH * size[0] / dpi
    caption_lines = wrap_text(caption, 0.97 * width, small - 1)
    caption_text = sheet.text(0.012, 0.012, caption_lines, fontsize=small - 1, va="bottom", color=QUIET_COLOR)
    legend = draw_legend(sheet, figure, look, width, "upper center")
    canvas.draw()
    renderer: Any = canvas.get_renderer()
    low = caption_text.get_window_extent(renderer).y1 / size[1] if caption else 0.0
    high = legend.get_window_extent(renderer).y0 / size[1] if legend is not None else 1.0
    pixels: Any = canvas.buffer_rgba()
    background = np.array(pixels)
    axes = sheet.add_axes((0.0, low, 1.0, max(high - low, 0.2)))
    angles = sorted({angle for angle, _ in views})
    screen_size = np.array([width, (high - low) * POINTS_PER_INCH * size[1] / dpi])
    limits = _limits([_turned(project, angle) for angle in angles], screen_size)
    unit = float(np.ptp(limits[0]) / screen_size[0])
    axes.set_axis_off()
    axes.set(xlim=limits[0], ylim=limits[1])
    pieces = pieces_of(figure, project, look)
    grid = _coarse(
        grid_of(next(trace for trace in figure.data if trace.type == "surface" and not trace.hidesurface))
    )
    scatter_traces = [trace for trace in figure.data if trace.type == "scatter3d" and trace.visible is not False]
    markers = [Markers.of(trace, figure) for trace in scatter_traces if "markers" in trace.mode]
    markers = [
        each for each in markers if np.isfinite(each.at).all(axis=1).any()
    ]  # a legend's entries have no place
    last = last_step(figure)
    for angle, step in views:
        camera = _turned(project, angle)
        for artist in (*axes.collections, *axes.lines, *axes.patches, *axes.texts):
            artist.remove()
        draw_frame(axes, figure, camera, look)
        pieces.draw(axes, camera, step, unit)
        for each in markers:
            each.draw(axes, camera, grid, step)
        draw_end_labels(axes, _reached_labels(figure, step, is_turning=len(angles) > 1), camera, look)
        if last > 0 and np.isfinite(step):
            axes.text(0.012, 0.99, step_text(step, last), fontsize=small, va="top", transform=axes.transAxes)
        np.asarray(pixels)[:] = background
        axes.draw(renderer)
        yield np.array(pixels)[..., :3]


def _reached_labels(figure: Any, step: float, *, is_turning: bool) -> list[Any]:
    """The labels of paths that have ended by this step. While the camera turns, labels of paths that did not
    diverge would cover one another, and the legend names those paths."""
    labels = []
    for label in figure.layout.scene.annotations:
        kind, end, _ = (label.name or "").split(" ", 2)
        if float(end) <= step and (kind == "stop" or not is_turning):
            labels.append(label)
    return labels


def _turned(project: Projection3D, angle: float) -> Projection3D:
    """The camera, turned about the vertical axis."""
    x, y, z = project.eye
    cos, sin = np.cos(angle), np.sin(angle)
    return replace(project, eye=np.array([cos * x - sin * y, sin * x + cos * y, z]))


def _limits(cameras: Sequence[Projection3D], size: np.ndarray) -> np.ndarray:
    """The (low, high) of each axis of the screen such that the box lies in it from every camera.

    `room` is the width and height of the screen in points; ticks and titles need a margin of it.
    """
    ends = [np.stack([camera.low, camera.high]) for camera in cameras]
    corners = [
        camera(np.array([[x, y, z] for x in end[:, 0] for y in end[:, 1] for z in end[:, 2]]))
        for camera, end in zip(cameras, ends, strict=True)
    ]
    low, high = np.min(corners, axis=(0, 1)), np.max(corners, axis=(0, 1))
    unit = float(np.max((high - low) / np.maximum(size - 2 * MARGIN_POINTS, 0.3 * size)))  # per point
    middle = (low + high) / 2
    return np.stack([middle - size * unit / 2, middle + size * unit / 2], axis=1)
