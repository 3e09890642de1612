"""Flax NNX modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jaxtyping import PyTree

from landscapes.problem import Problem


def from_nnx(model: Any, loss: Callable[..., Any], data: PyTree = None, **options: Any) -> Problem:
    """The problem of `loss(model)` or `loss(model, data)` over the `nnx.Param` variables of a module.

    The other variables (BatchNorm statistics, the keys of dropout) ride along with the values that they have now:
    every point of a surface sees the same, and no call updates them. Call `model.train()` or `model.eval()` first;
    it decides what normalization and dropout do.

    Args:
        options: of `Problem.from_loss`; `state` is taken by the other variables.
    """
    from flax import nnx

    if "state" in options:
        raise ValueError("state is taken by the module's own variables; give other arrays in constants=")
    graph, params, variables = nnx.split(model, nnx.Param, ...)

    def loss_of_params(params: PyTree, *batch: Any, state: PyTree, **named: Any) -> Any:
        return loss(nnx.merge(graph, params, state), *batch, **named)

    state = nnx.to_pure_dict(variables)
    return Problem.from_loss(loss_of_params, nnx.to_pure_dict(params), data, state=state, **options)
