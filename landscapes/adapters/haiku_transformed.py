"""Functions transformed by Haiku."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jaxtyping import PyTree

from landscapes.problem import Problem


def from_haiku(
    transformed: Any, params: PyTree, loss: Callable[..., Any], data: PyTree = None, **options: Any
) -> Problem:
    """The problem of `loss(apply)` or `loss(apply, data)` over the parameters of `hk.transform` or, with
    `state=` in the options, of `hk.transform_with_state`.

    `apply(*inputs)` is the transformed function with parameters, state and random key in place; a new state is
    dropped. Without `key=` in the options it has no random key.

    Args:
        params: as `transformed.init` returns them.
        options: of `Problem.from_loss`.
    """
    has_state = options.get("state") is not None

    def loss_of_params(params: PyTree, *batch: Any, state: Any = None, key: Any = None, **named: Any) -> Any:
        def apply(*inputs: Any, **keywords: Any) -> Any:
            if has_state:
                return transformed.apply(params, state, key, *inputs, **keywords)[0]
            return transformed.apply(params, key, *inputs, **keywords)

        return loss(apply, *batch, **named)

    return Problem.from_loss(loss_of_params, params, data, **options)
