"""Points of a box: one of each cluster, and a sequence that fills it."""

import numpy as np

from landscapes.curvature.box import distinct_points, sobol_points


def test_one_point_of_each_cluster_stays():
    points = np.array([[0.0, 0.0], [0.05, 0.0], [3.0, 1.0], [3.0, 1.08], [3.0, 9.0]])
    np.testing.assert_array_equal(distinct_points(points, 0.1), points[[0, 2, 4]])
    np.testing.assert_array_equal(distinct_points(points, 0.06), points[[0, 2, 3, 4]])
    assert distinct_points(np.zeros((0, 2)), 0.1).shape == (0, 2)


def test_a_sobol_sequence_has_one_point_in_each_cell_of_its_box():
    bounds = np.array([[-1.0, 3.0], [10.0, 12.0]])
    points = sobol_points(bounds, 4, 7)
    cells = np.floor((points - bounds[:, 0]) / (bounds[:, 1] - bounds[:, 0]) * 4)
    assert len({tuple(cell) for cell in cells}) == 16
    assert {*cells.ravel()} == {0, 1, 2, 3}
    np.testing.assert_array_equal(points, sobol_points(bounds, 4, 7))
    assert not np.array_equal(points, sobol_points(bounds, 4, 8))
