"""Matching: which hidden units of one network play the part of which in another, trained apart from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Int, PyTree
from scipy.optimize import linear_sum_assignment

from landscapes.arguments import checked
from landscapes.curvature.symmetries import Units, permuted, similarity, width
from landscapes.plane import check_point

SWEEPS = 100  # over all layers, at most; it is over when no layer finds anything better


class Matching(NamedTuple):
    """The second network with its units in the places of those of the first that they resemble.

    Attributes:
        params: its parameters; the function is the same.
        orders: for each group of units, which unit of the second stands in each place, ["h"].
        before, after: ‖θ_A − θ_B‖ and ‖θ_A − π(θ_B)‖.
    """

    params: PyTree
    orders: tuple[Int[np.ndarray, "h"], ...]
    before: float
    after: float


@checked
def match(first: PyTree, second: PyTree, units: Sequence[Units], *, seed: int = 0) -> Matching:
    """Weight matching (Ainsworth et al. 2023, Git Re-Basin, arXiv:2209.04836): the permutations π of the second
    network's hidden units that bring its weights close to those of the first.

    Minimizing ‖θ_A − π(θ_B)‖ is maximizing ⟨θ_A, π(θ_B)⟩, for one group of units with all others held a linear
    assignment problem; the groups take turns, in an order that the seed draws, until none improves. A local
    optimum: over all groups together the problem is NP-hard.

    Raises:
        ValueError: if there are no units, or they are not those of the parameters.
    """
    if not units:
        raise ValueError("there are no hidden units to match; choose a network with a hidden layer")
    if seed < 0:
        raise ValueError(f"seed = {seed} is not valid; give a whole number from 0 on")
    if not np.isfinite(distance(first, second)):
        raise ValueError("the two networks have weights that are not finite; choose a run that did not diverge")
    second = jax.tree.map(np.asarray, second)
    orders = [np.arange(width(first, group)) for group in units]
    generator = np.random.default_rng(seed)
    current, best = second, _inner(first, second)
    for _ in range(SWEEPS):
        improved = False
        for index in generator.permutation(len(units)):
            rows, order = linear_sum_assignment(similarity(first, current, units[index]), maximize=True)
            assert np.array_equal(rows, np.arange(len(order)))
            candidate = permuted(current, units[index], order)
            # Where an array is both written and read by one group, as in a residual stream, the assignment
            # maximizes something else; what is no better is dropped, so that this ends.
            found = _inner(first, candidate)
            if found > best + 1e-9 * abs(best):
                current, best, improved = candidate, found, True
                orders[index] = orders[index][order]
        if not improved:
            break
    return Matching(current, tuple(orders), distance(first, second), distance(first, current))


def distance(first: PyTree, second: PyTree) -> float:
    """‖θ_A − θ_B‖."""
    check_point(second, first)
    return float(np.sqrt(sum(np.sum((a - b) ** 2) for a, b in _pairs(first, second))))


def _inner(first: PyTree, second: PyTree) -> float:
    return float(sum(np.sum(a * b) for a, b in _pairs(first, second)))


def _pairs(first: PyTree, second: PyTree) -> list[tuple[Any, Any]]:
    leaves = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    return [(np.asarray(a, np.float64), np.asarray(b, np.float64)) for a, b in leaves]
