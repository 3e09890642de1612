"""Basins of attraction: at which end point the runs from many starts end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float, Int

from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.optimization.multistart import Ends

ELSEWHERE, DIVERGED = -1, -2
"""Instead of the number of an end point: the run ended near none of them, or diverged."""
LOSS_TOLERANCE = 1e-3
"""Share of the drop from the median loss of the starts to the best loss, below which two losses count as equal."""
MAX_NAMED = 4
"""Optimizers that a summary names."""
WILSON_Z = 1.959964
"""97.5 % quantile of the normal distribution, for an interval of 95 %."""


@dataclass(frozen=True, eq=False, repr=False)
class Basins(Display):
    """The end points of the runs of several optimizers from the same S starts.

    Attributes:
        points: the M end points as vectors, those of lowest loss first.
        values: the loss there; NaN for a game.
        is_known: whether an end point is one of the known minimizers.
        indices: by optimizer, the number of the end point of each run, `ELSEWHERE` or `DIVERGED`.
        radius: the distance within which a run counts as ended at an end point.
    """

    points: Float[np.ndarray, "M D"]
    values: Float[np.ndarray, "M"]
    is_known: Bool[np.ndarray, "M"]
    indices: Mapping[str, Int[np.ndarray, "S"]]
    radius: float

    @property
    def summary(self) -> str:
        """The key figures, in one line."""
        runs = sum(len(index) for index in self.indices.values())
        known, diverged = int(self.is_known.sum()), sum(int(np.sum(i == DIVERGED)) for i in self.indices.values())
        return f"{len(self.points)} end points, {known} of them known, of {runs:,} runs, {diverged:,} diverged"


@check_arguments
def find_basins(
    ends: Mapping[str, Ends], radius: float, known: Sequence[Sequence[float]] = (), maximize: bool = False
) -> Basins:
    """The end points, and the one that each run ends at.

    The known minimizers are end points, if a run ends within `radius` of them. Of the settled runs that are left
    (see `Ends.settled`), the end of the one of lowest loss is an end point of all within `radius` of it, until
    none is left.
    A run that has not settled counts as ended at the nearest end point, if that is within `radius`.

    Raises:
        ValueError: unless the radius is positive.
    """
    if not radius > 0:
        raise ValueError(f"radius = {radius} is not valid; give a positive distance")
    positions = {label: vectors(each.params) for label, each in ends.items()}
    points, merits, is_known = _end_points(
        np.concatenate(list(positions.values())),
        np.concatenate([_merit(each, maximize) for each in ends.values()]),
        np.concatenate([each.settled >= 0 for each in ends.values()]),
        known,
        radius,
    )
    order = np.argsort(merits, kind="stable")
    points = points[order]
    is_game = all(np.isnan(each.loss).all() for each in ends.values())
    return Basins(
        points,
        np.full(len(points), np.nan) if is_game else (-1 if maximize else 1) * merits[order],
        is_known[order],
        {label: _nearest(positions[label], points, radius, each.diverged) for label, each in ends.items()},
        float(radius),
    )


def _end_points(
    positions: Float[np.ndarray, "N D"],
    merits: Float[np.ndarray, "N"],
    settled: Bool[np.ndarray, "N"],
    known: Sequence[Sequence[float]],
    radius: float,
) -> tuple[Float[np.ndarray, "M D"], Float[np.ndarray, "M"], Bool[np.ndarray, "M"]]:
    """The end points with their merits, and whether each is known."""
    is_finite = np.isfinite(merits)
    points, values, is_known = [], [], []
    left = settled & is_finite
    for point in known:
        within = _distance(positions, np.asarray(point, float)) <= radius
        if (within & is_finite).any():
            points.append(np.asarray(point, float))
            values.append(merits[within & is_finite].min())
            is_known.append(True)
            left &= ~within
    while left.any():
        lowest = int(np.argmin(np.where(left, merits, np.inf)))
        points.append(positions[lowest])
        values.append(merits[lowest])
        is_known.append(False)
        left &= _distance(positions, positions[lowest]) > radius
    return (
        np.asarray(points, float).reshape(len(points), positions.shape[1]),
        np.asarray(values, float),
        np.asarray(is_known, bool),
    )


def vectors(params: Any) -> Float[np.ndarray, "S D"]:
    """Parameters ["S ..."] as one vector for each start."""
    leaves = [np.asarray(leaf, float) for leaf in jax.tree.leaves(params)]
    return np.concatenate([leaf.reshape(len(leaf), -1) for leaf in leaves], axis=1)


def _merit(ends: Ends, maximize: bool) -> Float[np.ndarray, "S"]:
    """What a run should make small: its loss; in a game, which has none, the norm of the field."""
    values = ends.gradient_norm if np.isnan(ends.loss).all() else ends.loss * (-1 if maximize else 1)
    return np.where(ends.diverged, np.nan, np.asarray(values, float))


def _distance(points: Float[np.ndarray, "S D"], point: Float[np.ndarray, "D"]) -> Float[np.ndarray, "S"]:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.sqrt(np.sum((points - point) ** 2, axis=1))


def _nearest(
    positions: Float[np.ndarray, "S D"], points: Float[np.ndarray, "M D"], radius: float, diverged: np.ndarray
) -> Int[np.ndarray, "S"]:
    index = np.full(len(positions), ELSEWHERE)
    closest = np.full(len(positions), np.inf)
    for number, point in enumerate(points):
        distance = _distance(positions, point)
        nearer = (distance <= radius) & (distance < closest)
        index[nearer], closest[nearer] = number, distance[nearer]
    return np.where(diverged, DIVERGED, index)


class Share(NamedTuple):
    """A share of the starts with its 95 % Wilson interval."""

    count: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.count / self.total if self.total else float("nan")


def wilson_interval(count: int, total: int) -> Share:
    """The share count/total with its 95 % interval (Wilson 1927), for `total` independent draws.

    Its ends are the shares p at which |count/total − p| = 1.96·√(p(1−p)/total). It stays within [0, 1], and is no
    point at 0 or at 1.
    """
    if total == 0:
        return Share(0, 0, 0.0, 1.0)
    share, spread = count / total, WILSON_Z**2 / total
    middle = (share + spread / 2) / (1 + spread)
    half = WILSON_Z * np.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return Share(count, total, max(0.0, float(middle - half)), min(1.0, float(middle + half)))


@dataclass(frozen=True, eq=False, repr=False)
class WinRates(Display):
    """How often each optimizer wins and reaches the best loss.

    Attributes:
        best: the lowest loss at the end of any run; of a reward the highest, of a game the lowest norm of the
            field.
        tolerance: the difference up to which two losses count as equal.
        wins: the shares of the starts from which an optimizer ends lowest. Of those that end equally low, the one
            that settled after the fewest gradients wins.
        ties: the number of starts without a winner.
        reached: the shares of the starts from which it ends at the best loss.
        diverged: the shares of the starts from which it diverges.
    """

    best: float
    tolerance: float
    wins: dict[str, Share]
    ties: int
    reached: dict[str, Share]
    diverged: dict[str, Share]

    @property
    def summary(self) -> str:
        """Who wins how often, in one line."""
        rates = [f"{label} {share.value:.0%}" for label, share in list(self.wins.items())[:MAX_NAMED]]
        return f"wins {', '.join(rates)}, {self.ties:,} ties, best {self.best:.4g}"


@check_arguments
def win_rates(ends: Mapping[str, Ends], start_loss: Float[np.ndarray, "S"], maximize: bool = False) -> WinRates:
    """The win rates of optimizers from the same starts.

    Args:
        start_loss: the loss at the starts, which says what difference is large.
    """
    merit = np.stack([_merit(each, maximize) for each in ends.values()])
    sign = -1 if maximize else 1
    total = merit.shape[1]
    best = np.nanmin(merit) if np.isfinite(merit).any() else np.nan
    starts = np.asarray(start_loss, float) * sign
    drop = np.nanmedian(starts) - best if np.isfinite(starts).any() else np.nan
    # A game has no loss: its field vanishes at an equilibrium.
    tolerance = LOSS_TOLERANCE * drop if np.isfinite(drop) and drop > 0 else LOSS_TOLERANCE * abs(best)
    filled = np.where(np.isfinite(merit), merit, np.inf)
    lowest = filled.min(axis=0)
    equal = np.isfinite(filled) & (filled <= lowest + tolerance)
    costs = np.stack([np.where(each.settled >= 0, each.settled_evaluations, np.inf) for each in ends.values()])
    costs = np.where(equal, costs, np.inf)
    fewest = (costs == costs.min(axis=0)) & np.isfinite(costs)
    winner = np.where(equal.sum(axis=0) == 1, equal, fewest & (fewest.sum(axis=0) == 1))
    with np.errstate(invalid="ignore"):
        reached = filled <= best + tolerance
    diverged = np.stack([each.diverged for each in ends.values()])

    def shares(rows: np.ndarray) -> dict[str, Share]:
        return {label: wilson_interval(int(row.sum()), total) for label, row in zip(ends, rows, strict=True)}

    return WinRates(
        sign * float(best),
        float(tolerance),
        shares(winner),
        int(np.sum(~winner.any(axis=0))),
        shares(reached),
        shares(diverged),
    )
