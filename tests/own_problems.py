"""A file of problems of one's own, as `landscapes app` takes it."""

from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
import optax
from annotated_types import Interval

from landscapes import Problem

X = np.linspace(-1, 1, 12, dtype=np.float32)[:, None]


def _loss(params, data, *, constants):
    fit = jnp.mean((jnp.tanh(data["x"] @ params["in"]) @ params["out"] - data["y"]) ** 2)
    return {"fit": fit, "decay": constants * sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(params))}


def sine_network(
    width: Annotated[int, Interval(ge=1, le=9), "hidden units"] = 3,
    decay: Annotated[float, Interval(ge=0, le=1), "weight decay"] = 0.25,
    seed: int = 0,
    split: str = "train",
) -> Problem:
    """A tanh network that fits a sine."""
    key = jax.random.key(seed)
    params = {"in": jax.random.normal(key, (1, width)), "out": jnp.full((width, 1), 0.5)}
    inputs = X if split == "train" else X + np.float32(0.05)
    return Problem.from_loss(_loss, params, {"x": inputs, "y": np.sin(2 * inputs)}, constants=jnp.asarray(decay))


def tug_of_war() -> Problem:
    losses = {
        "first": lambda p: p["first"][0] * p["second"][0],
        "second": lambda p: -p["first"][0] * p["second"][0],
    }
    return Problem.from_players(losses, {"first": jnp.array([1.0]), "second": jnp.array([0.5])})


valley = Problem.from_loss(lambda p: 3 * p[0] ** 2 + p[1] ** 2 + p[2] ** 2, jnp.array([1.0, 2.0, 3.0]))


def _no_problem() -> int:
    return 3


def slow_sgd(learning_rate: Annotated[float, Interval(gt=0, le=10)] = 0.03):
    return optax.sgd(learning_rate)


OPTIMIZERS = {"slow-sgd": slow_sgd}
OPENING = {"optimizers": "slow-sgd", "steps": "7"}
