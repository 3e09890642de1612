"""Models of tasks: linear attention is a step of gradient descent, and the order of the pairs has no effect."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from landscapes import models
from landscapes.models import MODELS

X = np.random.default_rng(0).normal(size=(4, 7, 4)).astype(np.float32)
X[:, -1, -1] = 0


def test_linear_attention_with_a_multiple_of_the_identity_is_one_step_of_gradient_descent():
    graph, params, state = models.split(MODELS["linear-attention"].build((7, 4), 1, nnx.Rngs(0)))
    params["attention"]["kernel"] = 0.3 * jnp.eye(3)
    for task, predicted in zip(X, models.apply(graph, params, state, X)[:, 0], strict=True):
        x, y, query = task[:-1, :-1], task[:-1, -1], task[-1, :-1]
        gradient = jax.jit(jax.grad(lambda w, x=x, y=y: jnp.mean((x @ w - y) ** 2) / 2))(jnp.zeros(3))
        np.testing.assert_allclose(predicted, -0.3 * gradient @ query, rtol=1e-4, atol=1e-6)
    # Of a matrix that is not symmetric the kernel's first index is that of the pairs, the second the query's.
    params["attention"]["kernel"] = kernel = jnp.arange(9.0).reshape(3, 3)
    for task, predicted in zip(X, models.apply(graph, params, state, X)[:, 0], strict=True):
        expected = task[:-1, -1] @ task[:-1, :-1] @ kernel @ task[-1, :-1] / 6
        np.testing.assert_allclose(predicted, expected, rtol=1e-4, atol=1e-5)


def test_order_of_the_pairs_has_no_effect():
    graph, params, state = models.split(MODELS["context-transformer"].build((7, 4), 1, nnx.Rngs(0), width=4))
    f = jax.jit(lambda x: models.apply(graph, params, state, x))
    shuffled = X[:, [4, 1, 5, 0, 2, 3, 6]]
    np.testing.assert_allclose(f(X), f(shuffled), rtol=1e-4, atol=1e-5)
    assert np.any(np.abs(f(X) - f(X[:, ::-1])) > 1e-3)  # another query
