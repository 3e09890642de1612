"""The loss of one player of a game, Σᵢ wᵢ·Lᵢ over its own weights. A game has no single loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from landscapes.arguments import check_arguments
from landscapes.optimization.trajectory import Trajectory
from landscapes.problem import Problem
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface

Weights = Mapping[str, float]


@check_arguments
def player_weights(problem: Problem) -> dict[str, dict[str, float]]:
    """`problem.player_weights` as Python floats."""
    return {
        name: {term: float(w) for term, w in weights.items()} for name, weights in problem.player_weights.items()
    }


@check_arguments
def player_surface(surface: Surface, player: str, weights: Weights) -> Surface:
    """The surface with the player's loss as its only term, under the player's name.

    Raises:
        ValueError: for a weight of a term that does not exist.
    """
    _check_terms(weights, surface.terms)
    mixed = replace(surface, weights=dict(weights), game=False)
    return replace(mixed, terms={player: mixed.loss}, weights={player: 1.0}, errors={player: mixed.error})


@check_arguments
def player_path(path: Projection, weights: Weights) -> Projection:
    """The path with the player's loss in place of the loss."""
    return replace(path, loss=_weighted(path.terms, weights), plane_loss=_weighted(path.plane_terms, weights))


@check_arguments
def player_run(run: Trajectory, weights: Weights) -> Trajectory:
    """The run with the player's loss in place of the loss."""
    return replace(run, loss=_weighted(run.terms, weights))


def _weighted(terms: Mapping[str, Any], weights: Weights) -> np.ndarray:
    """Σᵢ wᵢ·Lᵢ; a term of weight 0 is left out, even where it is not finite."""
    _check_terms(weights, terms)
    total = np.zeros(np.shape(next(iter(terms.values()))))
    with np.errstate(over="ignore", invalid="ignore"):
        for name, weight in weights.items():
            if weight != 0:
                total = total + weight * np.asarray(terms[name], np.float64)
    total.flags.writeable = False
    return total


def _check_terms(weights: Weights, terms: Mapping[str, Any]) -> None:
    for name in weights:
        if name not in terms:
            raise ValueError(f"there is no term {name!r}; the terms are: {', '.join(terms)}")
