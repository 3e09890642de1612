"""Frames of a scene: pieces from the farthest to the nearest, a camera that turns, and paths that grow."""

from typing import Any

import numpy as np
import pytest

from landscapes import figures
from landscapes.figures import paper
from landscapes.figures.paper.presets import PRESETS, PaperStyle
from landscapes.figures.paper.scene_frames import MAX_CELLS, Markers, pieces_of
from landscapes.figures.paper.scene_projection import Projection3D
from tests.figures.scenes import asymmetric, path, role

SIZE: dict[str, Any] = {"count": 4, "width_px": 160}


@pytest.fixture(scope="module")
def scene():
    return figures.surface(asymmetric(), {"adam": path()}, labels=("u", "v"), resolution=9)


def test_pieces_are_cells_and_short_lines_that_appear_with_their_step(scene):
    project = Projection3D.of(scene)
    pieces = pieces_of(scene, project, PaperStyle(PRESETS["icml"]))
    is_cell = pieces.widths == 0
    assert is_cell.sum() == 64
    assert np.all(np.isneginf(pieces.steps[is_cell]))
    lines = project.placed(pieces.corners[~is_cell])
    assert np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1).max() < 0.05
    grown = pieces.steps[np.isfinite(pieces.steps)]
    assert set(grown) == {3.0, 6.0, 9.0, 12.0}
    fine = figures.surface(asymmetric(), resolution=121)
    many = pieces_of(fine, Projection3D.of(fine), PaperStyle(PRESETS["icml"]))
    assert (many.widths == 0).sum() == MAX_CELLS**2


def test_head_is_at_the_last_point_of_the_path(scene):
    (head,), (path_trace,) = role(scene, "head"), role(scene, "path")
    markers = Markers.of(head, scene)
    np.testing.assert_allclose(markers.at[-1], [head.x[-1], head.y[-1], head.z[-1]], atol=1e-6)
    np.testing.assert_allclose(markers.at[:, :2], np.column_stack([path_trace.x, path_trace.y]))


def test_camera_turns_and_paths_grow(scene):
    turning, running = (paper.frames(scene, motion=motion, **SIZE) for motion in ("camera", "paths"))
    both = paper.frames(scene, **SIZE)
    assert turning.shape[0] == running.shape[0] == 4
    # Without a camera that turns, all but the path, its head and the step stays.
    assert 0 < np.mean(running[0] != running[-1]) < np.mean(turning[0] != turning[2]) / 2
    assert np.any(both[0] != turning[0])
    assert np.array_equal(running[-1], running[-2]), "the last frames show whole paths"


def test_surface_alone_turns():
    film = paper.frames(figures.surface(asymmetric(), resolution=5), **SIZE)
    assert np.any(film[0] != film[1])
