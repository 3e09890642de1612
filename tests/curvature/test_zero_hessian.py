"""A Hessian that is zero: everywhere around, or at one point."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.zero_hessian import explain_zero_hessian


@pytest.mark.parametrize(
    ("loss", "sentence"),
    [
        (lambda w: jnp.sum(jnp.abs(w - 5)), "here and nearby: the loss is piecewise linear"),
        (lambda w: jnp.sum(w**4), "here but not nearby: eigenvalues cannot classify this point"),
    ],
)
def test_a_zero_hessian_is_explained_by_its_neighbourhood(loss, sentence):
    problem = Problem.from_loss(loss, np.zeros(3, np.float32))
    assert sentence in explain_zero_hessian(problem, jnp.zeros(3), jax.random.key(0))
