"""Values that are infinite, NaN or near overflow are not hoisted: surfaces equal the jitted loss there, too."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.evaluation.hoisting import hoist
from landscapes.plane import span
from landscapes.problem import Problem
from landscapes.slices.surface import evaluate

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(300, 20)).astype(np.float32), RNG.normal(size=300).astype(np.float32)
PARAMS = {"a": RNG.normal(size=(20, 6)).astype(np.float32), "b": RNG.normal(size=6).astype(np.float32)}
DIRECTIONS = {name: RNG.normal(size=(2, *leaf.shape)) for name, leaf in PARAMS.items()}
AXES = (np.linspace(-30, 21, 6), np.linspace(-24, 30, 5))


def with_entry(array: np.ndarray, index: Any, value: Any) -> np.ndarray:
    changed = array.copy()
    changed[index] = value
    return changed


SHIFT = np.where(np.arange(6) == 2, -np.inf, 0).astype(np.float32)[None]
STEEP = np.where(np.arange(6) == 4, 0, 1).astype(np.float32)[None]


def bounded(params, inputs):
    return jnp.mean((jnp.tanh(inputs @ params["a"]) @ params["b"] - Y) ** 2)


def clipped(params, inputs):
    return jnp.mean(jnp.clip(inputs @ params["a"], -1, 1) @ params["b"])


def softplus(params, inputs):
    return jnp.mean(jnp.logaddexp(0, (inputs @ params["a"])[:, 0])) + params["b"][1]


def shifted(params, inputs):
    return jnp.mean(jnp.tanh(inputs @ params["a"] + SHIFT) @ params["b"])


def divided(params, inputs):
    return jnp.mean(jnp.clip(inputs @ params["a"] / STEEP, -1, 1) @ params["b"])


def divided_away(params, inputs):
    """Where the product overflows, its quotient would not."""
    return jnp.mean(jnp.square(inputs @ params["a"] / 1e37) @ params["b"])


CASES = {
    "inf in the data": (bounded, with_entry(X, (7, 3), np.inf), PARAMS),
    "-inf in the data": (bounded, with_entry(X, (7, 3), -np.inf), PARAMS),
    "-inf in the data, unbounded loss": (softplus, with_entry(X, (7, 3), -np.inf), PARAMS),
    "inf in the data, weights of the other sign": (
        softplus,
        with_entry(X, (7, 3), np.inf),
        {**PARAMS, "a": -PARAMS["a"]},
    ),
    "NaN in the data": (bounded, with_entry(X, (7, 3), np.nan), PARAMS),
    "two infinities in a row": (clipped, with_entry(X, (7, slice(3, 5)), (np.inf, -np.inf)), PARAMS),
    "a shift of -inf": (shifted, X, PARAMS),
    "a division by zero": (divided, X, PARAMS),
    "inf in the parameters": (clipped, X, {**PARAMS, "a": with_entry(PARAMS["a"], (3, 1), np.inf)}),
    "an overflow at the origin": (clipped, with_entry(X, (7, 3), 3e38), {**PARAMS, "a": 9 * PARAMS["a"]}),
    "an overflow along a direction": (
        clipped,
        with_entry(X, (7, slice(3, 5)), (1e38, -2e38)),
        {**PARAMS, "a": 0 * PARAMS["a"]},
    ),
    "an overflow that a division hides": (
        divided_away,
        with_entry(X, (7, 3), 3e38),
        {**PARAMS, "a": 0 * PARAMS["a"]},
    ),
}


@partial(jax.jit, static_argnums=0)
def plainly(loss, plane, inputs, points):
    hoisted = hoist(lambda params: loss(params, inputs), plane)
    return jax.lax.map(lambda c: loss(plane.point(c), inputs), points), hoisted.finite


@pytest.mark.parametrize("name", CASES)
def test_surface_equals_jitted_loss_where_numbers_are_not_finite(name):
    loss, inputs, params = CASES[name]
    problem = Problem.from_loss(loss, params, inputs)
    plane = span(problem.params, DIRECTIONS)
    points = np.stack(np.meshgrid(*AXES, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float32)
    expected, finite = plainly(loss, plane, inputs, points)
    assert not finite  # hoisting was worth it, and is refused
    surface = evaluate(problem, plane, AXES)
    np.testing.assert_allclose(surface.loss.ravel(), expected, rtol=1e-4, atol=1e-5)
