"""The limits of a vector field from several sides of a point."""

import numpy as np
import pytest

from landscapes.curvature.one_sided_limits import differing_limits, limits_along
from landscapes.curvature.probe_directions import VECTOR_STEPS, probe_offsets, step_size

POINT = np.array([0.7, 0.0, -0.2])
RAYS = probe_offsets(np.ones(3))
EPS = float(np.finfo(np.float64).eps)


def turning(x):
    """It changes by 3 across x₁ = 0, and by 2 per unit of length elsewhere."""
    return 2 * x + np.array([0.0, 1.5 * np.sign(x[1]), 0.0])


def test_a_jump_has_its_size_and_direction():
    result = differing_limits(turning, POINT, RAYS, bound=2.0, resolution=EPS)
    assert result is not None
    difference, size = result.largest_difference()
    assert size == pytest.approx(3, rel=1e-6)
    assert np.abs(difference) == pytest.approx([0, 3, 0], abs=1e-6)


def test_a_steep_but_smooth_field_has_no_sides():
    for rate in (1e2, 1e6, 1e9):
        assert differing_limits(lambda x: np.tanh(rate * x), POINT, RAYS, bound=1.0, resolution=EPS) is None  # noqa: B023


@pytest.mark.parametrize("jump", [1e-3, 1e-6])
def test_along_a_vector_a_jump_far_below_the_curvature_shows(jump):
    def field(x):
        return 1e8 * x * np.array([1, 1e-8, 1]) + np.array([0.0, jump / 2 * np.sign(x[1]), 0.0])

    v, image, point = np.array([0.6, 0.8, 0.0]), np.array([0.6e8, 0.8, 0.0]), np.zeros(3)
    ends = np.stack([v, -v])
    step = VECTOR_STEPS * step_size(point)
    near = np.stack([field(step * end) for end in ends])
    assert differing_limits(field, point, probe_offsets(np.ones(3)), bound=1e8, resolution=EPS) is None
    result = limits_along(field, point, ends, image, near, jump / 100, step)
    assert result is not None
    assert result.largest_difference()[1] == pytest.approx(jump, rel=1e-6)
    assert limits_along(field, point, ends, image, near, jump * 2, step) is None


@pytest.mark.parametrize("share", [1, 1e-3])
def test_a_kink_beside_rounded_numbers_is_at_them(share):
    def field(x):
        return share * turning(x) + (1 - share) * 2 * x

    narrow, limits = float(np.finfo(np.float32).eps), {}
    for ulps in (0.05, 1.0, 50.0):
        point = POINT + np.array([0.0, ulps * narrow * np.abs(RAYS[:, 1]).max(), 0.0])
        assert differing_limits(field, point, RAYS, bound=2.0, resolution=EPS) is None
        limits[ulps] = differing_limits(field, point, RAYS, bound=2.0, resolution=narrow)
    assert limits.pop(50.0) is None
    for result in limits.values():
        assert result is not None
        assert result.largest_difference()[1] == pytest.approx(3 * share, rel=1e-4)


def test_a_smooth_field_has_no_sides_beside_rounded_numbers():
    narrow = float(np.finfo(np.float32).eps)
    for rate in (1.0, 1e4, 1e6, 1e8):
        fields = (lambda x: np.tanh(rate * x), lambda x: np.cos(rate * x), lambda x: x**3 - rate * x)  # noqa: B023
        assert [differing_limits(f, POINT, RAYS, bound=rate, resolution=narrow) for f in fields] == [None] * 3
