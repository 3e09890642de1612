"""From their default initialization the networks learn: digits, full batch, a few steps of Adam."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import models
from models import MODELS
from objectives import DATASETS, OBJECTIVES

NETWORKS = [
    ("mlp", {"activation": "sigmoid", "depth": 4}),
    ("mlp", {"depth": 16, "residual": True}),
    ("convnet", {}),
    ("resnet", {}),
    ("resnet", {"skip": False}),
]


@pytest.mark.parametrize(("name", "given"), NETWORKS, ids=str)
def test_training_more_than_halves_the_loss(name, given):
    data = DATASETS["digits-images"].load(0, examples=150)
    graph, params, state = models.split(MODELS[name].build((8, 8, 1), 10, nnx.Rngs(0), **given))
    optimizer = optax.adam(0.02)
    batch = jax.tree.map(jnp.asarray, data.train)

    def loss(params):
        terms = OBJECTIVES["cross-entropy"].terms(partial(models.apply, graph), params, state, batch, None)
        return terms["cross-entropy"]

    @jax.jit
    def train(params):
        def step(carry, _):
            params, memory = carry
            value, gradient = jax.value_and_grad(loss)(params)
            updates, memory = optimizer.update(gradient, memory)
            return (optax.apply_updates(params, updates), memory), value

        return jax.lax.scan(step, (params, optimizer.init(params)), length=40)[1]

    losses = np.asarray(train(params))
    # It starts close to the ln 10 of equal outputs, where sensible scales put it.
    assert abs(losses[0] - np.log(10)) < 0.8
    assert np.min(losses) < 0.5 * losses[0]
