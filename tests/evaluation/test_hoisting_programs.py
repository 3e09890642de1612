"""Hoisted and plain evaluation agree on randomly generated programs of the supported operations."""

import math

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from landscapes.evaluation.hoisting import hoist
from landscapes.plane import span
from landscapes.precision import precision

RNG = np.random.default_rng(11)
SHAPES = {"matrix": (3, 4), "row": (1, 4), "square": (4, 4), "number": (), "none": (0, 4)}
PARAMS = {name: RNG.normal(size=shape) for name, shape in SHAPES.items()}
DIRECTIONS = {name: RNG.normal(size=(2, *shape)) for name, shape in SHAPES.items()}
CONSTANTS = [RNG.normal(size=shape) for shape in ((3, 4), (4, 4), (4, 2))]
MASK, ROWS = RNG.random((3, 4)) > 0.5, np.array([2, 0, 2])
with jax.enable_x64(True):
    POINT = jnp.array([0.7, -0.4])


@jax.custom_vjp
def halved(x):
    return x / 2


halved.defvjp(lambda x: (x / 2, None), lambda _, g: (g,))

UNARY = {
    "negate": lambda x: -x,
    "scale": lambda x: x * 0.7 / 1.3,
    "weigh": lambda x: x * CONSTANTS[0] if x.shape == (3, 4) else x,
    "shift": lambda x: 0.3 - x,
    "flatten": lambda x: x.reshape(-1),
    "transpose": jnp.transpose,
    "reverse": lambda x: x[::-1] if x.ndim else x,
    "stack": lambda x: jnp.broadcast_to(x, (2, *x.shape)),
    "first": lambda x: x[0] if x.ndim and x.shape[0] else x,
    "tail": lambda x: x[1:] if x.ndim else x,
    "every other": lambda x: x[..., ::2] if x.ndim else x,
    "window": lambda x: jax.lax.dynamic_slice(x, (ROWS[0], ROWS[1]), (1, 2)) if x.shape == (3, 4) else x,
    "gather": lambda x: x[ROWS] if x.ndim and x.shape[0] > 2 else x,
    "scatter": lambda x: x.at[ROWS].add(x[:1] * 0.5) if x.ndim and x.shape[0] > 2 else x,
    "pad": lambda x: jnp.pad(x, [(1, 0)] * x.ndim) if x.ndim else x,
    "sum": lambda x: jnp.sum(x, axis=0) if x.ndim else x,
    "cumulate": lambda x: jnp.cumsum(x, axis=0) if x.ndim else x,
    "select": lambda x: jnp.where(MASK, x, 0.5) if x.shape == (3, 4) else x,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "square": lambda x: x * x / 4,
    "logsumexp": lambda x: jax.nn.logsumexp(x, axis=0) if x.ndim and x.shape[0] else x,
    "jit": jax.jit(lambda x: 2 * x - 1),
    "checkpoint": jax.checkpoint(lambda x: x / 3),
    "custom": halved,
    "stop": jax.lax.stop_gradient,
    "scan": lambda x: jax.lax.scan(lambda h, row: (0.5 * h + row, h), x[0], x)[1] if x.ndim and x.shape[0] else x,
    "convolve": lambda x: jnp.convolve(x, np.array([0.5, -0.2, 0.1]), mode="same") if x.shape == (4,) else x,
    "twice": lambda x: jnp.concatenate([x, 2 * x]) if x.ndim else x,
}


def like(x, y):
    """y in the shape of x, by repetition or by its mean."""
    if x.shape == y.shape:
        return y
    return jnp.broadcast_to(jnp.sum(y) / max(y.size, 1), x.shape)


def contract(x, y):
    fits = x.ndim and y.ndim and x.shape[-1] == y.shape[0]
    return jnp.tensordot(x, y, axes=1) / 4 if fits else x


BINARY = {
    "add": lambda x, y: x + like(x, y),
    "subtract": lambda x, y: x - like(x, y) * 0.9,
    "multiply": lambda x, y: x * like(x, y) / 2,
    "divide": lambda x, y: x / (1.5 + like(x, y) ** 2),
    "join": lambda x, y: jnp.concatenate([x, like(x, y)]) if x.ndim else x,
    "contract": contract,
    "contract swapped": lambda x, y: contract(y, x),
}

LINES = st.lists(
    st.tuples(st.sampled_from([*UNARY, *BINARY]), st.integers(0, 7), st.integers(0, 3)), min_size=8, max_size=16
)


def program(lines):
    """params -> every value that the lines make in turn, each from two of those before it, mostly recent ones."""

    def fun(params):
        pool = [*map(jnp.asarray, CONSTANTS), *params.values()]
        for name, i, j in lines:
            x, y = pool[-1 - j], pool[-1 - i]
            made = UNARY[name](x) if name in UNARY else BINARY[name](x, y)
            pool.append(made if made.size <= 64 else jnp.tanh(jnp.mean(made)))
        return pool

    return fun


@settings(max_examples=25, deadline=None, derandomize=True)
@given(LINES)
def test_random_programs(lines):
    fun = program(lines)
    with precision(PARAMS):
        # Operation by operation: programs share most of those, and compiling each program takes far longer.
        plane = span(jax.tree.map(jnp.asarray, PARAMS), jax.tree.map(jnp.asarray, DIRECTIONS))
        ours = hoist(lambda params: fun(params)[-4:], plane, min_saving=-math.inf)(POINT)
        plain = fun(plane.point(POINT))
    # Rounding errors are those of the largest value on the way.
    size = max(float(np.max(np.abs(value), initial=1)) for value in plain)
    for mine, theirs in zip(ours, plain[-4:], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-12 * size)
