"""The smooth network: its second derivatives by its inputs exist, and its units can be exchanged."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from landscapes import models
from landscapes.models import MODELS


def test_outputs_are_one_number_for_each_point():
    graph, params, state = models.split(MODELS["smooth-mlp"].build((2,), 1, nnx.Rngs(0), width=5, depth=1))
    x = jnp.asarray(np.random.default_rng(0).normal(size=(7, 2)), jnp.float32)
    assert models.apply(graph, params, state, x).shape == (7, 1)
    curvature = jax.jit(jax.hessian(lambda at: models.apply(graph, params, state, at[None])[0, 0]))(x[0])
    assert np.all(np.abs(curvature) > 1e-6)


def test_exchanged_units_give_the_same_function():
    """The groups of units are those of the arrays that the module has."""
    entry = MODELS["smooth-mlp"]
    _, params, _ = models.split(nnx.eval_shape(lambda: entry.build((1,), 1, nnx.Rngs(0), width=4, depth=2)))
    paths = {
        jax.tree_util.keystr(path, simple=True, separator="/")
        for path, _ in jax.tree_util.tree_leaves_with_path(params)
    }
    for group in entry.units(width=4, depth=2, activation="tanh"):
        assert {*group.writes, *group.reads} <= paths
        assert not group.homogeneous
