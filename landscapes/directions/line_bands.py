"""The loss along many random lines of one kind, and its quantiles: a single line is a single random draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.directions.registry import DIRECTIONS
from landscapes.display import Display
from landscapes.immutable import frozen
from landscapes.optimization.minibatches import minibatches
from landscapes.optimization.trajectory import Progress
from landscapes.plane import Plane, span
from landscapes.problem import Problem
from landscapes.random_key import as_key
from landscapes.slices.grid import nodes
from landscapes.slices.surface import evaluate

# Random directions without normalization, normalized by layer, and normalized by filter.
RANDOM_KINDS = ("gaussian", "layer-normalized", "filter-normalized")
DEFAULT_LINES = 21  # random lines
DEFAULT_POINTS = 41  # along each line
DRAW_FOLD_OFFSET = 1000  # added to the index that is folded into a key: no other step uses those indices


@dataclass(frozen=True, eq=False, repr=False)
class Band(Display):
    """The loss along k random lines through one point.

    Attributes:
        kind: the kind of the directions, one of `RANDOM_KINDS`; "draws" for one line under several random keys,
            "minibatches" for one line on several minibatches.
        t: distances from the point in parameter space, the same for every line; the middle one is exactly 0.
        losses: one row per line, not negated for a maximized objective; NaN or infinite where the loss is.
        error: estimated error of a spline through the points of one line.
        evaluations: number of points evaluated.
    """

    kind: str
    t: Float[np.ndarray, "N"]
    losses: Float[np.ndarray, "k N"]
    error: float
    evaluations: int

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        lines, middle = len(self.losses), self.losses[:, len(self.t) // 2]
        return (
            f"{self.kind}, {lines} lines to ±{float(self.t[-1]):.4g}, loss {display.finite_range(self.losses)} "
            f"(at the point {display.finite_range(middle).removesuffix(' everywhere')}), "
            f"error about {self.error:.2g}, {self.evaluations:,} evaluations"
        )

    def quantile(self, share: float) -> Float[np.ndarray, "N"]:
        """The smallest loss of a line that this share of the lines do not exceed, at each distance. NaN counts as
        infinity."""
        losses = np.where(np.isnan(self.losses), np.inf, self.losses)
        return np.quantile(losses, share, axis=0, method="inverted_cdf")


@check_arguments
def band(
    problem: Problem,
    kind: str,
    half_width: float,
    key: Any = 0,
    *,
    lines: int = DEFAULT_LINES,
    points: int = DEFAULT_POINTS,
    progress: Progress | None = None,
) -> Band:
    """The loss along `lines` independent random lines through problem.params.

    Args:
        kind: the kind of the directions, one of `RANDOM_KINDS`; their length does not matter.
        half_width: distance in parameter space to which each line extends on either side.
        key: draws the directions; the first lines do not depend on the number of lines.
        lines: number of lines, from 2 to 1,000.
        points: number of points on each line, odd so that the centre is among them; from 5 to 1,025.
        progress: called with (fraction, the Band so far) at least every tenth of a second; may raise to cancel.

    Raises:
        ValueError: for another kind, too few or too many lines or points, a half-width that is not positive, a
            game, or directions that vanish.
    """
    if kind not in RANDOM_KINDS:
        raise ValueError(f"{kind!r} is no kind of random direction; choose {', '.join(RANDOM_KINDS)}")
    if not 2 <= lines <= 1000:
        raise ValueError(f"lines = {lines} is not valid; give a whole number from 2 to 1,000")
    if points % 2 == 0 or not 5 <= points <= 1025:
        raise ValueError(f"points = {points} is not valid; give an odd number from 5 to 1,025")
    if not (half_width > 0 and np.isfinite(half_width)):
        raise ValueError(f"half_width = {half_width} is not valid; give a positive number")
    axis, key = nodes(-half_width, half_width, points), as_key(key)
    rows: list[np.ndarray] = []
    errors: list[float] = []
    evaluations = 0
    band_so_far: Band | None = None

    def within(index: int) -> Callable[[float, Any], Any]:
        return lambda fraction, partial: progress and progress((index + fraction) / lines, band_so_far)

    for index in range(lines):
        direction = DIRECTIONS[kind].function(problem, (), jax.random.fold_in(key, index), 1)
        surface = evaluate(problem, span(problem.params, direction), (axis,), progress=within(index))
        rows.append(np.asarray(surface.loss, np.float64))
        errors.append(surface.error)
        evaluations += surface.evaluations
        band_so_far = Band(kind, frozen(axis), frozen(np.stack(rows)), max(errors), evaluations)
        if progress is not None:
            progress((index + 1) / lines, band_so_far)
    assert band_so_far is not None
    return band_so_far


@check_arguments
def band_over_keys(
    problem: Problem, plane: Plane, axis: Float[np.ndarray, "N"], draws: int, *, progress: Progress | None = None
) -> Band:
    """The loss of a stochastic objective along one line under `draws` keys, which shows its noise.

    All points of a row share one key. The arguments are those of `band`. Other keys compile nothing.

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

        redrawn = replace(problem, key=jax.random.fold_in(problem.key, DRAW_FOLD_OFFSET + index))
        surface = evaluate(redrawn, plane, (axis,), progress=within)
        rows.append(np.asarray(surface.loss, np.float64))
        errors.append(surface.error)
        evaluations += surface.evaluations
    return Band("draws", frozen(np.asarray(axis)), frozen(np.stack(rows)), max(errors), evaluations)


