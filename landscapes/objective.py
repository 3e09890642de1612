"""What an objective is: the terms of a loss as functions of the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from landscapes.knobs import nearest

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


def check_player(objective: Objective, player: str | None) -> None:
    """
    Raises:
        ValueError: for a player that the objective has not. None stands for all of them.
    """
    players = objective.players or {}
    if player is not None and player not in players:
        hint = nearest(player, players) if players else "leave player out, because this is no game"
        raise ValueError(f"there is no player {player!r}; {hint}")


def weighted_sum(terms: Mapping[str, Any], weights: Mapping[str, Any]) -> Any:
    """Σᵢ wᵢ·Lᵢ over the named weights. A term of weight exactly 0 contributes 0 even where it is not finite."""
    total: Any = 0.0
    for name, weight in weights.items():
        is_on = weight != 0
        total = total + jnp.where(is_on, weight, 0) * jnp.where(is_on, terms[name], 0)
    return total
