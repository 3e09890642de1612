"""The largest eigenvalue along a sequence of points lies within its error bar, and warm starts save products."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.largest_eigenvalue import add_noise, largest_eigenvalue
from landscapes.precision import precision
from tests.error_bars import median_ratio
from tests.problems import normal, rotation

SIZE = 90  # more than the basis of one search can hold


def _quadratic(p, matrix):
    return 0.5 * p @ matrix @ p


def symmetric(seed: int, drift: float = 0.0) -> np.ndarray:
    """An indefinite matrix whose largest eigenvalues are close together; `drift` rotates it."""
    values = np.sort(normal(seed, SIZE)) * np.exp(normal(seed + 1000, 1))
    basis = rotation(SIZE, seed + 1)
    rotated = np.linalg.qr(basis + drift * normal(seed + 2, SIZE, SIZE))[0]
    return rotated * values @ rotated.T


@functools.cache
def matrix_and_eigenvalues(seed: int, drift: float) -> tuple[np.ndarray, np.ndarray]:
    """The matrix rounded to float32, and its exact eigenvalues."""
    matrix = symmetric(seed, drift).astype(np.float32)
    matrix = np.triu(matrix) + np.triu(matrix, 1).T
    return matrix, np.linalg.eigvalsh(matrix.astype(np.float64))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_error_bars_cover_cold_and_warm_searches(dtype):
    # 50 matrices, each cold and then warm, the same in both precisions.
    products, errors, bars, scales = {"cold": 0, "warm": 0}, [], [], []
    for seed in range(50):
        vector = None
        for kind, drift in (("cold", 0.0), ("warm", 0.01)):
            matrix, exact = matrix_and_eigenvalues(seed, drift)
            problem = Problem.from_loss(_quadratic, np.zeros(SIZE, dtype), matrix.astype(dtype))
            with precision(problem.params):
                top = largest_eigenvalue(problem, jnp.zeros(SIZE, dtype), jax.random.key(seed), start=vector)
            errors.append(abs(top.value - exact[-1]))
            bars.append(top.error)
            scales.append(np.max(np.abs(exact)))
            # Four tolerances of 1e-3 while eigenvalues may be unresolved, plus rounding.
            assert not top.converged or top.error <= 4.1e-3 * np.max(np.abs(exact))
            products[kind] += top.products
            vector = top.vector
    assert np.all(np.array(errors) <= bars)
    assert median_ratio(bars, errors, scales) <= 100
    assert products["warm"] < 0.8 * products["cold"]


def test_add_noise_ignores_invalid_vectors():
    noise = jnp.array([0.6, 0.8])
    np.testing.assert_allclose(add_noise(jnp.array([jnp.nan, 1.0]), noise), noise, rtol=1e-6)
    np.testing.assert_allclose(add_noise(jnp.zeros(2), noise), noise, rtol=1e-6)
    np.testing.assert_allclose(jnp.linalg.norm(add_noise(jnp.array([3.0, 0.0]), noise)), 1, rtol=1e-6)


def test_nonfinite_loss_has_no_eigenvalue():
    problem = Problem.from_loss(_log, np.array([-1.0, 2.0]))
    with precision(problem.params):
        top = largest_eigenvalue(problem, jnp.asarray(problem.params), jax.random.key(0))
    assert np.isnan(top.value)
    assert np.isinf(top.error)


def _log(p):
    return jnp.log(p[0]) + p[1] ** 2
