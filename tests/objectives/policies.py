"""Tables of logits as policies, and the terms and gradients of an objective under them."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes import Choice, Recipe
from landscapes.objectives import DATASETS, OBJECTIVES

# Compiled for one use each, so an optimized program would cost twice what it saves.
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}

BANDIT = Recipe(
    objective=Choice("expected-return"),
    data=Choice("bandit"),
    model=Choice.of("policy-table", spread=0.0),
    optimizers=(),
    directions=Choice("gaussian"),
    precision="float64",
)


def process(name, **knobs):
    """The written-out process in float64."""
    return {key: array.astype(np.float64) for key, array in DATASETS[name].load(0, **knobs).train.items()}


def forward(params, state, x):
    return x @ params["logits"]


def evaluated(name, knobs, logits, batch, key):
    return OBJECTIVES[name].terms(forward, {"logits": logits}, {}, batch, key, **dict(knobs))


def differentiated(name, knobs, term, logits, batch, key):
    return jax.jit(jax.grad(lambda logits: evaluated(name, knobs, logits, batch, key)[term]))(logits)


_terms = jax.jit(evaluated, static_argnums=(0, 1), compiler_options=QUICK)
_gradients = jax.jit(differentiated, static_argnums=(0, 1, 2), compiler_options=QUICK)


def terms(name, logits, batch, key=None, **knobs):
    return _terms(name, tuple(sorted(knobs.items())), jnp.asarray(logits), batch, key)


def gradient(name, term, logits, batch, key=None, **knobs):
    return _gradients(name, tuple(sorted(knobs.items())), term, jnp.asarray(logits), batch, key)


def table(states=9, actions=4, seed=0, scale=1.0):
    return scale * np.random.default_rng(seed).normal(size=(states, actions))


def softmax(logits):
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)
