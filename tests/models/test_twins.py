"""Twins begin with two equal encoders and a multiple of the identity."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS


@pytest.mark.parametrize("name", ["linear-twins", "mlp-twins"])
def test_both_encoders_are_equal_at_the_start(name):
    graph, params, state = models.split(MODELS[name].build((5,), 3, nnx.Rngs(0), predictor=0.7))
    assert set(params) == {"online", "target"}
    encoder = params["online"]["encoder"]
    jax.tree.map(np.testing.assert_array_equal, encoder, params["target"]["encoder"])
    x = jnp.asarray(np.random.default_rng(0).normal(size=(4, 5)), jnp.float32)
    z = models.apply(graph, params, state, x)
    assert z.shape == (4, 3)
    np.testing.assert_array_equal(models.apply(graph, params, state, x, method="embed_by_target"), z)
    np.testing.assert_allclose(models.apply(graph, params, state, x, method="predict"), 0.7 * z, rtol=1e-5)
    if name == "linear-twins":
        np.testing.assert_allclose(encoder["kernel"].T @ encoder["kernel"], 1.69 * np.eye(3), atol=1e-5)
        assert encoder["kernel"][0, 0] > 0
