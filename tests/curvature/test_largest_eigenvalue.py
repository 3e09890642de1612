"""The largest eigenvalue along a sequence of points: inside its error bar on many problems, and at less cost."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.largest_eigenvalue import blend, largest
from landscapes.precision import precision
from tests.error_bars import median_ratio
from tests.problems import normal, rotation

SIZE = 90  # more than one search may hold


def _quadratic(p, matrix):
    return 0.5 * p @ matrix @ p


def symmetric(seed: int, drift: float = 0.0) -> np.ndarray:
    """A matrix of both signs, with its largest eigenvalues close together; `drift` turns it."""
    values = np.sort(normal(seed, SIZE)) * np.exp(normal(seed + 1000, 1))
    basis = rotation(SIZE, seed + 1)
    turned = np.linalg.qr(basis + drift * normal(seed + 2, SIZE, SIZE))[0]
    return turned * values @ turned.T


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_true_value_lies_inside_the_bar_cold_and_warm(dtype):
    # Twice 50 matrices, the same in both precisions.
    spent, errors, bars, scales = {"cold": 0, "warm": 0}, [], [], []
    for seed in range(50):
        vector = None
        for turn, drift in (("cold", 0.0), ("warm", 0.01)):
            matrix = symmetric(seed, drift).astype(np.float32)
            matrix = np.triu(matrix) + np.triu(matrix, 1).T
            problem = Problem.from_loss(_quadratic, np.zeros(SIZE, dtype), matrix.astype(dtype))
            with precision(problem.params):
                found = largest(problem, jnp.zeros(SIZE, dtype), jax.random.key(seed), start=vector)
            exact = np.linalg.eigvalsh(matrix.astype(np.float64))
            errors.append(abs(found.value - exact[-1]))
            bars.append(found.error)
            scales.append(np.max(np.abs(exact)))
            # Four tolerances of 1e-3, which a chain cannot tell apart until it is near rounding; and that.
            assert not found.met or found.error <= 4.1e-3 * np.max(np.abs(exact))
            spent[turn] += found.products
            vector = found.vector
    assert np.all(np.array(errors) <= bars)
    assert median_ratio(bars, errors, scales) <= 100
    assert spent["warm"] < 0.8 * spent["cold"]


def test_a_start_that_is_no_vector_is_all_noise():
    noise = jnp.array([0.6, 0.8])
    np.testing.assert_allclose(blend(jnp.array([jnp.nan, 1.0]), noise), noise, rtol=1e-6)
    np.testing.assert_allclose(blend(jnp.zeros(2), noise), noise, rtol=1e-6)
    np.testing.assert_allclose(jnp.linalg.norm(blend(jnp.array([3.0, 0.0]), noise)), 1, rtol=1e-6)


def test_where_there_is_no_loss_there_is_no_value():
    problem = Problem.from_loss(_log, np.array([-1.0, 2.0]))
    with precision(problem.params):
        found = largest(problem, jnp.asarray(problem.params), jax.random.key(0))
    assert np.isnan(found.value)
    assert np.isinf(found.error)


def _log(p):
    return jnp.log(p[0]) + p[1] ** 2
