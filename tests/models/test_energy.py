"""The energy of a model."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS


def test_energy_is_a_gaussian_of_deviation_1_5_without_its_network():
    graph, params, state = models.split(MODELS["energy-mlp"].build((2,), 2, nnx.Rngs(0), width=3, depth=1))
    x = jnp.array([[3.0, 0.0], [1.5, 1.5]])
    flat = jax.tree.map(jnp.zeros_like, params)
    np.testing.assert_allclose(models.apply(graph, flat, state, x, method="energy"), [2, 1], rtol=1e-6)
    assert np.any(np.asarray(models.apply(graph, params, state, x, method="energy")) != np.array([2, 1]))
