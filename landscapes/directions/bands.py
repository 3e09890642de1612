"""Bands: the loss along many random lines of one kind, because one line is one draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from landscapes.arguments import check_arguments
from landscapes.directions.registry import DIRECTIONS
from landscapes.immutable import frozen
from landscapes.optimization.trajectory import Progress
from landscapes.plane import Plane, span
from landscapes.problem import Problem
from landscapes.random_key import as_key
from landscapes.slices.grid import nodes
from landscapes.slices.surface import evaluate

# Random directions by their normalization: none, by layer, by filter.
KINDS = ("gaussian", "layer-normalized", "filter-normalized")
LINES = 21
POINTS = 41
DRAW = 1000  # folded into a key, so that no draw is one that other steps use


@dataclass(frozen=True, eq=False)
class Band:
    """The loss along k random lines through one point.

    Attributes:
        kind: of the directions, one of `KINDS`; "draws" for one line under several random keys.
        t: distance from the point in parameter space, the same for every line, its middle exactly 0.
        losses: one row per line, in the objective's own sense; NaN or infinite where the loss is.
        error: by how much a spline through one line's points may miss its loss: an estimate.
        evaluations: points evaluated.
    """

    kind: str
    t: Float[np.ndarray, "N"]
    losses: Float[np.ndarray, "k N"]
    error: float
    evaluations: int

    def quantile(self, share: float) -> Float[np.ndarray, "N"]:
        """The least loss that this share of the lines do not exceed, at each distance: one of theirs. A line whose
        loss is NaN somewhere counts there as infinitely high."""
        high = np.where(np.isnan(self.losses), np.inf, self.losses)
        return np.quantile(high, share, axis=0, method="inverted_cdf")


@check_arguments
def band(
    problem: Problem,
    kind: str,
    reach: float,
    key: Any,
    *,
    lines: int = LINES,
    points: int = POINTS,
    progress: Progress | None = None,
) -> Band:
    """The loss along `lines` random lines through problem.params, each drawn by itself.

    Args:
        kind: of the directions, one of `KINDS`; only their shape counts, not their length.
        reach: how far each line goes to either side, in units of distance in parameter space.
        key: draws the directions; the first lines are the same however many there are.
        lines: how many, from 2 to 1,000.
        points: on each line, odd, so that the point itself is among them; from 5 to 1,025.
        progress: called with (fraction, the Band so far) every tenth of a second or sooner; may raise to cancel.

    Raises:
        ValueError: for another kind, too few or too many lines or points, a reach that is not positive, a game, or
            directions that vanish.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of random direction; choose {', '.join(KINDS)}")
    if not 2 <= lines <= 1000:
        raise ValueError(f"lines = {lines} is not valid; give a whole number from 2 to 1,000")
    if points % 2 == 0 or not 5 <= points <= 1025:
        raise ValueError(f"points = {points} is not valid; give an odd number from 5 to 1,025")
    if not (reach > 0 and np.isfinite(reach)):
        raise ValueError(f"the reach {reach} shows nothing; give a positive number")
    axis, key = nodes(-reach, reach, points), as_key(key)
    rows: list[np.ndarray] = []
    errors: list[float] = []
    evaluations = 0
    so_far: Band | None = None

    def within(index: int) -> Callable[[float, Any], Any]:
        return lambda fraction, partial: progress and progress((index + fraction) / lines, so_far)

    for index in range(lines):
        direction = DIRECTIONS[kind].function(problem, (), jax.random.fold_in(key, index), 1)
        surface = evaluate(problem, span(problem.params, direction), (axis,), progress=within(index))
        rows.append(np.asarray(surface.loss, np.float64))
        errors.append(surface.error)
        evaluations += surface.evaluations
        so_far = Band(kind, frozen(axis), frozen(np.stack(rows)), max(errors), evaluations)
        if progress is not None:
            progress((index + 1) / lines, so_far)
    assert so_far is not None
    return so_far


@check_arguments
def over_draws(
    problem: Problem, plane: Plane, axis: Float[np.ndarray, "N"], draws: int, *, progress: Progress | None = None
) -> Band:
    """The loss of a stochastic objective along one line under `draws` keys: how much of its shape is noise.

    Within a row every point has the same key. Arguments as of `band`; nothing compiles for another key.

    Raises:
        ValueError: for fewer than two draws.
    """
    if draws < 2:
        raise ValueError(f"draws = {draws} show no spread; give at least 2")
    rows, errors, evaluations = [], [], 0
    for index in range(draws):

        def within(fraction: float, partial: Any, index: int = index) -> None:
            if progress is not None:
                progress((index + fraction) / draws, None)

        again = replace(problem, key=jax.random.fold_in(problem.key, DRAW + index))
        surface = evaluate(again, plane, (axis,), progress=within)
        rows.append(np.asarray(surface.loss, np.float64))
        errors.append(surface.error)
        evaluations += surface.evaluations
    return Band("draws", frozen(np.asarray(axis)), frozen(np.stack(rows)), max(errors), evaluations)


@check_arguments
def bands(
    problem: Problem,
    reach: float,
    key: Any,
    *,
    kinds: Sequence[str] = KINDS,
    lines: int = LINES,
    points: int = POINTS,
    progress: Progress | None = None,
) -> dict[str, Band]:
    """A band of each kind over the same distances. Arguments as of `band`; `progress` gets the bands so far."""
    found: dict[str, Band] = {}
    for place, kind in enumerate(kinds):

        def within(fraction: float, partial: Band | None, place: int = place, kind: str = kind) -> None:
            if progress is not None:
                progress((place + fraction) / len(kinds), {**found, **({kind: partial} if partial else {})})

        found[kind] = band(problem, kind, reach, key, lines=lines, points=points, progress=within)
    return found
