"""Cells and lines of a surface in the data's coordinates."""

import numpy as np

from landscapes import figures
from landscapes.figures.paper.presets import PRESETS, PaperStyle
from landscapes.figures.paper.scene_projection import Projection3D
from landscapes.figures.paper.scene_surface import grid_of, level_lines, mesh_lines, shaded_cells
from tests.figures.scenes import asymmetric, role

LOOK = PaperStyle(PRESETS["icml"])


def test_cells_are_those_of_the_surface_and_shaded():
    figure = figures.surface(asymmetric(), resolution=5)
    (trace,) = role(figure, "surface")
    grid = grid_of(trace)
    cells, hues = shaded_cells(trace, Projection3D.of(figure), grid, LOOK)
    assert cells.shape == (16, 4, 3)
    np.testing.assert_allclose(cells[..., 2], cells[..., 0] ** 2 + 10 * cells[..., 1], atol=0.2)
    assert ((hues >= 0) & (hues <= 1)).all()
    broken = (*grid[:2], np.where(np.arange(5) == 2, np.nan, grid[2]))
    assert len(shaded_cells(trace, Projection3D.of(figure), broken, LOOK)[0]) == 8


def test_level_lines_lie_on_their_level_or_the_floor():
    figure = figures.surface(asymmetric(), resolution=41)
    (trace,) = role(figure, "surface")
    project = Projection3D.of(figure)
    args = (trace, project, grid_of(trace), LOOK)
    raised, floor = level_lines(*args, floor=False, sides=(1,)), level_lines(*args, floor=True)
    assert len(raised) == len(floor) > 5
    assert len(level_lines(*args, floor=False)) == 2 * len(raised)
    span = project.high[2] - project.low[2]
    for line in raised:
        x, y, z = line.T
        np.testing.assert_allclose(x**2 + 10 * y, z - 3e-3 * span, atol=0.1)
    assert {float(line[0, 2]) for line in floor} == {project.low[2] + 1e-4 * span}


def test_mesh_has_fifteen_lines_per_axis():
    (trace,) = role(figures.surface(asymmetric(), resolution=41), "surface")
    assert len(mesh_lines(trace)) == 30
