"""Stakes: what one player of a game pays, Σᵢ wᵢ·Lᵢ over its own weights, in place of the one loss that a game does
not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from landscapes.optimization.trajectory import Trajectory
from landscapes.problem import Problem
from landscapes.slices.projection import Projection
from landscapes.slices.surface import Surface

Weights = Mapping[str, float]


def stakes_of(problem: Problem) -> dict[str, dict[str, float]]:
    """`problem.stakes` as plain numbers."""
    return {name: {term: float(w) for term, w in own.items()} for name, own in problem.stakes.items()}


def surface_of(surface: Surface, player: str, weights: Weights) -> Surface:
    """The player's loss as the surface's only term, which carries its name."""
    mixed = replace(surface, weights=dict(weights), game=False)
    return replace(mixed, terms={player: mixed.loss}, weights={player: 1.0}, errors={player: mixed.error})


def path_of(path: Projection, weights: Weights) -> Projection:
    """The path with the player's loss in place of the loss."""
    return replace(path, loss=_paid(path.terms, weights), plane_loss=_paid(path.plane_terms, weights))


def run_of(run: Trajectory, weights: Weights) -> Trajectory:
    """The run with the player's loss in place of the loss."""
    return replace(run, loss=_paid(run.terms, weights))


def _paid(terms: Mapping[str, Any], weights: Weights) -> np.ndarray:
    """A term of weight 0 is left out, even where it is not finite."""
    total = np.zeros(np.shape(next(iter(terms.values()))))
    with np.errstate(over="ignore", invalid="ignore"):
        for name, weight in weights.items():
            if weight != 0:
                total = total + weight * np.asarray(terms[name], np.float64)
    total.flags.writeable = False
    return total
