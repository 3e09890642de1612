"""Exact solutions of the equations of `objectives.physics`, and a network's solution beside them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from .behavior import Behavior
from .collocation import PERIOD
from .data import Data, Dataset
from .predictions import drawn_range

Exact = Callable[..., Array]  # exact(x["P d"], **knobs), the values of a solution ["P"]

CURVE_POINTS = 161
SPACE_POINTS, TIME_POINTS = 16, 40
MAX_DRAWN_POINTS = 200
DRAWN_VALUES = drawn_range(np.array([-1.0, 1.0]))  # every exact solution here is between −1 and 1


def oscillation(x: Array, *, frequency: Any = 8.0, damping: Any = 0.1) -> Array:
    """e^{−ζωt}(cos νt + (ζω/ν) sin νt) with ν = ω√(1 − ζ²)."""
    t, decay = x[:, 0], damping * frequency
    nu = frequency * jnp.sqrt(1 - damping**2)
    return jnp.exp(-decay * t) * (jnp.cos(nu * t) + decay / nu * jnp.sin(nu * t))


def standing_wave(x: Array, *, waves: Any = 1.0) -> Array:
    """sin kπx."""
    return jnp.sin(math.pi * waves * x[:, 0])


def decaying_wave(x: Array, *, diffusivity: Any = 1.0) -> Array:
    """e^{−κt} sin x."""
    return jnp.exp(-diffusivity * x[:, 1]) * jnp.sin(x[:, 0])


def travelling_wave(x: Array, *, speed: Any = 30.0) -> Array:
    """sin(x − βt)."""
    return jnp.sin(x[:, 0] - speed * x[:, 1])


class Curve(NamedTuple):
    """The network and the exact solution along [0, 1]."""

    network: Float[Array, "P"]
    exact: Float[Array, "P"]


class Spacetime(NamedTuple):
    """The network and the exact solution over space (rows) and time."""

    network: Float[Array, "X T"]
    exact: Float[Array, "X T"]


@cache
def show_curve(exact: Exact) -> Callable[..., Curve]:
    """The display of a solution over an interval. It is one function for all pictures, which is compiled once."""

    def show(forward: Any, params: PyTree, state: PyTree, inputs: Any, key: Any, **knobs: Any) -> Curve:
        return Curve(forward(params, state, inputs["x"])[:, 0], exact(inputs["x"], **knobs))

    return show


@cache
def show_map(exact: Exact) -> Callable[..., Spacetime]:
    """The display of a solution over space and time; see `show_curve`."""
    shape = SPACE_POINTS, TIME_POINTS

    def show(forward: Any, params: PyTree, state: PyTree, inputs: Any, key: Any, **knobs: Any) -> Spacetime:
        u = forward(params, state, inputs["x"])[:, 0]
        return Spacetime(u.reshape(shape), exact(inputs["x"], **knobs).reshape(shape))

    return show


def curve_of(exact: Exact, dataset: Dataset, data: Data, split: str) -> Behavior:
    """A solution over an interval beside the exact one."""
    points = getattr(data, split)["x"][:MAX_DRAWN_POINTS, 0]
    x = np.linspace(0, 1, CURVE_POINTS, dtype=np.float32)[:, None]
    return Behavior(show_curve(exact), {"x": x}, {"points": points, "box": [[0.0, 1.0], list(DRAWN_VALUES)]})


def map_of(exact: Exact, dataset: Dataset, data: Data, split: str) -> Behavior:
    """A solution over space and time beside the exact one."""
    axes = np.linspace(0, PERIOD, SPACE_POINTS), np.linspace(0, 1, TIME_POINTS)
    x = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float32)
    drawn = {"across": TIME_POINTS, "down": SPACE_POINTS, "box": [[0.0, 1.0], [0.0, PERIOD]]}
    return Behavior(show_map(exact), {"x": x}, drawn)
