"""Objectives as functions of other parameters than their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from jax.tree_util import Partial, register_dataclass


@partial(register_dataclass, data_fields=["objective", "plane"], meta_fields=[])
@dataclass(frozen=True, eq=False)
class OnPlane:
    """An objective over the coordinates of a plane: L(θ₀ + Σₖ cₖ·dₖ)."""

    objective: Any
    plane: Any

    @property
    def sense(self) -> Literal["minimize", "maximize"]:
        return self.objective.sense

    @property
    def players(self) -> Mapping[str, Mapping[str, float]] | None:
        return self.objective.players

    def __call__(self, coordinates, state, batch, key) -> dict[str, Any]:
        return self.objective(self.plane.point(coordinates), state, batch, key)


@partial(register_dataclass, data_fields=["objective", "function"], meta_fields=[])
@dataclass(frozen=True, eq=False)
class Reparametrized:
    """An objective over other parameters: L(function(u))."""

    objective: Any
    function: Partial

    @property
    def sense(self) -> Literal["minimize", "maximize"]:
        return self.objective.sense

    @property
    def players(self) -> Mapping[str, Mapping[str, float]] | None:
        return self.objective.players

    def __call__(self, params, state, batch, key) -> dict[str, Any]:
        return self.objective(self.function(params), state, batch, key)
