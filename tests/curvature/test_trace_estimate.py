"""The trace by Hutchinson's estimator, against exact traces."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.hessian import dense_hessian
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.curvature.trace_estimate import trace
from tests import problems

KEY = jax.random.key(1)


def _diagonal(p, diagonal):
    return 0.5 * jnp.sum(diagonal * p**2)


def test_t26_estimator_is_exact_for_diagonal_hessians():
    exact = trace(Problem.from_loss(_diagonal, np.zeros(3, np.float32), np.array([1, 2, 4], np.float32)), KEY, 4)
    assert (exact.value, exact.error) == (7.0, 0.0)
    problem = problems.mlp()
    hessian = dense_hessian(problem)
    estimate = trace(problem, KEY, 400)
    assert abs(estimate.value - np.trace(hessian)) < 3 * estimate.error
    variance = 2 * (np.sum(hessian**2) - np.sum(np.diag(hessian) ** 2))
    assert estimate.error == pytest.approx(np.sqrt(variance / 400), rel=0.15)
    with pytest.raises(ValueError, match="2 probes"):
        trace(problem, KEY, 1)


def test_trace_is_the_sum_of_eigenvalues():
    ends = spectrum(problems.mlp(), KEY, top=39, bottom=0)
    assert np.sum(ends.eigenvalues) == pytest.approx(np.trace(dense_hessian(problems.mlp())), abs=1e-10)
