"""What rounding is seen to do to Hessian-vector products, against errors that are known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.hessian import dense_hessian
from landscapes.curvature.rounding_error import seen, shaken

EPS = np.finfo(np.float64).eps


def _quadratic(p, data):
    return 0.5 * p @ data["matrix"] @ p + data["height"]


def quadratic(matrix, height=0.0):
    data = {"matrix": np.asarray(matrix, np.float64), "height": np.float64(height)}
    return Problem.from_loss(_quadratic, np.array([1.0, -2.0]), data)


def test_a_quadratic_shows_no_more_than_its_rounding():
    problem = quadratic([[2, 1], [1, 3]])
    assert np.all(seen(problem, problem.params, np.eye(2), dense_hessian(problem)) <= 8 * EPS)
    assert len(seen(problem, problem.params, np.zeros((0, 2)), np.zeros((0, 2)))) == 0


def test_products_of_no_symmetric_matrix_show_by_how_much():
    problem = quadratic([[2, 1], [1, 3]])
    skewed = np.array([[2.0, 1 + 1e-9], [1 - 1e-9, 3.0]])
    # √2 from the asymmetry, and 6/√70 because each product is off from those at the points around it.
    expected = np.sqrt(2 + 36 / 70) * 1e-9
    np.testing.assert_allclose(seen(problem, problem.params, np.eye(2), skewed), expected, rtol=1e-5)


def test_a_high_loss_hides_what_curvature_changes_by_less_than_its_rounding():
    problem = quadratic([[2, 1], [1, 3]], height=1e6)
    found = seen(problem, problem.params, np.eye(2), dense_hessian(problem))
    np.testing.assert_allclose(found, EPS * 1e6 / 5, rtol=1e-2)  # ‖θ‖² = 5


def _sure(p):
    return -jnp.sum(jax.nn.log_sigmoid(p))


@pytest.mark.parametrize("margin", [-9.3, -15.7, -21.9])
def test_what_a_saturated_sigmoid_loses_is_seen(margin):
    # One number near 1 less another: the error is a multiple of ε and the second derivative is not.
    at = np.array([margin, margin / 1.1, margin / 1.3])
    problem = Problem.from_loss(_sure, at)
    found, wide = dense_hessian(problem), at.astype(np.longdouble)
    exact = 1 / (1 + np.exp(wide)) / (1 + np.exp(-wide))
    error = np.linalg.norm((np.diag(found) - exact).astype(np.float64))
    assert error > 10 * EPS * np.max(exact)
    assert error / 6 <= np.linalg.norm(seen(problem, at, np.eye(3), found)) <= 20 * error
    any_of_them = seen(problem, at, np.eye(3), found, mixed=True)
    assert np.all(error / 6 <= any_of_them)
    assert np.all(any_of_them <= 20 * error)


def test_two_mixtures_show_what_one_vector_of_many_loses():
    # All but one of ten numbers are near 0, where nothing cancels.
    at = np.linspace(0.1, 0.2, 10)
    at[6] = -19.3
    problem = Problem.from_loss(_sure, at)
    found, exact = dense_hessian(problem), 1 / (1 + np.exp(at)) / (1 + np.exp(-at))
    error = abs(found[6, 6] - exact[6])
    assert error > 100 * EPS * exact[6]
    for mixed in (False, True):
        assert error / 2 <= seen(problem, at, np.eye(10), found, mixed=mixed)[6] <= 20 * error


def test_a_kink_is_no_rounding():
    def kinked(there):
        return np.where(there[0] > 1, 5.0, 1.0) * np.ones((1, 2))

    at = np.array([1.000003, 2.0])
    assert shaken(kinked, at, kinked(at), EPS) == 0
