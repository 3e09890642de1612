"""Barriers on the straight line, against closed forms."""

import jax
import numpy as np
import pytest

from landscapes import Problem
from landscapes.connectivity.barrier import linear_interpolation
from tests import problems
from tests.bowl import bowl

A, B = np.array([2.0, 1.0]), np.array([-1.0, 3.0])


def _double_well(p):
    return (p[0] ** 2 - 1) ** 2 + 0.1 * (p[0] + 1) + p[1] ** 2


def test_both_definitions_of_barrier_agree_with_formula():
    # The ends have the losses 0 at x = −1 and 0.2 at x = 1.
    problem = Problem.from_loss(_double_well, np.zeros(2))
    profile = linear_interpolation(problem, np.array([-1.0, 0.0]), np.array([1.0, 0.0]))
    t = np.linspace(0, 1, 100_001)
    x = 2 * t - 1
    loss = (x**2 - 1) ** 2 + 0.1 * (x + 1)
    barrier = profile.barrier
    assert barrier.highest == pytest.approx(loss.max(), abs=1e-4)
    assert barrier.above_mean == pytest.approx(loss.max() - 0.1, abs=1e-4)
    assert barrier.above_line == pytest.approx(1.0, abs=1e-4)
    assert barrier.t_highest == pytest.approx(t[np.argmax(loss)], abs=3e-3)
    assert barrier.above_mean != pytest.approx(barrier.above_line, abs=1e-3)
    np.testing.assert_allclose(profile.loss[[0, -1]], [0, 0.2], atol=1e-12)


def test_convex_loss_has_no_barrier_above_line():
    barrier = linear_interpolation(bowl(), A, B).barrier
    assert barrier.above_line == pytest.approx(0, abs=1e-12)
    assert barrier.above_mean > 100  # the higher end alone exceeds the mean
    np.testing.assert_array_equal(linear_interpolation(bowl(), A, A).loss, [102 - 50, 102 - 50])


def test_profile_of_reward_is_its_negative():
    reward = problems.maximized(Problem.from_loss(_double_well, np.zeros(2)))
    ends = np.array([-1.0, 0.0]), np.array([1.0, 0.0])
    np.testing.assert_allclose(linear_interpolation(reward, *ends).loss[[0, -1]], [0, -0.2], atol=1e-12)
    np.testing.assert_allclose(linear_interpolation(reward, ends[1], ends[1]).loss, [-0.2, -0.2], atol=1e-12)


def test_scalar_product_branches_have_barrier_of_half():
    # Every path from w₁w₂ = 1 with positive weights to that with negative ones crosses w₁w₂ = 0, where L = ½.
    problem = problems.scalar_product()
    ends = [jax.tree.map(lambda _, sign=sign: np.array(sign), problem.params) for sign in (1.0, -1.0)]
    assert linear_interpolation(problem, *ends).barrier.above_mean == pytest.approx(0.5, abs=1e-6)


def test_solutions_that_share_a_layer_are_two_and_those_of_other_shapes_are_refused():
    problem = Problem.from_loss(_of_two_layers, {"a": np.zeros(2), "b": np.zeros(3)})
    first = {"a": np.array([1.0, 2.0]), "b": np.array([1.0, 0.0, 2.0])}
    second = {"a": first["a"], "b": np.array([3.0, 1.0, 0.0])}
    np.testing.assert_allclose(linear_interpolation(problem, first, second).loss[[0, -1]], [10, 15])
    with pytest.raises(ValueError, match="the points lie in different spaces"):
        linear_interpolation(problem, first, {"a": np.zeros(2), "b": np.zeros(4)})


def _of_two_layers(p):
    return sum((leaf**2).sum() for leaf in p.values())
