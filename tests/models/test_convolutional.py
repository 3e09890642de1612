"""Skip connections of residual networks."""

import jax
import jax.numpy as jnp
import numpy as np

import landscapes.models as models
from tests.models.model_fixtures import built, inputs, module


def test_skip_connections_add_no_parameters():
    _, (_, with_skips, _) = built("resnet", skip=True)
    _, (_, without, _) = built("resnet", skip=False)
    assert jax.tree.map(jnp.shape, with_skips) == jax.tree.map(jnp.shape, without)


def test_skip_connections_bypass_zero_blocks():
    shape, (graph, params, state) = built("resnet", normalization="none", skip=True, blocks=1)
    x = inputs(shape)
    for weights in params["blocks"][0].values():
        weights["convolution"] = jax.tree.map(jnp.zeros_like, weights["convolution"])
    outputs = models.apply(graph, params, state, x)
    assert jnp.ptp(outputs) > 0.1
    _, (without, _, _) = built("resnet", normalization="none", skip=False, blocks=1)
    bias = np.broadcast_to(params["output"]["bias"], outputs.shape)
    np.testing.assert_array_equal(models.apply(without, params, state, x), bias)


def test_the_variances_of_residual_branches_add_up_to_one():
    for skip, gain in ((True, 0.5), (False, 1.0)):
        _, params, _ = models.split(module("resnet", 0, (6, 5, 2), 3, {"blocks": 4, "skip": skip}))
        for block in params["blocks"].values():
            for unit, own in (("first", 1.0), ("second", gain)):
                np.testing.assert_array_equal(block[unit]["norm"]["batch"]["scale"], np.full(4, own))
