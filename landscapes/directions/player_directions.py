"""Directions along the parameters of the two players of a game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import jax
import numpy as np
from jaxtyping import PyTree

from landscapes.arguments import check_arguments
from landscapes.directions.solution_directions import SAME_POINT_TOLERANCE
from landscapes.optimization.trajectory import Trajectory
from landscapes.problem import Problem
from landscapes.slices.random_directions import filter_normalized, gaussian

# Half-width of a picture along a player's only parameter when there are no paths, in units of that parameter.
SINGLE_PARAMETER_HALF_WIDTH = 2.0


@check_arguments
def players(
    problem: Problem,
    paths: Sequence[Trajectory],
    key: Any,
    count: int,
    *,
    line: Annotated[
        Literal["first", "second"], "the player whose parameters a line runs along, the other held"
    ] = "first",
) -> PyTree:
    """One direction for each of the two players, which changes that player's parameters only; for a line, the
    direction of one player.

    A direction points from the centre to the player's part of the end of a path. For a path that ended at the
    centre it points to the start, so that the start and the end of this path both lie in the plane. Without paths
    the direction is random and filter-normalized, or Gaussian for a player without filters. For a player with a
    single parameter it is that parameter's axis.

    Raises:
        ValueError: for a problem that is not a game of two players.
    """
    names = list(problem.objective.players or ())
    if len(names) != 2:
        raise ValueError("these directions are those of two players; choose others for a problem without a game")
    chosen = names if count == 2 else [names[line == "second"]]
    rows = [_embed(problem, name, _player_direction(problem, name, paths, key)) for name in chosen]
    return jax.tree.map(lambda *leaves: np.stack(leaves), *rows)


def _player_direction(problem: Problem, name: str, paths: Sequence[Trajectory], key: Any) -> PyTree:
    """The direction of one player, as a tree of this player's parameters."""
    centre = problem.params[name]
    if sum(np.size(leaf) for leaf in jax.tree.leaves(centre)) == 1:
        return jax.tree.map(lambda leaf: np.full(np.shape(leaf), SINGLE_PARAMETER_HALF_WIDTH), centre)
    ends = [path.snapshots(problem.params)[-1][name] for path in paths]
    starts = [path.snapshots(problem.params)[0][name] for path in paths[:1]]
    offsets = [
        jax.tree.map(lambda a, b: np.asarray(a, np.float64) - np.asarray(b, np.float64), point, centre)
        for point in [*ends, *starts]
    ]
    max_length = max((_length(offset) for offset in offsets), default=0.0)
    distant = [offset for offset in offsets if SAME_POINT_TOLERANCE * max_length < _length(offset) < np.inf]
    if distant:
        return distant[0]
    for kind in (filter_normalized, gaussian):
        direction = jax.tree.map(lambda leaf: leaf[0], kind(problem, paths, key, 1)[name])
        if _length(direction) > 0:
            return direction
    raise ValueError(f"{name} has no parameters to move; choose another kind of direction")


def _embed(problem: Problem, name: str, direction: PyTree) -> PyTree:
    """The direction as a tree of all parameters, zero for the other player."""
    zeros = jax.tree.map(lambda leaf: np.zeros(np.shape(leaf)), problem.params)
    return {**zeros, name: direction}


def _length(tree: PyTree) -> float:
    return float(np.sqrt(sum(np.sum(np.square(leaf)) for leaf in jax.tree.leaves(tree))))
