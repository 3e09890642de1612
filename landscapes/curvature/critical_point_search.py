"""The critical points of a loss in a box, with their kinds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.curvature.box import distinct_points, sobol_points
from landscapes.curvature.float64 import to_float64
from landscapes.curvature.gradient_jump import has_jumps
from landscapes.curvature.hessian import Progress, check_no_game, flatten, progress_reporter
from landscapes.curvature.morse_audit import MorseAudit, audit_critical_points
from landscapes.curvature.newton_search import (
    MAX_STEP,
    SAME_POINT,
    NewtonSearch,
    batches,
    derivatives,
    newton_steps,
)
from landscapes.display import Display
from landscapes.evaluation.batching import batch_size, cost
from landscapes.immutable import frozen
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key
from landscapes.slices.grid import Extent, check_extent

MAX_PARAMETERS = 200  # every start decomposes a Hessian at every step
LOG2_STARTS = 12  # for two coordinates
MAX_BATCH = 256  # starts in one compiled call, fewer for a costly loss
DEFLATION_ROUNDS = 4  # at most; a round that finds nothing new is the last
POSITION_ERROR = 10  # of a point, in units of its last Newton step
ROUNDING = 64 * float(np.finfo(np.float64).eps)  # relative, of a point and of its eigenvalues


@dataclass(frozen=True, eq=False, repr=False)
class CriticalPoints(Display):
    """The critical points found in a box, by increasing value of the loss.

    Attributes:
        points: in the order of `jax.flatten_util.ravel_pytree`, in float64.
        values: the loss there, with the sign of the objective.
        eigenvalues: of the Hessian, ascending.
        errors: of each eigenvalue: rounding (64ε|λ|max and the asymmetry of the computed H) plus its change over
            ten times the last Newton step. At a degenerate point, whose position is inaccurate, the second part is
            the change of H within a millionth of the diagonal.
        index: the number of negative eigenvalues.
        degenerate: whether the eigenvalues cannot classify the point, because one is zero to within the change of
            H over a millionth of the diagonal, or because the gradient jumps there.
        kinds: "minimum", "saddle", "maximum" or "degenerate".
        box: low and high end of each coordinate.
        starts: the number of starts.
        morse: the test of completeness for two coordinates; None for other problems.
    """

    points: Float[np.ndarray, "n d"]
    values: Float[np.ndarray, "n"]
    eigenvalues: Float[np.ndarray, "n d"]
    errors: Float[np.ndarray, "n d"]
    index: Int[np.ndarray, "n"]
    degenerate: Bool[np.ndarray, "n"]
    box: Float[np.ndarray, "d 2"]
    starts: int
    morse: MorseAudit | None

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        counts = Counter(self.kinds)
        kinds = "".join(f", {kind}: {count}" for kind, count in sorted(counts.items()))
        values = f", loss {display.finite_range(self.values)}" if len(self.values) else ""
        return f"{len(self.values)} points from {self.starts} starts{kinds}{values}"

    @property
    def kinds(self) -> tuple[str, ...]:
        names = {0: "minimum", self.points.shape[1]: "maximum"}
        return tuple(
            "degenerate" if flat else names.get(int(index), "saddle")
            for index, flat in zip(self.index, self.degenerate, strict=True)
        )


@check_arguments
def critical_points(
    problem: Problem,
    box: Extent,
    *,
    key: Any = 0,
    starts: int | None = None,
    guesses: Float[np.ndarray, "s d"] | None = None,
    progress: Progress | None = None,
) -> CriticalPoints:
    """The points of a box with ∇L = 0, by Newton's method in float64 from a Sobol sequence of starts, then from
    further starts with the known points deflated (Farrell, Birkisson & Funke 2015) until no new point is found.

    For a test function, or `problem.on(plane)`, the box is that of the picture; for a small network it is a
    half-width around its parameters. Points without a second derivative (a cone, a kink) are found only if a start
    or a guess lies on one, and are then degenerate. Zero eigenvalues make critical points form continua, of which
    some points are listed, as degenerate.

    Args:
        box: (low, high) of each coordinate, or a half-width around problem.params.
        key: random key (seed 0 if not given) of the starts.
        starts: their number, rounded up to a power of two; by default 4,096 for two coordinates, fewer for more.
        guesses: further starts, such as the minima of a surface.
        progress: called with (fraction, None) between compiled segments; may raise to cancel.

    Raises:
        ValueError: for a game, more than 200 parameters, an empty box, or one in which the loss is nowhere finite.
    """
    check_no_game(problem)
    key = as_key(key)
    if starts is not None and starts < 1:
        raise ValueError(f"starts = {starts} is not valid; give a positive whole number")
    d = problem.dim
    if d > MAX_PARAMETERS:
        raise ValueError(
            f"critical points are searched with dense Hessians, up to {MAX_PARAMETERS} parameters, not {d:,}; "
            "search a plane instead, with problem.on(plane)"
        )
    report = progress_reporter(progress)
    problem = to_float64(problem)
    with precision(problem.params):
        center, _ = flatten(problem, problem.params)
        bounds = np.array(check_extent(box, d))
        if np.ndim(box) == 0:
            bounds += np.asarray(center)[:, None]
        power = max(5, LOG2_STARTS - max(0, d - 2)) if starts is None else int(np.ceil(np.log2(max(starts, 2))))
        batch = batch_size(cost(jax.make_jaxpr(problem.loss)(problem.params).jaxpr))
        search = NewtonSearch(problem, bounds, report, min(MAX_BATCH, batch))
        seeds = np.asarray(jax.random.bits(key, (1 + DEFLATION_ROUNDS,), jnp.uint32))
        first = sobol_points(bounds, power, seeds[0])
        if guesses is not None:
            first = np.concatenate([np.asarray(guesses, np.float64).reshape(-1, d), first])
        points = search.run(first, np.zeros((0, d)), (0.0, 0.6))
        total_starts = len(first)
        for turn in range(DEFLATION_ROUNDS):
            more_starts = sobol_points(bounds, max(4, power - 3), seeds[1 + turn])
            total_starts += len(more_starts)
            share = 0.3 / DEFLATION_ROUNDS
            new_points = search.run(more_starts, points, (0.6 + share * turn, 0.6 + share * (turn + 1)))
            merged = distinct_points(np.concatenate([points, new_points]), SAME_POINT * search.diagonal)
            if len(merged) == len(points):
                break
            points = merged
        return _classify(problem, points, bounds, search, total_starts)


def _classify(
    problem: Problem, points: np.ndarray, bounds: np.ndarray, search: NewtonSearch, total_starts: int
) -> CriticalPoints:
    count, d = points.shape
    values, eigenvalues, errors = np.zeros(count), np.zeros((count, d)), np.zeros((count, d))
    degenerate = np.zeros(count, bool)
    done = 0
    for batch in batches(points, search.batch):
        _, hessian, value = map(np.asarray, derivatives(problem, batch))
        _, step = newton_steps(problem, batch, np.zeros((16, d)), 0, MAX_STEP * search.diagonal, 1)
        spectrum, vectors = np.linalg.eigh(hessian)
        # By how much does H change over a millionth of the diagonal, along the eigenvector of the smallest |λ|?
        weakest = np.argmin(np.abs(spectrum), axis=1)
        shift = SAME_POINT * search.diagonal * vectors[np.arange(len(batch)), :, weakest]
        change = np.zeros(len(batch))
        for sign in (1, -1):
            _, shifted, _ = map(np.asarray, derivatives(problem, batch + sign * shift))
            change = np.maximum(change, np.linalg.norm(shifted - hessian, ord=2, axis=(1, 2)))
        zero_bound = np.maximum(change, SAME_POINT**1.5 * search.median_curvature)
        vanishing = np.min(np.abs(spectrum), axis=1) <= zero_bound
        # By quadratic convergence the error of the position is below the last step, plus rounding.
        position_error = POSITION_ERROR * np.asarray(step) + ROUNDING * np.linalg.norm(batch, axis=1)
        shift_error = np.where(vanishing, zero_bound, change * position_error / (SAME_POINT * search.diagonal))
        asymmetry = np.linalg.norm(hessian - np.swapaxes(hessian, 1, 2), ord=2, axis=(1, 2))
        bars = shift_error + asymmetry + ROUNDING * np.max(np.abs(spectrum), axis=1)
        rows = slice(done, min(done + len(batch), count))
        size = rows.stop - rows.start
        jumps = has_jumps(search.gradient, batch[:size], np.max(np.abs(spectrum), axis=1)[:size], problem.params)
        values[rows], eigenvalues[rows] = value[:size], spectrum[:size]
        errors[rows] = bars[:size, None]
        degenerate[rows] = vanishing[:size] | jumps
        done += len(batch)
    order = np.argsort(values, kind="stable")
    points, eigenvalues, errors, degenerate = (each[order] for each in (points, eigenvalues, errors, degenerate))
    index = np.sum(eigenvalues < 0, axis=1)
    morse = audit_critical_points(search.gradient, points, index, degenerate, bounds) if d == 2 else None
    return CriticalPoints(
        frozen(points),
        frozen(values[order]),
        frozen(eigenvalues),
        frozen(errors),
        frozen(index),
        frozen(degenerate),
        frozen(bounds),
        total_starts,
        morse,
    )
