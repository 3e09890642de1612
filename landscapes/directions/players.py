"""The players of a game as the axes of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import jax
import numpy as np
from jaxtyping import PyTree

from landscapes.arguments import check_arguments
from landscapes.optimization.trajectory import Trajectory
from landscapes.problem import Problem
from landscapes.slices.random_directions import filter_normalized, gaussian

# Half-width along a player's only parameter, where no path says how far.
SINGLE = 2.0


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
    """The plane of the two players: the first axis lies in the first player's parameters alone, the second in the
    second player's.

    Each runs from the centre towards where the player's part of a path ended, or, for the path that ended at the
    centre, where it began: then that path's start and end both lie on the plane. Without paths it is a
    filter-normalized random direction, Gaussian where the player has no filters. A player's only parameter is its
    own axis.

    Raises:
        ValueError: for anything but a game of two players.
    """
    names = list(problem.objective.players or ())
    if len(names) != 2:
        raise ValueError("these directions are those of two players; choose others for a problem without a game")
    chosen = names if count == 2 else [names[line == "second"]]
    rows = [_alone(problem, name, _along(problem, name, paths, key)) for name in chosen]
    return jax.tree.map(lambda *leaves: np.stack(leaves), *rows)


def _along(problem: Problem, name: str, paths: Sequence[Trajectory], key: Any) -> PyTree:
    """A direction through one player's parameters."""
    own = problem.params[name]
    if sum(np.size(leaf) for leaf in jax.tree.leaves(own)) == 1:
        return jax.tree.map(lambda leaf: np.full(np.shape(leaf), SINGLE), own)
    ends = [jax.tree.map(lambda rows: rows[-1], path.params[name]) for path in paths]
    begun = [jax.tree.map(lambda rows: rows[0], path.params[name]) for path in paths[:1]]
    offsets = [
        jax.tree.map(lambda there, here: np.asarray(there, np.float64) - np.asarray(here, np.float64), point, own)
        for point in [*ends, *begun]
    ]
    reach = max((_length(offset) for offset in offsets), default=0.0)
    far = [offset for offset in offsets if 1e-6 * reach < _length(offset) < np.inf]
    if far:
        return far[0]
    for kind in (filter_normalized, gaussian):
        drawn = jax.tree.map(lambda leaf: leaf[0], kind(problem, paths, key, 1)[name])
        if _length(drawn) > 0:
            return drawn
    raise ValueError(f"{name} has no parameters to move; choose another kind of direction")


def _alone(problem: Problem, name: str, direction: PyTree) -> PyTree:
    """The direction among all parameters, the other player's at rest."""
    still = jax.tree.map(lambda leaf: np.zeros(np.shape(leaf)), problem.params)
    return {**still, name: direction}


def _length(tree: PyTree) -> float:
    return float(np.sqrt(sum(np.sum(np.square(leaf)) for leaf in jax.tree.leaves(tree))))
