"""Models of a few units with random parameters."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import landscapes.models as models
from landscapes.knobs import knobs
from landscapes.models import MODELS

SHAPES = {"vector": (5,), "image": (6, 5, 2), "tokens": (6,), "states": (5,), "observations": (4,)}
TINY = {
    "width": 4,
    "channels": 4,
    "blocks": 2,
}
# Predictors of numeric inputs; other capabilities are tested with their families.
PREDICTORS = {
    name: model
    for name, model in MODELS.items()
    if "predictor" in model.capabilities and model.inputs & set(SHAPES)
}


def module(name, seed, shape, outputs, settings):
    model = MODELS[name]
    tiny = {knob: size for knob, size in TINY.items() if knob in knobs(model.build)}
    return model.build(shape, outputs, nnx.Rngs(seed), **{**tiny, **settings})


def built(name, shape=None, **settings):
    """(shape of an input, (graph, params, state)) with random parameters and statistics."""
    shape = shape or SHAPES[sorted(MODELS[name].inputs & set(SHAPES))[-1]]
    graph, *shapes = models.split(nnx.eval_shape(lambda: module(name, 0, shape, 3, settings)))
    rng = np.random.default_rng(0)
    # The mean is positive, so that few ReLUs are dead. Variances must be positive.
    params, state = (
        jax.tree.map(lambda leaf, low=low: jnp.asarray(rng.uniform(low, 1, leaf.shape), jnp.float32), tree)
        for tree, low in zip(shapes, (-0.6, 0.3), strict=True)
    )
    return shape, (graph, params, state)


def inputs(shape, n=7, seed=0):
    return np.random.default_rng(seed).normal(1.0, 2.0, (n, *shape)).astype(np.float32)
