"""Policies: logits f(s) whose softmax is π(·|s).

The capability "policy" is `module(x, *, train=False)` from x["N *input_shape"] to logits["N A"]. Inputs of the
kind "states" are one-hot; "observations" are real numbers.
"""

from __future__ import annotations

from math import prod
from typing import Annotated

import jax
import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .dense import MLP, Affine
from .initialization import Activation
from .model import Model, fixed_without_spread


class LogitTable(nnx.Module):
    """A logit for every state and action, θ["S A"], so that π(a|s) = softmax(θ_s)_a."""

    def __init__(self, states: int, actions: int, spread: float, lean: float, rngs: nnx.Rngs) -> None:
        logits = spread * jax.random.normal(rngs.params(), (states, actions), jnp.float32)
        self.logits = nnx.Param(logits.at[:, -1].add(lean))

    def __call__(self, x: Float[Array, "N S"], *, train: bool = False) -> Float[Array, "N A"]:
        return x @ self.logits[...]


def table(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    spread: Annotated[float, Interval(ge=0, le=10), "standard deviation of the logits at the start"] = 0.1,
    lean: Annotated[float, Interval(ge=-20, le=20), "added to the logits of the last action at the start"] = 0.0,
) -> nnx.Module:
    """A logit per state and action. Adding a constant to all logits of a state does not change the policy, so the
    Hessian has one zero eigenvalue per state."""
    return LogitTable(prod(input_shape), outputs, spread, lean, rngs)


def linear(input_shape: tuple[int, ...], outputs: int, rngs: nnx.Rngs) -> nnx.Module:
    """Logits affine in the observation."""
    return Affine(prod(input_shape), outputs, reference=False, rngs=rngs)


def mlp(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=256), "number of units in each hidden layer"] = 8,
    depth: Annotated[int, Interval(ge=1, le=8), "number of hidden layers"] = 1,
    activation: Activation = "tanh",
) -> nnx.Module:
    """Logits of a multilayer perceptron, see `models.dense.MLP`."""
    return MLP(prod(input_shape), outputs, width, depth, activation, "none", False, "batch", rngs)


_REWARDS = frozenset({"rewards"})
_POLICY = frozenset({"policy"})
_ANY = frozenset({"states", "observations"})

MODELS = {
    # The logits of one state form a filter.
    "policy-table": Model(
        table,
        frozenset({"states"}),
        _REWARDS,
        "Tabular softmax policy",
        _POLICY,
        (("logits", (0,)),),
        has_fixed_start=fixed_without_spread,
    ),
    "policy-linear": Model(linear, frozenset({"observations"}), _REWARDS, "Linear softmax policy", _POLICY),
    "policy-mlp": Model(mlp, _ANY, _REWARDS, "MLP softmax policy", _POLICY),
}
