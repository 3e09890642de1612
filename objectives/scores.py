"""What was learned about completions: the score of each, and how often a policy draws it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from .behavior import Behavior
from .data import Data, Dataset
from .softmax import log_softmax

Forward = Callable[..., Any]


class Scores(NamedTuple):
    """The score of each completion, with mean 0 under the reference policy, and the probability of each."""

    score: Float[Array, "N"]
    probability: Float[Array, "N"]


def show_rewards(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Scores:
    """The learned reward of each completion, and its probability under the reference policy."""
    scores = forward(params, state, inputs["x"])[:, 0]
    reference = jnp.exp(inputs["reference"])
    return Scores(scores - reference @ scores, reference)


def show_policy(forward: Forward, params: PyTree, state: PyTree, inputs: Any, key: Any, **_: Any) -> Scores:
    """log π/π_ref of each completion, with mean 0 under the reference policy, and its probability under π."""
    tilt = forward(params, state, inputs["x"])[:, 0]
    log_pi = log_softmax(inputs["reference"] + tilt)
    reference = jnp.exp(inputs["reference"])
    return Scores(tilt - reference @ tilt, jnp.exp(log_pi))


def rewards(dataset: Dataset, data: Data, split: str) -> Behavior:
    """The display of a reward model: the learned reward of each completion against the true one."""
    return _scores(data, show_rewards, "learned reward", "reference policy")


def policy(dataset: Dataset, data: Data, split: str) -> Behavior:
    """The display of a policy over completions: log π/π_ref of each against its true reward."""
    return _scores(data, show_policy, "log π/π_ref", "policy")


def _scores(data: Data, show: Callable[..., Any], name: str, whose: str) -> Behavior:
    inputs = {name: data.train[name] for name in ("x", "reference")}
    return Behavior(show, inputs, {"truth": data.train["truth"], "name": name, "whose": whose})
