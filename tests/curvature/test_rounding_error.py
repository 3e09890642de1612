"""The observed rounding error of Hessian-vector products, against errors that are known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.hessian import dense_hessian
from landscapes.curvature.rounding_error import observed_rounding_error, perturbed_products

EPS = np.finfo(np.float64).eps


def _quadratic(p, data):
    return 0.5 * p @ data["matrix"] @ p + data["height"]


def quadratic(matrix, height=0.0):
    data = {"matrix": np.asarray(matrix, np.float64), "height": np.float64(height)}
    return Problem.from_loss(_quadratic, np.array([1.0, -2.0]), data)


def test_quadratic_shows_only_its_rounding():
    problem = quadratic([[2, 1], [1, 3]])
    observed = observed_rounding_error(problem, problem.params, np.eye(2), dense_hessian(problem))
    assert np.all(observed <= 8 * EPS)
    assert len(observed_rounding_error(problem, problem.params, np.zeros((0, 2)), np.zeros((0, 2)))) == 0


def test_asymmetric_products_show_their_asymmetry():
    problem = quadratic([[2, 1], [1, 3]])
    asymmetric = np.array([[2.0, 1 + 1e-9], [1 - 1e-9, 3.0]])
    # √2 from the asymmetry, and 6/√70 because each product differs from those at the points around it.
    expected = np.sqrt(2 + 36 / 70) * 1e-9
    observed = observed_rounding_error(problem, problem.params, np.eye(2), asymmetric)
    np.testing.assert_allclose(observed, expected, rtol=1e-5)


def test_large_loss_adds_its_own_rounding():
    problem = quadratic([[2, 1], [1, 3]], height=1e6)
    observed = observed_rounding_error(problem, problem.params, np.eye(2), dense_hessian(problem))
    np.testing.assert_allclose(observed, EPS * 1e6 / 5, rtol=1e-2)  # ‖θ‖² = 5


def _log_sigmoid_loss(p):
    return -jnp.sum(jax.nn.log_sigmoid(p))


@pytest.mark.parametrize("margin", [-9.3, -15.7, -21.9])
def test_rounding_of_a_saturated_sigmoid_is_observed(margin):
    # A difference of numbers near 1: its error is a multiple of ε, and the second derivative is small.
    theta = np.array([margin, margin / 1.1, margin / 1.3])
    problem = Problem.from_loss(_log_sigmoid_loss, theta)
    hessian, wide = dense_hessian(problem), theta.astype(np.longdouble)
    exact = 1 / (1 + np.exp(wide)) / (1 + np.exp(-wide))
    error = np.linalg.norm((np.diag(hessian) - exact).astype(np.float64))
    assert error > 10 * EPS * np.max(exact)
    observed = np.linalg.norm(observed_rounding_error(problem, theta, np.eye(3), hessian))
    assert error / 6 <= observed <= 20 * error
    combined = observed_rounding_error(problem, theta, np.eye(3), hessian, combine=True)
    assert np.all(error / 6 <= combined)
    assert np.all(combined <= 20 * error)


def test_two_combinations_show_the_error_of_one_vector():
    # Nine of the ten parameters are near 0, where nothing cancels.
    theta = np.linspace(0.1, 0.2, 10)
    theta[6] = -19.3
    problem = Problem.from_loss(_log_sigmoid_loss, theta)
    hessian, exact = dense_hessian(problem), 1 / (1 + np.exp(theta)) / (1 + np.exp(-theta))
    error = abs(hessian[6, 6] - exact[6])
    assert error > 100 * EPS * exact[6]
    for combine in (False, True):
        observed = observed_rounding_error(problem, theta, np.eye(10), hessian, combine=combine)
        assert error / 2 <= observed[6] <= 20 * error


def test_kink_is_not_rounding():
    def kinked(theta):
        return np.where(theta[0] > 1, 5.0, 1.0) * np.ones((1, 2))

    theta = np.array([1.000003, 2.0])
    assert perturbed_products(kinked, theta, kinked(theta), EPS) == 0


def _fast_cosine(p):
    return jnp.sum(jnp.cos(1e4 * p))


def test_rounding_of_a_large_argument_is_observed():
    # Rounding ωx moves the second derivative alike at all parameters nearby: no difference of values shows it.
    for theta in np.array([[0.1257, 0.3456], [1.304, -0.3216], [2.041, 0.4903]]):
        problem = Problem.from_loss(_fast_cosine, theta)
        hessian, arguments = dense_hessian(problem), np.longdouble(1e4) * theta.astype(np.longdouble)
        errors = np.abs((np.diag(hessian) + np.longdouble(1e8) * np.cos(arguments)).astype(np.float64))
        observed = observed_rounding_error(problem, theta, np.eye(2), hessian)
        assert np.all(errors <= 4 * observed)
        assert np.all(observed <= 2 * EPS * 1e12 * np.max(np.abs(theta)))
