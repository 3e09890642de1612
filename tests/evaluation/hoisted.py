"""Hoisted evaluation beside plain evaluation, for tests of both."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.evaluation.hoisting import hoist
from landscapes.plane import span
from landscapes.precision import precision

QUICK = {"xla_backend_optimization_level": 0}  # halves the time to compile; the numbers are what counts here


TOLERANCE = {np.dtype(np.float32): 2e-6, np.dtype(np.float64): 1e-12}


def draw(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def plane_through(params, dim=2):
    rng = np.random.default_rng(7)
    with precision(params):
        params = jax.tree.map(jnp.asarray, params)
        return span(params, jax.tree.map(lambda p: jnp.asarray(rng.normal(size=(dim, *p.shape)), p.dtype), params))


def compare(fun, params, dim=2, reach=3.0, dtype: type = np.float64, tolerance=None, **kwargs):
    """Asserts that both ways agree at the origin and at four points; returns the values and the hoisted
    function, for a look inside."""
    params = jax.tree.map(lambda p: np.asarray(p, dtype), params)
    plane = plane_through(params, dim)
    where = np.random.default_rng(3).uniform(-reach, reach, (5, dim)).astype(dtype)
    where[0] = 0

    def both(plane, where):
        hoisted = hoist(fun, plane, **{"min_saving": -math.inf, **kwargs})
        plain = jax.lax.map(lambda c: fun(plane.point(c)), where)
        return plain, jax.lax.map(hoisted, where, batch_size=2), hoisted

    with precision(params):
        plain, ours, hoisted = jax.jit(both, compiler_options=QUICK)(plane, where)
    assert jax.tree.structure(ours) == jax.tree.structure(plain)
    for mine, theirs in zip(jax.tree.leaves(ours), jax.tree.leaves(plain), strict=True):
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
        size = np.max(np.abs(theirs, where=np.isfinite(theirs), out=np.zeros(theirs.shape)), initial=0)
        atol = size * (tolerance or TOLERANCE[np.dtype(dtype)])
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=atol)
    return ours, hoisted


def planned(fun, params, **kwargs):
    """The hoisted function without its numbers: traced, not compiled."""
    plane = plane_through(jax.tree.map(lambda p: np.asarray(p, np.float32), params))
    return jax.eval_shape(lambda plane: hoist(fun, plane, **{"min_saving": -math.inf, **kwargs}), plane)


def shapes(hoisted):
    return set(hoisted.program.inputs.values())


def primitives(hoisted):
    return {step.primitive.name for step in hoisted.program.remainder.steps}


X, LABELS = draw(0, 40, 30), np.arange(40) % 5


MLP = [{"w": draw(1, 30, 20) / 5, "b": draw(2, 1, 20)}, {"w": draw(3, 20, 5) / 4, "b": draw(4, 1, 5)}]


def cross_entropy(z, labels=LABELS):
    own = jnp.take_along_axis(z, labels[:, None], axis=1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(z, axis=-1) - own)


def mlp(params):
    h = jax.nn.relu(X @ params[0]["w"] + params[0]["b"])
    z = h @ params[1]["w"] + params[1]["b"]
    return {"cross_entropy": cross_entropy(z), "penalty": jnp.sum(z**2)}
