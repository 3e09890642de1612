"""Convexity maps at kinks of the loss, between and at cells."""

import jax
import jax.flatten_util
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, span
from landscapes.curvature.convexity import convexity_map
from landscapes.curvature.witness import witness

KEY = jax.random.key(0)

CONVEX, NON_CONVEX, UNDETERMINED = range(3)


def _wave(p):
    return p[0] ** 2 - jnp.abs(p[0]) + 3 * p[1] ** 2 + 0.5 * jnp.abs(p[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kinks_between_and_at_cells_are_found(dtype):
    problem = Problem.from_loss(_wave, np.zeros(2, dtype))
    plane = span(problem.params, np.eye(2, dtype=dtype))
    # A concave kink at x = 0, between the second and the third of four rows, and a convex kink at y = 0.
    result = convexity_map(problem, plane, [(-0.9, 1.1), (-1.1, 0.8)], key=KEY, cells=4)
    expected = np.array([False, True, True, False])[:, None].repeat(4, 1)
    np.testing.assert_array_equal(result.nonmonotone_slope, expected)
    np.testing.assert_array_equal(result.states, np.where(expected, NON_CONVEX, CONVEX))
    np.testing.assert_array_equal(result.strict, ~expected)
    assert not np.any(result.jumps)
    assert result.share("convex") == 0.5
    # A row at x = 0.
    result = convexity_map(problem, plane, [(-0.5, 0.5), (-1.0, 0.5)], key=KEY, cells=3)
    np.testing.assert_array_equal(result.jumps, [[False] * 3, [True] * 3, [False] * 3])
    np.testing.assert_array_equal(result.states[1], [NON_CONVEX] * 3)
    at = witness(problem, plane, np.array([0.0, -1.0]), key=KEY)
    assert at.sentence.startswith("Not convex here: the gradient jumps")
    assert abs(np.asarray(at.direction)[0]) > 0.1
    assert witness(problem, plane, np.array([0.3, -1.0]), key=KEY).sentence == ""


def _stiff(p, constants):
    return 5e5 * (p[0] - p[1]) ** 2 + 0.05 * (p[0] + p[1]) ** 2 + constants * jnp.abs(p[0] + p[1])


def test_kink_far_below_curvature_is_found_at_cells():
    # The curvature is 2e6 along (1, −1). The kink lies along p₀ + p₁ = 0, which meets five of the cells.
    for jump, state in ((1e-3, UNDETERMINED), (-1e-3, NON_CONVEX), (0.0, CONVEX)):
        problem = Problem.from_loss(_stiff, np.zeros(2, np.float32), constants=np.float32(jump))
        result = convexity_map(problem, span(problem.params, np.eye(2, dtype="f")), 1.0, key=KEY, cells=5)
        tie = np.eye(5, dtype=bool)[::-1] & (jump != 0)
        np.testing.assert_array_equal(result.jumps, tie)
        np.testing.assert_array_equal(result.states, np.where(tie, state, CONVEX))
