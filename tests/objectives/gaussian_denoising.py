"""The best denoiser of a Gaussian of known variances, for the tests of losses that it minimizes."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES

VARIANCES = np.array([4.0, 1.0])
DATA = DATASETS["gaussian-cloud"].load(0, examples=4000, dimensions=2, variance=4.0, decay=0.25)
GRAPH = models.split(nnx.eval_shape(lambda: MODELS["gaussian-denoiser"].build((2,), 2, nnx.Rngs(0))))[0]
FORWARD = partial(models.apply, GRAPH)
MODELED = (VARIANCES, 2 * VARIANCES, np.ones(2))  # the best one first


def at(variances):
    return {"mean": jnp.zeros(2), "log_deviation": jnp.asarray(0.5 * np.log(variances), jnp.float32)}


def losses(name, **knobs):
    """The terms of an objective for each of the modeled variances."""
    terms = OBJECTIVES[name].terms
    loss = jax.jit(lambda params: terms(FORWARD, params, {}, DATA.train, jax.random.key(0), **knobs))
    return [{term: float(value) for term, value in loss(at(each)).items()} for each in MODELED]


def closed_form(path, variances):
    """The error of ax + bε at each level for a denoiser of these variances: the prediction is cx_t with
    c = (aαs² + bσ)/(α²s² + σ²), so that the error is (a − cα)²·Var(x) + (b − cσ)², summed over coordinates."""
    alpha, sigma, a, b = (np.asarray(each, float)[:, None] for each in path)
    c = (a * alpha * variances + b * sigma) / (alpha**2 * variances + sigma**2)
    return np.sum((a - c * alpha) ** 2 * VARIANCES + (b - c * sigma) ** 2, axis=1)


def sampled(draw, **knobs):
    return np.asarray(
        jax.jit(lambda params: draw(FORWARD, params, {}, jnp.zeros((1, 2)), 4000, **knobs))(at(VARIANCES))
    )
