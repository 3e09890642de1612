"""Gauss nodes and weights of the spectral measure of random vectors."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Problem
from landscapes.curvature.quadrature import quadrature
from landscapes.precision import precision

EIGENVALUES = np.array([-2.0, 0.5, 1.0, 3.0, 10.0])


def _quadratic(p):
    return 0.5 * jnp.sum(EIGENVALUES.astype(p.dtype) * p**2)


def test_as_many_steps_as_parameters_give_every_eigenvalue():
    problem = Problem.from_loss(_quadratic, np.zeros(5))
    reports: list[float] = []
    with precision(problem.params):
        nodes, weights = quadrature(problem, jnp.zeros(5), jax.random.key(0), 6, reports.append)
    np.testing.assert_allclose(nodes, np.tile(EIGENVALUES, (6, 1)), atol=1e-9)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-12)
    assert len(np.unique(weights, axis=0)) == 6  # each probe is another random vector
    assert reports == sorted(reports)
    assert reports[-1] <= 1
