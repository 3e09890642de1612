"""Flax Linen modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jaxtyping import PyTree

from landscapes.problem import Problem


def from_linen(
    module: Any, variables: Mapping[str, Any], loss: Callable[..., Any], data: PyTree = None, **options: Any
) -> Problem:
    """The problem of `loss(apply)` or `loss(apply, data)` over the "params" of a Linen module's variables.

    `apply(*inputs, **keywords)` is `module.apply` with all variables in place. Other collections, such as
    "batch_stats", ride along and are never updated: what `mutable=` returns is dropped. With `key=` in the
    options, `apply` has the random key that dropout asks for.

    Args:
        variables: as `module.init` returns them.
        options: of `Problem.from_loss`; `state` is taken by the other collections.
    """
    if "state" in options:
        raise ValueError("state is taken by the module's own collections; give other arrays in constants=")
    if "params" not in variables:
        raise ValueError(f"the variables have no 'params', only {', '.join(variables) or 'nothing'}")
    collections = {name: value for name, value in variables.items() if name != "params"}
    is_random = options.get("key") is not None

    def loss_of_params(params: PyTree, *batch: Any, state: PyTree, key: Any = None, **named: Any) -> Any:
        def apply(*inputs: Any, **keywords: Any) -> Any:
            keywords = {"rngs": {"dropout": key}, **keywords} if is_random else keywords
            result = module.apply({"params": params, **state}, *inputs, **keywords)
            return result[0] if keywords.get("mutable") else result

        return loss(apply, *batch, **named)

    return Problem.from_loss(loss_of_params, variables["params"], data, state=collections, **options)
