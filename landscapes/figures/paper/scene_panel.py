"""One Plotly figure with a scene as a panel: the surface is an image, everything else is drawn as paths.

The camera is that of the figure. Paths and level lines end where the surface hides them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from landscapes.figures.paper.layout import panel_points
from landscapes.figures.paper.panel_notes import legend_columns
from landscapes.figures.paper.plotly_looks import color, colormap, dash, plain, points, symbol
from landscapes.figures.paper.presets import DARK, Look
from landscapes.figures.paper.scene_frame import draw_end_labels, draw_frame
from landscapes.figures.paper.scene_projection import Projection3D, dense

SCENE_RATIO = 0.72  # height of a panel relative to its width
# Colors of the surface at right angles to the light, and facing away from it, relative to the color map's.
AMBIENT, DIFFUSE = 0.72, 0.34
# The width of a line in a scene is larger than on a plane, because gl3d draws it so.
SCENE_LINE_SHARE = 0.55
MARKER_SHARE = 1.7
Grid = tuple[np.ndarray, np.ndarray, np.ndarray]


def has_scene(figure: Any) -> bool:
    """Whether the figure is in three dimensions."""
    return any(trace.type in ("surface", "scatter3d") for trace in figure.data)


def draw_scene(part: Any, figure: Any, look: Look) -> list[str]:
    """Draws the figure into a part of a paper figure, and returns the notes that belong below it."""
    axes = part.add_subplot()
    axes.set_axis_off()
    axes.set_aspect("equal")
    project = Projection3D.of(figure)
    surfaces = [trace for trace in figure.data if trace.type == "surface"]
    solid = next(trace for trace in surfaces if not trace.hidesurface)
    x, y, z = (np.asarray(values, float) for values in (solid.x, solid.y, solid.z))
    grid = (x, y, z)
    draw_frame(axes, figure, project, look)
    _level_lines(axes, solid, project, grid, look, floor=True)
    _surface(axes, solid, project, grid, look)
    _level_lines(axes, solid, project, grid, look, floor=False)
    for trace in surfaces:
        if trace.hidesurface:
            _mesh(axes, trace, project, grid)
    for trace in figure.data:
        if trace.type == "scatter3d" and trace.visible is not False:
            _scatter(axes, trace, project, grid)
    draw_end_labels(axes, figure, project, look)
    axes.autoscale_view()
    _legend(part, figure, look)
    return [
        line for note in figure.layout.annotations if note.name == "notes" for line in plain(note.text).split("\n")
    ]


def _surface(axes: Any, trace: Any, project: Projection3D, grid: Grid, look: Look) -> None:
    """The quadrilaterals from the farthest to the nearest, shaded by their slope, as an image."""
    from matplotlib.collections import PolyCollection

    x, y, z = grid
    corners = np.stack([*np.meshgrid(x, y), z], axis=-1)
    quads = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2)
    quads = quads.reshape(-1, 4, 3)
    quads = quads[np.isfinite(quads).all(axis=(1, 2))]
    if not len(quads):
        return
    placed = project.placed(quads)
    normals = np.cross(placed[:, 2] - placed[:, 0], placed[:, 3] - placed[:, 1])
    normals *= np.where(normals[:, 2:] < 0, -1.0, 1.0)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)
    at = trace.lightposition
    light = np.array([at.x, at.y, at.z], float) if at.x is not None else np.array([-0.51, -0.65, 1.0])
    shade = AMBIENT + DIFFUSE * np.clip(normals @ (light / np.linalg.norm(light)), 0.0, 1.0)
    heights = quads[..., 2].mean(axis=1)
    hues = colormap(trace.colorscale, look.colormap)((heights - trace.cmin) / ((trace.cmax - trace.cmin) or 1.0))
    hues[:, :3] = np.clip(hues[:, :3] * shade[:, None], 0.0, 1.0)
    order = np.argsort(-project.distance(quads.mean(axis=1)))
    faces = PolyCollection(
        list(project(quads[order])), facecolors=hues[order], edgecolors=hues[order], linewidths=0.35, zorder=2
    )
    faces.set_rasterized(True)
    faces.set_gid("surface")
    axes.add_collection(faces)


def _lines(axes: Any, lines: list[np.ndarray], project: Projection3D, grid: Grid, **look: Any) -> None:
    """The visible parts of polylines["n 3"] of the data, as one collection of paths."""
    from matplotlib.collections import LineCollection

    parts: list[np.ndarray] = []
    for line in lines:
        if len(line) < 2:
            continue
        fine = dense(line, project(line)) if len(line) < 3000 else line
        keep = np.isfinite(fine).all(axis=1) & project.inside(fine)
        keep[keep] = project.visible(fine[keep], grid)
        parts += _runs(project(fine), keep)
    if parts:
        axes.add_collection(
            LineCollection(parts, capstyle=look.pop("capstyle", "round"), joinstyle="round", **look)
        )


def _runs(screen: np.ndarray, keep: np.ndarray) -> list[np.ndarray]:
    """The runs of at least three points that are kept."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(int)))
    return [screen[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 2]


def _level_lines(axes: Any, trace: Any, project: Projection3D, grid: Grid, look: Look, *, floor: bool) -> None:
    from contourpy import contour_generator

    lines = trace.contours.z
    if not lines.show or not lines.size:
        return
    x, y, z = grid
    low, high = float(np.nanmin(z)), float(np.nanmax(z))
    count = int((lines.end - lines.start) / lines.size + 1e-6) + 1
    levels = lines.start + lines.size * np.arange(count)
    if look.levels is not None:
        levels = np.linspace(low, high, look.levels + 2)[1:-1] if isinstance(look.levels, int) else look.levels
    generate = contour_generator(x, y, np.ma.masked_invalid(z))
    span = project.high[2] - project.low[2]
    found = []
    for level in levels:
        # Above and below the surface, because a steep one is also seen from below.
        heights = [project.low[2] + 1e-4 * span] if floor else [level + 3e-3 * span, level - 3e-3 * span]
        for line in map(np.asarray, generate.lines(float(level))):
            found += [np.column_stack([line, np.full(len(line), height)]) for height in heights]
    hue = color("#b9c3cb") if floor else color("#ffffff", 0.55)
    _lines(axes, found, project, grid, colors=[hue], linewidths=0.35, zorder=1.2 if floor else 2.2)


def _mesh(axes: Any, trace: Any, project: Projection3D, grid: Grid) -> None:
    """The wire mesh of a bounded term."""
    x, y, z = (np.asarray(values, float) for values in (trace.x, trace.y, trace.z))
    at_x = np.unique(np.linspace(0, len(x) - 1, 15).round().astype(int))
    at_y = np.unique(np.linspace(0, len(y) - 1, 15).round().astype(int))
    lines = [np.column_stack([np.full(len(y), x[i]), y, z[:, i]]) for i in at_x]
    lines += [np.column_stack([x, np.full(len(x), y[j]), z[j]]) for j in at_y]
    hue = color(trace.contours.x.color or DARK)
    _lines(axes, lines, project, grid, colors=[hue], linewidths=0.4, zorder=2.4)


def _scatter(axes: Any, trace: Any, project: Projection3D, grid: Grid) -> None:
    columns = [
        np.array([np.nan if v is None else v for v in values], float) for values in (trace.x, trace.y, trace.z)
    ]
    at = np.column_stack(columns)
    role = (trace.meta or {}).get("role", "") if isinstance(trace.meta, dict) else ""
    below = {"shadow": 1.1, "casing": 2.9}.get(role, 3.0)
    if "lines" in trace.mode:
        lines = [at[a:b] for a, b in _finite_runs(at)]
        width = SCENE_LINE_SHARE * points(trace.line.width)
        if role == "shadow":
            width *= 0.6
        hue = color(trace.line.color or DARK, trace.opacity)
        look: dict[str, Any] = {"colors": [hue], "linewidths": width, "zorder": below}
        if trace.line.dash and trace.line.dash != "solid":
            look |= {"linestyles": [dash(trace.line.dash)], "capstyle": "butt"}
        _lines(axes, lines, project, grid, **look)
    if "markers" in trace.mode and len(at):
        keep = np.isfinite(at).all(axis=1) & project.inside(at)
        keep[keep] = project.visible(at[keep], grid)
        marker = trace.marker
        shape, is_filled = symbol(marker.symbol)
        sizes = np.broadcast_to(np.asarray(6.0 if marker.size is None else marker.size, float), len(at))[keep]
        hue = color(marker.color or DARK, trace.opacity)
        edge = color(marker.line.color or marker.color or DARK, trace.opacity)
        screen = project(at[keep])
        axes.scatter(
            *screen.T,
            s=(MARKER_SHARE * points(1.0) * sizes) ** 2 * (0.7 if shape in "Ds" else 1.0),
            marker=shape,
            facecolors=[hue] if is_filled else "none",
            edgecolors=[edge if is_filled else hue],
            linewidths=points(marker.line.width, 1.0),
            zorder=3.5,
        )


def _finite_runs(at: np.ndarray) -> list[tuple[int, int]]:
    finite = np.isfinite(at).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(int)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _legend(part: Any, figure: Any, look: Look) -> None:
    """Entries of the paths and of the markers that they share."""
    from matplotlib.lines import Line2D

    handles = []
    for trace in figure.data:
        if trace.type != "scatter3d" or trace.showlegend is False or not trace.name or trace.visible is False:
            continue
        if trace.mode == "markers":
            shape, is_filled = symbol(trace.marker.symbol)
            hue = color(trace.marker.color or DARK)
            edge = color(trace.marker.line.color) if trace.marker.line.color else hue
            look_of_marker = {"markerfacecolor": hue if is_filled else "none", "markeredgecolor": edge}
            handle = Line2D(
                [], [], linestyle="none", marker=shape, markersize=3.6, markeredgewidth=0.6, **look_of_marker
            )
        else:
            handle = Line2D(
                [], [], color=color(trace.line.color or DARK), linestyle=dash(trace.line.dash), linewidth=1.4
            )
        handle.set_label(plain(trace.name))
        handles.append(handle)
    if handles:
        width = panel_points(part)
        part.legend(
            handles=handles,
            loc="outside upper center",
            ncols=legend_columns([handle.get_label() for handle in handles], width, look.preset.small_points),
            handlelength=1.8,
            handletextpad=0.5,
            columnspacing=1.2,
            borderaxespad=0.2,
            labelspacing=0.25,
            borderpad=0.1,
        )
