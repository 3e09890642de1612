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
    near = np.stack([field(VECTOR_STEPS * step_size(point) * end) for end in ends])
    assert differing_limits(field, point, probe_offsets(np.ones(3)), bound=1e8, resolution=EPS) is None
    result = limits_along(field, point, ends, image, near, jump / 100)
    assert result is not None
    assert result.largest_difference()[1] == pytest.approx(jump, rel=1e-6)
    assert limits_along(field, point, ends, image, near, jump * 2) is None


def test_a_kink_beside_rounded_numbers_is_at_them():
    narrow = float(np.finfo(np.float32).eps)
    second = POINT + np.array([0.0, 0.05 * narrow, 0.0])
    assert differing_limits(turning, second, RAYS, bound=2.0, resolution=EPS) is None
    assert differing_limits(turning, second, RAYS, bound=2.0, resolution=narrow) is not None
