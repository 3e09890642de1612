"""What an objective is: the terms of a loss as functions of the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from jaxtyping import Array, Float, PyTree

Sense = Literal["minimize", "maximize"]
Terms = dict[str, Float[Array, ""]]


class Objective(Protocol):
    """`objective(params, state, batch, key)` returns the unweighted terms by name, each a scalar.

    An objective is a registered pytree: numeric knobs are leaves (traced), names and graph definitions are static.
    `sense` is the direction of improvement. `players`, for games only, gives the weights of each player over the
    terms, in the order in which the players move. A player owns the top-level entry of `params` that has its name.
    """

    @property
    def sense(self) -> Sense: ...

    @property
    def players(self) -> Mapping[str, Mapping[str, float]] | None: ...

    def __call__(self, params: PyTree, state: PyTree, batch: PyTree, key: Any) -> Terms: ...
