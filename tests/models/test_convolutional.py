"""Skip connections of residual networks."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import landscapes.models as models
from tests.models.model_fixtures import built, module


def test_skip_connections_add_no_parameters():
    _, (_, with_skips, _) = built("resnet", skip=True)
    _, (_, without, _) = built("resnet", skip=False)
    assert jax.tree.map(jnp.shape, with_skips) == jax.tree.map(jnp.shape, without)


def test_the_variances_of_residual_branches_add_up_to_one():
    for skip, gain in ((True, 0.5), (False, 1.0)):
        _, params, _ = models.split(module("resnet", 0, (6, 5, 2), 3, {"blocks": 4, "skip": skip}))
        for block in params["blocks"].values():
            for unit, own in (("first", 1.0), ("second", gain)):
                np.testing.assert_array_equal(block[unit]["norm"]["batch"]["scale"], np.full(4, own))


def test_three_stages_of_three_blocks_are_resnet_20():
    """0.27 million parameters, table 6 of He et al. 2015 (1512.03385)."""
    resnet = models.MODELS["resnet"].build
    _, params, _ = models.split(
        nnx.eval_shape(lambda: resnet((32, 32, 3), 10, nnx.Rngs(0), stages=3, blocks=3, channels=16))
    )
    assert sum(leaf.size for leaf in jax.tree.leaves(params)) == 269_722
    assert sum(path[-1].key == "kernel" for path, _ in jax.tree_util.tree_leaves_with_path(params)) == 20
