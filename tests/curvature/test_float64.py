"""A problem in float64 is the same problem, unless its loss is a different one there."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Problem
from landscapes.curvature.float64 import problem_in_float64, products_in_float64

POINT = np.array([0.1, 0.2, 0.4], np.float32)


def _cubic(p):
    return jnp.sum(p**3)


def _random(p):
    # The random numbers depend on the precision of the parameters.
    return jnp.sum((p - jax.random.normal(jax.random.key(0), p.shape, p.dtype)) ** 2)


def test_products_in_float64_have_its_precision():
    problem = Problem.from_loss(_cubic, POINT)
    (products,) = products_in_float64(problem, jnp.asarray(POINT), np.eye(3))
    np.testing.assert_allclose(products, 6 * np.diag(POINT.astype(np.float64)), rtol=1e-15)


def test_problem_with_a_different_loss_keeps_its_precision():
    problem = Problem.from_loss(_random, POINT)
    same, point = problem_in_float64(problem, jnp.asarray(POINT))
    assert same is problem
    assert point.dtype == np.float32
    assert list(products_in_float64(problem, jnp.asarray(POINT), np.eye(3))) == []
