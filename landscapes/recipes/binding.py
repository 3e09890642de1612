"""Objectives bound to a model's function or to a test function of two variables.

They are pytrees whose numeric knobs are leaves and whose functions are static, so that another seed or knob
compiles nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from jax.tree_util import register_dataclass
from jaxtyping import PyTree

from landscapes.objective import Sense


@dataclass(frozen=True)
class Forward:
    """A model's function, `forward(params, state, *inputs, method="__call__", **static)`, hashed by the value of
    its graph definition. With `train`, normalization uses the statistics of each batch."""

    apply: Callable[..., Any]
    graph: Any
    train: bool = False

    def __call__(
        self, params: PyTree, state: PyTree, *inputs: Any, method: str = "__call__", **static: Any
    ) -> Any:
        if self.train:
            static["train"] = True
        return self.apply(self.graph, params, state, *inputs, method=method, **static)


@partial(
    register_dataclass, data_fields=["knobs"], meta_fields=["function", "forward", "static", "sense", "shares"]
)
@dataclass(frozen=True, eq=False)
class ModelUnderObjective:
    """A training objective of a model: see `landscapes.objective.Objective`. `shares` are its players' weights, as
    hashable pairs."""

    function: Callable[..., dict[str, Any]]
    forward: Forward
    static: tuple[tuple[str, Any], ...]
    sense: Sense
    knobs: dict[str, Any]
    shares: tuple[tuple[str, tuple[tuple[str, float], ...]], ...] = ()

    @property
    def players(self) -> dict[str, dict[str, float]] | None:
        return {name: dict(weights) for name, weights in self.shares} or None

    def __call__(self, params: PyTree, state: PyTree, batch: PyTree, key: Any) -> dict[str, Any]:
        return self.of(self.forward, params, state, batch, key)

    def of(
        self, forward: Callable[..., Any], params: PyTree, state: PyTree, batch: PyTree, key: Any
    ) -> dict[str, Any]:
        """The objective of another function in place of the model's."""
        return self.function(forward, params, state, batch, key, **dict(self.static), **self.knobs)


@partial(register_dataclass, data_fields=["knobs"], meta_fields=["function", "static"])
@dataclass(frozen=True, eq=False)
class FunctionOfTwo:
    """A test function of two variables as an objective with one term, "value"."""

    function: Callable[..., Any]
    static: tuple[tuple[str, Any], ...]
    knobs: dict[str, Any]

    @property
    def sense(self) -> Literal["minimize"]:
        return "minimize"

    @property
    def players(self) -> None:
        return None

    def __call__(self, params: Any, state: PyTree, batch: PyTree, key: Any) -> dict[str, Any]:
        return {"value": self.function(params, **dict(self.static), **self.knobs)}
