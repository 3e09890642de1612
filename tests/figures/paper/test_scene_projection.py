"""The camera of a scene and what the surface hides."""

import numpy as np

from landscapes.figures.paper.scene_projection import Projection3D, dense

RIDGE = (
    np.linspace(-1, 1, 21),
    np.linspace(-1, 1, 21),
    np.tile(1 - np.abs(np.linspace(-1, 1, 21))[:, None], (1, 21)),
)
CAMERA = Projection3D(
    np.array([-1.0, -1, -1]), np.array([1.0, 1, 1]), np.ones(3), np.array([0.0, -2.0, 0.6]), np.zeros(3)
)


def test_center_is_projected_to_center_and_up_is_up():
    np.testing.assert_allclose(CAMERA(np.zeros(3)), [0, 0], atol=1e-12)
    right, up = CAMERA(np.array([0.5, 0, 0])), CAMERA(np.array([0, 0, 0.5]))
    assert right[0] > 0
    assert abs(right[1]) < 1e-9
    assert up[1] > 0


def test_nearer_things_are_larger():
    near, far = (CAMERA(np.array([[-0.5, y, 0], [0.5, y, 0]])) for y in (-1.0, 1.0))
    assert np.ptp(near[:, 0]) > 1.5 * np.ptp(far[:, 0])


def test_ridge_hides_what_lies_behind_it():
    # The ridge along x is highest at y = 0; the eye is at y < 0.
    points = np.array([[0.1, -0.5, 0.52], [0.1, 0.0, 1.02], [0.1, 0.7, 0.32], [0.1, -0.8, -0.9]])
    assert CAMERA.visible(points, RIDGE).tolist() == [True, True, False, True]


def test_lines_become_dense_and_keep_their_ends():
    line = np.array([[0.0, 0, 0], [1, 0, 0], [1, 0.001, 0]])
    fine = dense(line, line[:, :2], 50)
    assert 50 <= len(fine) <= 53
    np.testing.assert_array_equal(fine[[0, -1]], line[[0, -1]])
