"""Linear regression in context: its tasks, and the best linear attention in closed form."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from landscapes import models
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.in_context import least_squares

ENTRY: Any = OBJECTIVES["in-context"]


def test_targets_are_the_values_of_the_function_that_the_pairs_are_of():
    data = DATASETS["linear-tasks"].load(0, noise=0.0, examples=20, inputs=4, pairs=9)
    assert data.input_shape == (10, 5)
    assert np.all(data.train["x"][:, -1, -1] == 0)
    np.testing.assert_allclose(least_squares(data.train["x"]), data.train["y"][:, 0], atol=1e-4)
    many = DATASETS["linear-tasks"].load(0, examples=10_000, pairs=2)
    assert np.var(many.train["y"]) == pytest.approx(1, rel=0.05)


def test_best_linear_attention_is_a_shortened_step_of_gradient_descent():
    """With x ~ N(0, I), w ~ N(0, I/d) and noise σ the expected loss of W = cI is 1 − 2c + c²(1 + (d + 1 + dσ²)/n):
    the best c is the inverse of the last bracket, and the loss there 1 − c."""
    d, n, noise = 3, 6, 0.5
    data = DATASETS["linear-tasks"].load(1, examples=10_000, pairs=n, inputs=d, noise=noise)
    graph, params, state = models.split(MODELS["linear-attention"].build(data.input_shape, 1, nnx.Rngs(0)))
    best = ENTRY.known.optimum(params, data, ENTRY.weights)
    c = 1 / (1 + (d + 1 + d * noise**2) / n)
    np.testing.assert_allclose(best["attention"]["kernel"], c * np.eye(d), atol=0.04)
    with jax.enable_x64(True):
        batch = jax.tree.map(partial(jnp.asarray, dtype=jnp.float64), data.train)
        best = jax.tree.map(jnp.asarray, best)
        loss = jax.jit(
            lambda params: ENTRY.terms(partial(models.apply, graph), params, state, batch, None)["in-context"]
        )
        assert float(loss(best)) == pytest.approx(1 - c, rel=0.05)
        gradient = jax.jit(jax.grad(loss))(best)["attention"]["kernel"]
        assert np.max(np.abs(gradient)) < 1e-10


def test_references_are_the_losses_of_zero_and_of_least_squares():
    data = DATASETS["linear-tasks"].load(0)
    zero, fitted = ENTRY.known.references(data, weights={"in-context": 2.0}).values()
    assert zero == pytest.approx(2 * np.mean(data.train["y"] ** 2), rel=1e-6)
    # The excess of least squares on n Gaussian inputs is σ²d/(n − d − 1).
    assert fitted == pytest.approx(2 * 0.1**2 * 3 / (12 - 3 - 1), rel=0.5)
    assert ENTRY.known.optimum({"embed": {}}, data, ENTRY.weights) is None