@check_arguments
def band_over_minibatches(
    problem: Problem,
    plane: Plane,
    axis: Float[np.ndarray, "N"],
    count: int,
    size: int,
    *,
    progress: Progress | None = None,
) -> Band:
    """The loss along one line on `count` minibatches of `size` examples, which shows the noise of a step.

    The minibatches are those of an epoch that is shuffled by the problem's key, and of further epochs where it has
    fewer. All points of a row share one minibatch, and for a stochastic objective one key.

    Raises:
        ValueError: for fewer than two minibatches, or a size that does not fit the data.
    """
    if count < 2:
        raise ValueError(f"count = {count} shows no spread; give at least 2")
    drawn = minibatches(problem, size, jax.random.fold_in(problem.key, DRAW_FOLD_OFFSET))
    rows, errors, evaluations = [], [], 0
    for index in range(count):

        def within(fraction: float, partial: Any, index: int = index) -> None:
            if progress is not None:
                progress((index + fraction) / count, None)

        start = index % drawn.batches * drawn.size
        chosen = drawn.orders(index, 1)[0][start : start + drawn.size]
        data = jax.tree.map(lambda leaf, chosen=chosen: leaf[chosen], problem.data)
        key = jax.random.fold_in(problem.key, DRAW_FOLD_OFFSET + index)
        surface = evaluate(replace(problem, data=data, key=key), plane, (axis,), progress=within)
        rows.append(np.asarray(surface.loss, np.float64))
        errors.append(surface.error)
        evaluations += surface.evaluations
    return Band("minibatches", frozen(np.asarray(axis)), frozen(np.stack(rows)), max(errors), evaluations)


@check_arguments
def bands(
    problem: Problem,
    half_width: float,
    key: Any = 0,
    *,
    kinds: Sequence[str] = RANDOM_KINDS,
    lines: int = DEFAULT_LINES,
    points: int = DEFAULT_POINTS,
    progress: Progress | None = None,
) -> dict[str, Band]:
    """A band of each kind over the same distances. The arguments are those of `band`; `progress` is called with
    (fraction, the bands so far)."""
    bands_by_kind: dict[str, Band] = {}
    for place, kind in enumerate(kinds):

        def within(fraction: float, partial: Band | None, place: int = place, kind: str = kind) -> None:
            if progress is not None:
                progress(
                    (place + fraction) / len(kinds), {**bands_by_kind, **({kind: partial} if partial else {})}
                )

        bands_by_kind[kind] = band(problem, kind, half_width, key, lines=lines, points=points, progress=within)
    return bands_by_kind
