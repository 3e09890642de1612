"""Directions of negative curvature."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem, span
from landscapes.curvature.witness import witness


def _quadratic(p):
    return 0.5 * jnp.sum(jnp.array([4.0, -3.0, 1.0], p.dtype) * p**2)


@pytest.mark.parametrize(("sense", "curvature", "axis"), [("minimize", -3.0, 1), ("maximize", 4.0, 0)])
def test_witness_is_the_direction_that_disproves_most(sense, curvature, axis):
    problem = Problem.from_loss(_quadratic, np.zeros(3))
    problem = replace(problem, objective=replace(problem.objective, sense=sense))
    plane = span(problem.params, np.array([[0.0, 0.0, 1.0]]))
    proof = witness(problem, plane, np.array([0.5]), key=jax.random.key(0))
    assert proof.curvature == pytest.approx(curvature, abs=proof.error + 1e-9)
    np.testing.assert_allclose(np.abs(proof.direction), np.eye(3)[axis], atol=1e-5)
    assert proof.sentence == ""
