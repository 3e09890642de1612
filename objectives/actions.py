"""What a policy does: the probability of each move in each cell of a world, of each arm of a bandit, or the
likelier push over the states of the cart and pole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from .behavior import Behavior
from .cartpole import TILT
from .data import Data, Dataset

Forward = Callable[..., Any]

GRID = 40  # points along each side of a map of states
MAX_SPIN = 2.0  # radians per second


class Moves(NamedTuple):
    """π(a|s) of every cell."""

    probabilities: Float[Array, "S A"]


class Arms(NamedTuple):
    """π(a) of every arm."""

    probabilities: Float[Array, "A"]


class Pushes(NamedTuple):
    """The likelier action at each point of a grid (rows: the second coordinate), and its margin tanh((f₁ − f₂)/2),
    the difference of the two probabilities."""

    classes: Int[Array, "G G"]
    margin: Float[Array, "G G"]


def show_moves(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Moves:
    """The policy in every state; see `Moves`."""
    return Moves(jax.nn.softmax(forward(params, state, inputs["x"])))


def show_arms(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Arms:
    """The policy in the only state; see `Arms`."""
    return Arms(jax.nn.softmax(forward(params, state, inputs["x"])[0]))


def show_pushes(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Pushes:
    """The policy over a grid of observations; see `Pushes`."""
    logits = forward(params, state, inputs["grid"])
    difference = logits[:, 1] - logits[:, 0]
    return Pushes(
        (difference > 0).astype(jnp.int32).reshape(GRID, GRID),
        jnp.tanh(jnp.abs(difference) / 2).reshape(GRID, GRID),
    )


def actions(dataset: Dataset, data: Data, split: str) -> Behavior | None:
    """The display of a policy: moves in a world, arms of a bandit, or pushes of the cart and pole at x = ẋ = 0.
    None for other processes."""
    x = data.train["x"]
    if dataset.world:
        return Behavior(show_moves, {"x": x}, {"world": list(dataset.world)})
    if "rewards" in data.train:
        rewards = data.train["rewards"]
        return Behavior(show_arms, {"x": x}, {"rewards": rewards[0]}) if len(rewards) == 1 else None
    box = [[-TILT, TILT], [-MAX_SPIN, MAX_SPIN]]
    angle, spin = (part.ravel() for part in np.meshgrid(*[np.linspace(*ends, GRID) for ends in box]))
    grid = np.stack([np.zeros_like(angle), np.zeros_like(angle), angle, spin], axis=1).astype(np.float32)
    return Behavior(show_pushes, {"grid": grid}, {"box": box})
