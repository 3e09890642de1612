"""Permutations of one network's hidden units that match those of another network, trained separately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Int, PyTree
from scipy.optimize import linear_sum_assignment

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.curvature.symmetries import Units, permute_units, unit_count, unit_similarity
from landscapes.plane import check_point
from landscapes.random_key import numpy_generator

MAX_SWEEPS = 100  # passes over all layers; fewer if no layer improves the match in one of them
MIN_RELATIVE_GAIN = 1e-9  # of ⟨θ_A, π(θ_B)⟩; a smaller gain is rounding


class Matching(NamedTuple):
    """The second network with its hidden units permuted to match those of the first.

    Attributes:
        params: the permuted parameters π(θ_B), which compute the same function.
        permutations: for each group of units, the index of the second network's unit in each place, ["h"].
        distance_before, distance_after: ‖θ_A − θ_B‖ and ‖θ_A − π(θ_B)‖.
    """

    params: PyTree
    permutations: tuple[Int[np.ndarray, "h"], ...]
    distance_before: float
    distance_after: float

    __repr__ = display.short_repr

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        before, after = self.distance_before, self.distance_after
        return f"{len(self.permutations)} groups of units, distance {before:.4g} before, {after:.4g} after"


@check_arguments
def match_units(first: PyTree, second: PyTree, units: Sequence[Units], *, key: Any = 0) -> Matching:
    """The permutations π of the second network's hidden units that bring its weights close to those of the first:
    weight matching (Ainsworth et al. 2023, Git Re-Basin, arXiv:2209.04836).

    Minimizing ‖θ_A − π(θ_B)‖ is maximizing ⟨θ_A, π(θ_B)⟩. For one group of units, with all others fixed, this is
    a linear assignment problem. The groups take turns, in an order drawn from the key, until none improves. The
    result is a local optimum: over all groups at once the problem is NP-hard.

    Raises:
        ValueError: if there are no units, or they do not fit the parameters.
    """
    if not units:
        raise ValueError("there are no hidden units to match; choose a network with a hidden layer")
    if not np.isfinite(distance(first, second)):
        raise ValueError("the two networks have weights that are not finite; choose a run that did not diverge")
    second = jax.tree.map(np.asarray, second)
    permutations = [np.arange(unit_count(first, group)) for group in units]
    generator = numpy_generator(key)
    current, best = second, _inner(first, second)
    for _ in range(MAX_SWEEPS):
        improved = False
        for index in generator.permutation(len(units)):
            rows, order = linear_sum_assignment(unit_similarity(first, current, units[index]), maximize=True)
            assert np.array_equal(rows, np.arange(len(order)))
            candidate = permute_units(current, units[index], order)
            # Where one group both writes and reads an array, as in a residual stream, the assignment maximizes
            # another objective. A candidate that is no better is dropped, so that the loop ends.
            inner = _inner(first, candidate)
            if inner > best + MIN_RELATIVE_GAIN * abs(best):
                current, best, improved = candidate, inner, True
                permutations[index] = permutations[index][order]
        if not improved:
            break
    return Matching(current, tuple(permutations), distance(first, second), distance(first, current))


def distance(first: PyTree, second: PyTree) -> float:
    """‖θ_A − θ_B‖."""
    check_point(second, first)
    return float(np.sqrt(sum(np.sum((a - b) ** 2) for a, b in _pairs(first, second))))


def _inner(first: PyTree, second: PyTree) -> float:
    return float(sum(np.sum(a * b) for a, b in _pairs(first, second)))


def _pairs(first: PyTree, second: PyTree) -> list[tuple[Any, Any]]:
    leaves = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    return [(np.asarray(a, np.float64), np.asarray(b, np.float64)) for a, b in leaves]
