"""Networks learn digits from their default initialization in a few full-batch steps of Adam."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES

NETWORKS = [
    ("mlp", {"activation": "sigmoid", "depth": 4}),
    ("mlp", {"depth": 16, "residual": True}),
    ("convnet", {}),
    ("resnet", {}),
    ("resnet", {"skip": False}),
]


@pytest.mark.parametrize(("name", "settings"), NETWORKS, ids=str)
def test_training_more_than_halves_loss(name, settings):
    data = DATASETS["digits-images"].load(0, examples=150)
    graph, params, state = models.split(MODELS[name].build((8, 8, 1), 10, nnx.Rngs(0), **settings))
    optimizer = optax.adam(0.02)
    batch = jax.tree.map(jnp.asarray, data.train)

    def loss(params):
        terms = OBJECTIVES["cross-entropy"].terms(partial(models.apply, graph), params, state, batch, None)
        return terms["cross-entropy"]

    @jax.jit
    def train(params):
        def step(carry, _):
            params, optimizer_state = carry
            value, gradient = jax.value_and_grad(loss)(params)
            updates, optimizer_state = optimizer.update(gradient, optimizer_state)
            return (optax.apply_updates(params, updates), optimizer_state), value

        return jax.lax.scan(step, (params, optimizer.init(params)), length=40)[1]

    losses = np.asarray(train(params))
    # With a suitable initialization the loss starts near ln 10, that of equal outputs.
    assert abs(losses[0] - np.log(10)) < 0.8
    assert np.min(losses) < 0.5 * losses[0]
