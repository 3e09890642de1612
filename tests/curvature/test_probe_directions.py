"""The points around a point: of the parameters' size, and closed under reflection."""

import numpy as np
import pytest

from landscapes.curvature.probe_directions import opposite_offsets, parameter_scales, probe_offsets, probe_points

PARAMS = {"a": np.array([3.0, -4.0, 0.0]), "b": np.zeros((2, 1)), "c": np.array([0.5])}
POINT = np.array([3.0, -4.0, 0.0, 0.0, 0.0, 0.5])


def test_a_parameter_is_as_large_as_its_array_at_least():
    rms, full = np.sqrt(25 / 3), np.sqrt(25.25 / 6)
    assert parameter_scales(PARAMS, POINT) == pytest.approx([3, 4, rms, full, full, 0.5])
    assert np.all(parameter_scales(PARAMS, 0 * POINT) == 1)


def test_offsets_are_of_the_scales_and_come_with_their_opposites():
    scales = np.array([1e-6, 1.0, 1e6])
    rays = probe_offsets(scales)
    for plus, minus in ((0, 1), (2, 4), (3, 5)):
        assert np.array_equal(rays[plus], -rays[minus])
    assert np.linalg.matrix_rank(rays / scales) == 3
    assert np.array_equal(rays / scales, probe_offsets(np.ones(3)))


def test_offsets_along_a_vector_are_as_long_as_its_parameters():
    rays = opposite_offsets(np.array([1e-3, 5.0, 2.0]), np.array([[1.0, 0, 0], [0, 0.6, 0.8]]))
    assert rays[:, 0] == pytest.approx(np.array([[1e-3, 0, 0], [0, 0.6 * 3.4, 0.8 * 3.4]]))
    assert np.array_equal(rays[:, 1], -rays[:, 0])


@pytest.mark.parametrize(("dtype", "count"), [(np.float64, 9), (np.float32, 13)])
def test_narrow_parameters_are_probed_beyond_their_rounding(dtype, count):
    resolution = float(np.finfo(dtype).eps)
    points = probe_points(PARAMS, POINT, resolution, np.eye(6)[[1, 5]])
    assert points.shape == (count, len(POINT))
    assert np.array_equal(points[-1], POINT)
    first, last = points[-5:-3] - POINT, points[-3:-1] - POINT
    for pair, at in ((first, 1), (last, 5)):
        assert np.all(np.delete(pair, at, axis=1) == 0)
        assert pair[0, at] == pytest.approx(-pair[1, at], rel=1e-6)
    reach = np.max(np.abs(points[:-5] - POINT) / parameter_scales(PARAMS, POINT))
    assert reach < 1e-8 if dtype == np.float64 else reach > 8 * resolution
