"""One Plotly figure with a scene as a panel: the surface is an image, everything else is drawn as paths.

The camera is that of the figure. Paths and level lines end where the surface hides them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from landscapes.figures.paper.layout import panel_points
from landscapes.figures.paper.panel_notes import legend_columns
from landscapes.figures.paper.plotly_looks import color, dash, plain, points, symbol
from landscapes.figures.paper.presets import DARK, PaperStyle
from landscapes.figures.paper.scene_frame import draw_end_labels, draw_frame
from landscapes.figures.paper.scene_projection import Projection3D, dense
from landscapes.figures.paper.scene_surface import Grid, grid_of, level_lines, mesh_lines, shaded_cells

SCENE_RATIO = 0.72  # height of a panel relative to its width
# The width of a line in a scene is larger than on a plane, because gl3d draws it so.
SCENE_LINE_SHARE = 0.55
MARKER_SHARE = 1.7
FLOOR_LINES, SURFACE_LINES = "#b9c3cb", ("#ffffff", 0.55)  # colors of the level lines


def has_scene(figure: Any) -> bool:
    """Whether the figure is in three dimensions."""
    return any(trace.type in ("surface", "scatter3d") for trace in figure.data)


def draw_scene(part: Any, figure: Any, look: PaperStyle) -> list[str]:
    """Draws the figure into a part of a paper figure, and returns the notes that belong below it."""
    axes = part.add_subplot()
    axes.set_axis_off()
    axes.set_aspect("equal")
    project = Projection3D.of(figure)
    surfaces = [trace for trace in figure.data if trace.type == "surface"]
    solid = next(trace for trace in surfaces if not trace.hidesurface)
    grid = grid_of(solid)
    draw_frame(axes, figure, project, look)
    _level_lines(axes, solid, project, grid, look, floor=True)
    _surface(axes, solid, project, grid, look)
    _level_lines(axes, solid, project, grid, look, floor=False)
    for trace in surfaces:
        if trace.hidesurface:
            _mesh(axes, trace, project, grid)
    for trace in figure.data:
        if trace.type == "scatter3d" and trace.visible is not False:
            draw_scatter(axes, trace, project, grid)
    draw_end_labels(axes, figure.layout.scene.annotations, project, look)
    axes.autoscale_view()
    draw_legend(part, figure, look, panel_points(part))
    return [
        line for note in figure.layout.annotations if note.name == "notes" for line in plain(note.text).split("\n")
    ]


def _surface(axes: Any, trace: Any, project: Projection3D, grid: Grid, look: PaperStyle) -> None:
    """The cells from the farthest to the nearest, as an image."""
    from matplotlib.collections import PolyCollection

    cells, hues = shaded_cells(trace, project, grid, look)
    if not len(cells):
        return
    order = np.argsort(-project.distance(cells.mean(axis=1)))
    faces = PolyCollection(
        list(project(cells[order])), facecolors=hues[order], edgecolors=hues[order], linewidths=0.35, zorder=2
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


def _level_lines(
    axes: Any, trace: Any, project: Projection3D, grid: Grid, look: PaperStyle, *, floor: bool
) -> None:
    lines = level_lines(trace, project, grid, look, floor=floor)
    hue = color(FLOOR_LINES) if floor else color(*SURFACE_LINES)
    _lines(axes, lines, project, grid, colors=[hue], linewidths=0.35, zorder=1.2 if floor else 2.2)


def _mesh(axes: Any, trace: Any, project: Projection3D, grid: Grid) -> None:
    hue = color(trace.contours.x.color or DARK)
    _lines(axes, mesh_lines(trace), project, grid, colors=[hue], linewidths=0.4, zorder=2.4)


def draw_scatter(axes: Any, trace: Any, project: Projection3D, grid: Grid) -> None:
    """Draws the visible part of a path and of its markers."""
    coordinates = points_of(trace)
    zorder = {"shadow": 1.1, "casing": 2.9}.get(role_of(trace), 3.0)
    if "lines" in trace.mode:
        lines = [coordinates[a:b] for a, b in finite_runs(coordinates)]
        hue = color(trace.line.color or DARK, trace.opacity)
        look: dict[str, Any] = {"colors": [hue], "linewidths": line_width(trace), "zorder": zorder}
        if trace.line.dash and trace.line.dash != "solid":
            look |= {"linestyles": [dash(trace.line.dash)], "capstyle": "butt"}
        _lines(axes, lines, project, grid, **look)
    if "markers" in trace.mode and len(coordinates):
        draw_markers(axes, trace, coordinates, marker_sizes(trace, len(coordinates)), project, grid)


def draw_markers(
    axes: Any, trace: Any, coordinates: np.ndarray, sizes: np.ndarray, project: Projection3D, grid: Grid
) -> None:
    """Draws the visible ones of markers at points["n 3"], in the look of a trace."""
    keep = np.isfinite(coordinates).all(axis=1) & project.inside(coordinates)
    keep[keep] = project.visible(coordinates[keep], grid)
    if not keep.any():
        return
    marker = trace.marker
    shape, is_filled = symbol(marker.symbol)
    hue = color(marker.color or DARK, trace.opacity)
    edge = color(marker.line.color or marker.color or DARK, trace.opacity)
    axes.scatter(
        *project(coordinates[keep]).T,
        s=(MARKER_SHARE * points(1.0) * sizes[keep]) ** 2 * (0.7 if shape in "Ds" else 1.0),
        marker=shape,
        facecolors=[hue] if is_filled else "none",
        edgecolors=[edge if is_filled else hue],
        linewidths=points(marker.line.width, 1.0),
        zorder=3.5,
    )


def points_of(trace: Any) -> np.ndarray:
    """The points["n 3"] of a trace; None is NaN."""
    columns = (trace.x, trace.y, trace.z)
    return np.column_stack([np.array([np.nan if v is None else v for v in values], float) for values in columns])


def role_of(trace: Any) -> str:
    """What a trace shows, or ""."""
    return (trace.meta or {}).get("role", "") if isinstance(trace.meta, dict) else ""


def line_width(trace: Any) -> float:
    """The width of a path in points; a shadow is narrower."""
    return SCENE_LINE_SHARE * points(trace.line.width) * (0.6 if role_of(trace) == "shadow" else 1.0)


def marker_sizes(trace: Any, count: int) -> np.ndarray:
    """The sizes["n"] of markers in pixels."""
    return np.broadcast_to(np.asarray(6.0 if trace.marker.size is None else trace.marker.size, float), count)


def finite_runs(coordinates: np.ndarray) -> list[tuple[int, int]]:
    finite = np.isfinite(coordinates).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(int)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def legend_handles(figure: Any) -> list[Any]:
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
    return handles


def draw_legend(part: Any, figure: Any, look: PaperStyle, width: float, loc: str = "outside upper center") -> Any:
    """The legend of a scene, in as many columns as fit this width in points; None if it has no entries."""
    handles = legend_handles(figure)
    if not handles:
        return None
    return part.legend(
        handles=handles,
        loc=loc,
        ncols=legend_columns([handle.get_label() for handle in handles], width, look.preset.small_points),
        handlelength=1.8,
        handletextpad=0.5,
        columnspacing=1.2,
        borderaxespad=0.2,
        labelspacing=0.25,
        borderpad=0.1,
    )
