"""The surface of a scene as shaded cells, and its level lines and wire mesh as polylines."""

from __future__ import annotations

from typing import Any

import numpy as np

from landscapes.figures.paper.plotly_looks import colormap
from landscapes.figures.paper.presets import PaperStyle
from landscapes.figures.paper.scene_projection import Projection3D

# Colors of the surface at right angles to the light, and facing away from it, relative to the color map's.
AMBIENT, DIFFUSE = 0.72, 0.34
NUM_MESH_LINES = 15  # per axis
Grid = tuple[np.ndarray, np.ndarray, np.ndarray]


def grid_of(trace: Any) -> Grid:
    """The grid (x, y, z[y, x]) of a surface."""
    x, y, z = (np.asarray(values, float) for values in (trace.x, trace.y, trace.z))
    return x, y, z


def shaded_cells(trace: Any, project: Projection3D, grid: Grid, look: PaperStyle) -> tuple[np.ndarray, np.ndarray]:
    """The corners["n 4 3"] of the cells that are finite, and their colors["n 4"], shaded by their slope. They do
    not depend on the camera."""
    x, y, z = grid
    corners = np.stack([*np.meshgrid(x, y), z], axis=-1)
    cells = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2)
    cells = cells.reshape(-1, 4, 3)
    cells = cells[np.isfinite(cells).all(axis=(1, 2))]
    if not len(cells):
        return cells, np.empty((0, 4))
    placed = project.placed(cells)
    normals = np.cross(placed[:, 2] - placed[:, 0], placed[:, 3] - placed[:, 1])
    normals *= np.where(normals[:, 2:] < 0, -1.0, 1.0)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)
    at = trace.lightposition
    light = np.array([at.x, at.y, at.z], float) if at.x is not None else np.array([-0.51, -0.65, 1.0])
    shade = AMBIENT + DIFFUSE * np.clip(normals @ (light / np.linalg.norm(light)), 0.0, 1.0)
    heights = cells[..., 2].mean(axis=1)
    hues = colormap(trace.colorscale, look.colormap)((heights - trace.cmin) / ((trace.cmax - trace.cmin) or 1.0))
    hues[:, :3] = np.clip(hues[:, :3] * shade[:, None], 0.0, 1.0)
    return cells, hues


def level_lines(
    trace: Any,
    project: Projection3D,
    grid: Grid,
    look: PaperStyle,
    *,
    floor: bool,
    sides: tuple[int, ...] = (1, -1),
) -> list[np.ndarray]:
    """The level lines["n 3"] of a surface, on the floor or on the surface.

    `sides` says whether they lie above the surface (1) or below it (−1); a steep one is also seen from below.
    """
    from contourpy import contour_generator

    lines = trace.contours.z
    if not lines.show or not lines.size:
        return []
    x, y, z = grid
    low, high = float(np.nanmin(z)), float(np.nanmax(z))
    count = int((lines.end - lines.start) / lines.size + 1e-6) + 1
    levels = lines.start + lines.size * np.arange(count)
    if look.levels is not None:
        levels = np.linspace(low, high, look.levels + 2)[1:-1] if isinstance(look.levels, int) else look.levels
    generate = contour_generator(x, y, np.ma.masked_invalid(z))
    span = project.high[2] - project.low[2]
    lines_at_heights = []
    for level in levels:
        heights = [project.low[2] + 1e-4 * span] if floor else [level + 3e-3 * side * span for side in sides]
        for line in map(np.asarray, generate.lines(float(level))):
            lines_at_heights += [np.column_stack([line, np.full(len(line), height)]) for height in heights]
    return lines_at_heights


def mesh_lines(trace: Any) -> list[np.ndarray]:
    """The lines["n 3"] of the wire mesh of a bounded term."""
    x, y, z = grid_of(trace)
    at_x = np.unique(np.linspace(0, len(x) - 1, NUM_MESH_LINES).round().astype(int))
    at_y = np.unique(np.linspace(0, len(y) - 1, NUM_MESH_LINES).round().astype(int))
    lines = [np.column_stack([np.full(len(y), x[i]), y, z[:, i]]) for i in at_x]
    return lines + [np.column_stack([x, np.full(len(x), y[j]), z[j]]) for j in at_y]
