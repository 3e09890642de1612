"""Sophia: the diagonal that it estimates, and its clipped steps."""

import numpy as np

from landscapes.optimization.step_vectors import step_vectors
from landscapes.optimization.trajectory import descend
from landscapes.plane import span
from landscapes.problem import Problem
from tests.bowl import bowl


def vectors(problem, steps, **settings):
    return step_vectors(problem, span(problem.params, np.eye(2)), ("sophia", settings), steps)


def test_estimate_is_the_diagonal_where_the_hessian_is_diagonal():
    found = vectors(bowl((3.0, 11.0), (1.0, -0.7)), 7, interval=3, b2=0.5)
    q = found.components["q_t"]
    np.testing.assert_allclose(q[[0, 3, 6]], [[3.0, 11.0]] * 3, rtol=1e-12)
    assert not np.any(q[[1, 2, 4, 5]])
    np.testing.assert_allclose(found.components["h_t"][3], [2.25, 8.25], rtol=1e-12)


def test_estimate_is_unbiased_with_off_diagonal_entries():
    hessian = np.array([[2.0, 1.5], [1.5, 3.0]])
    problem = Problem.from_loss(lambda p: 0.5 * p @ hessian @ p, np.array([1.0, -1.0]))
    estimates = vectors(problem, 400, interval=1).components["q_t"]
    # q = diag ± 1.5 with equal odds: the mean of 400 has the standard deviation 1.5/20.
    assert np.allclose(np.abs(estimates - [2.0, 3.0]), 1.5, rtol=1e-9)
    np.testing.assert_allclose(estimates.mean(0), [2.0, 3.0], atol=4 * 1.5 / 20)


def test_first_step_is_the_rate_and_a_known_curvature_makes_newton_steps():
    settings = {"learning_rate": 0.1, "b1": 0.0, "gamma": 1.0, "b2": 0.0, "interval": 1}
    path = descend(bowl((3.0, 11.0), (1.0, -0.05)), ("sophia", settings), 2).params
    np.testing.assert_allclose(path[1], [0.9, 0.05], rtol=1e-12)  # h₀ = 0, so that both move by η
    np.testing.assert_allclose(path[2], [0.81, 0.045], rtol=1e-12)  # θ − η g/h with h the exact diagonal


def test_hessian_products_are_counted_as_two_gradients():
    run = descend(bowl(), ("sophia", {"interval": 2, "learning_rate": 0.01}), 4)
    np.testing.assert_array_equal(run.evaluations, np.cumsum([0, 3, 1, 3, 1]))
