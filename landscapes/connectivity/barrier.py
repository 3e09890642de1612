"""The loss along a path from one solution to another, and the barrier between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float, PyTree

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.curvature.hessian import Progress, as_minimization, check_no_game, progress_reporter
from landscapes.display import Display
from landscapes.immutable import frozen
from landscapes.plane import check_point, span
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.slices.refinement import refine

MAX_LINE_NODES = 129  # at which the loss along a line is evaluated; twice as many are drawn
LINE_TOLERANCE = 1e-3  # interpolation error of the loss along a line, as a share of its range


class Barrier(NamedTuple):
    """The barrier of the loss L_t between two solutions, t from 0 to 1.

    Attributes:
        above_mean: max_t L_t − ½(L_0 + L_1) (Frankle et al. 2020, arXiv:1912.05671).
        above_line: max_t [L_t − (1−t)·L_0 − t·L_1] (Entezari et al. 2022, arXiv:2110.06296), which is 0 where no
            point lies above the linear interpolation of the ends.
        highest: max_t L_t.
        t_highest: the t of the maximum.
        error: bound on the error of each of the three, estimated between the computed points.
    """

    above_mean: float
    above_line: float
    highest: float
    t_highest: float
    error: float

    __repr__ = display.short_repr

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        height = f"{display.with_error(self.above_line, self.error)} above the line"
        return f"{height}, {self.above_mean:.4g} above the mean of the ends, highest at t = {self.t_highest:.3g}"


@dataclass(frozen=True, eq=False, repr=False)
class Profile(Display):
    """The minimized loss along a path.

    Attributes:
        t: 0 at the first solution, 1 at the second, increasing.
        loss: the loss at each t.
        error: estimated error of a spline through these values between them.
    """

    t: Float[np.ndarray, "N"]
    loss: Float[np.ndarray, "N"]
    error: float

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        height = display.with_error(self.barrier.above_line, self.error)
        return f"{len(self.t)} points, loss {display.finite_range(self.loss)}, barrier {height} above the line"

    @property
    def barrier(self) -> Barrier:
        """The barrier; NaN or infinite if a value along the path is."""
        first, second = self.loss[[0, -1]]
        line = (1 - self.t) * first + self.t * second
        highest = int(np.argmax(np.where(np.isnan(self.loss), np.inf, self.loss)))
        return Barrier(
            float(self.loss[highest] - (first + second) / 2),
            float(np.max(self.loss - line)),
            float(self.loss[highest]),
            float(self.t[highest]),
            self.error,
        )


@check_arguments
def linear_interpolation(
    problem: Problem, first: PyTree, second: PyTree, *, progress: Progress | None = None
) -> Profile:
    """The loss along the straight line between two solutions; two equal values if the solutions are the same.

    Args:
        first, second: parameters, such as `path.snapshots(problem.params)[0]` of a path of checkpoints.
        progress: called with (fraction, None); may raise to cancel.

    Raises:
        ValueError: for a game.
    """
    check_no_game(problem)
    check_point(second, first)
    report = progress_reporter(progress)
    if all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)):
        with precision(problem.params):
            loss = float(as_minimization(problem).loss(first))
        return Profile(frozen(np.array([0.0, 1.0])), frozen(np.array([loss, loss])), 0.0)
    line = span(first, jax.tree.map(lambda a, b: as_float64(b)[None] - as_float64(a)[None], first, second))
    length = float(line.scale[0])
    *_, surface = refine(
        as_minimization(problem),
        line,
        [(0.0, length)],
        tolerance=LINE_TOLERANCE,
        max_level=MAX_LINE_NODES,
        progress=lambda fraction, _: report(fraction, None),
    )
    resampled = surface.resampled(2 * MAX_LINE_NODES - 1)
    return Profile(frozen(resampled.axes[0] / length), frozen(resampled.loss), float(surface.error))


def as_float64(leaf: Any) -> np.ndarray:
    """The leaf in float64, so that the difference of two solutions keeps its digits."""
    return np.asarray(leaf, np.float64)
