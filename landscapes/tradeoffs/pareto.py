"""The Pareto front of two terms, estimated by training on weighted sums.

A point dominates another if it is better in one term and no worse in the other. The Pareto front is the set of
points that no other point dominates. The compared points are those that were computed: solutions of weighted sums,
and the straight line between the two single-term solutions. They bound the front from one side only: training ends
near one of many minima after a fixed number of steps, and even exact minima of weighted sums reach only the convex
part of the front (Das & Dennis 1997).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, PyTree

from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.objective import Sense
from landscapes.optimization.run_setup import Optimizer, Schedule
from landscapes.optimization.trajectory import Outcome, Trajectory, descend
from landscapes.plane import span
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.slices.surface import evaluate
from landscapes.tradeoffs.gradient_conflict import check_pair

Progress = Callable[[float, Any], object]

DEFAULT_WEIGHTINGS = 7  # number of runs, including the two single terms
DEFAULT_LINE_POINTS = 33  # on the line between the two single-term solutions


@dataclass(frozen=True, eq=False, repr=False)
class Solution(Display):
    """The end of a run that minimized one weighted sum.

    Attributes:
        share: λ, from 0 for the first term alone to 1 for the second alone.
        weights: the weights w₁ and w₂ of the sum.
        values: the unweighted terms at the end, over all examples; NaN where the run diverged.
        gradient_norm: the gradient norm of the weighted sum at the end.
        outcome: how the run ended.
    """

    share: float
    weights: tuple[float, float]
    values: Float[np.ndarray, "2"]
    gradient_norm: float
    outcome: Outcome

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        return f"λ = {self.share:.3g}, terms {self.values[0]:.4g} and {self.values[1]:.4g}, {self.outcome.kind}"


@dataclass(frozen=True, eq=False, repr=False)
class ParetoFront(Display):
    """The values of two terms at every computed point.

    Attributes:
        terms: the names of the two terms.
        sense: whether both are minimized or maximized.
        start: the values at the common start of the runs.
        solutions: the ends of the runs computed so far, by increasing share.
        line: the values along the straight line in parameter space from the first term's solution to the second's,
            evenly spaced; None until computed, and where one of the two runs diverged.
        length: the distance in parameter space between these two solutions; NaN without a line.
    """

    terms: tuple[str, str]
    sense: Sense
    start: Float[np.ndarray, "2"]
    solutions: tuple[Solution, ...]
    line: Float[np.ndarray, "P 2"] | None
    length: float

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        efficient = int(np.sum(self.efficient_solutions))
        on_line = int(np.sum(self.efficient_line))
        line = "" if self.line is None else f" and {on_line} of {len(self.line)} points of the line"
        terms = " against ".join(self.terms)
        return f"{terms}: {efficient} of {len(self.solutions)} solutions{line} are Pareto-optimal"

    @property
    def efficient_solutions(self) -> Bool[np.ndarray, "W"]:
        """Whether each solution is Pareto-optimal among all computed points."""
        return self._efficient()[0]

    @property
    def efficient_line(self) -> Bool[np.ndarray, "P"]:
        """Whether each point of the line is Pareto-optimal among all computed points."""
        return self._efficient()[1]

    def _efficient(self) -> tuple[np.ndarray, np.ndarray]:
        ends = np.array([solution.values for solution in self.solutions]).reshape(-1, 2)
        line = np.zeros((0, 2)) if self.line is None else self.line
        efficient = nondominated(np.concatenate([ends, line]), self.sense)
        return efficient[: len(ends)], efficient[len(ends) :]


@check_arguments
def nondominated(values: Float[np.ndarray, "N 2"], sense: Sense = "minimize") -> Bool[np.ndarray, "N"]:
    """Whether each row is Pareto-optimal: no other row is at least as good in both columns and better in one.
    Equal rows do not dominate each other. A row that is not finite counts as dominated."""
    rows = np.asarray(values, np.float64) * (1 if sense == "minimize" else -1)
    rows = np.where(np.isfinite(rows).all(axis=1, keepdims=True), rows, np.inf)
    no_worse = (rows[:, None] <= rows[None]).all(axis=-1)
    better = (rows[:, None] < rows[None]).any(axis=-1)
    return np.asarray(~(no_worse & better).any(axis=0) & np.isfinite(rows).all(axis=1))


@check_arguments
def pareto_front(
    problem: Problem,
    first: str,
    second: str,
    optimizer: Optimizer,
    steps: int,
    *,
    weightings: int = DEFAULT_WEIGHTINGS,
    points: int = DEFAULT_LINE_POINTS,
    batch_size: int | None = None,
    key: Any = None,
    schedule: Schedule = "constant",
    progress: Progress | None = None,
) -> ParetoFront:
    """The Pareto front of two terms: a run on each term alone, runs on their weighted sums, all from
    `problem.params`, and the straight line between the two single-term solutions.

    The weights are w₁ ∝ (1 − λ)/r₁ and w₂ ∝ λ/r₂ with λ evenly spaced. rᵢ is the difference of term i between the
    two single-term solutions, so that λ is balanced between terms of different size. The weights sum to the
    problem's own weights of the two terms. All other terms have weight 0.

    Args:
        weightings: number of runs, at least 2 for the two single terms.
        points: number of points on the line, at least 2.
        optimizer, steps, batch_size, key, schedule: those of every run, as in `trajectory.descend`.
        progress: called with (fraction, the ParetoFront so far) about every 50 ms; may raise to cancel.

    Raises:
        ValueError: for a term that does not exist, two equal terms, a game, fewer than two weightings or points;
            and as `trajectory.descend` does.
    """
    check_pair(problem, first, second)
    for name, count in (("weightings", weightings), ("points", points)):
        if count < 2:
            raise ValueError(f"{name} = {count} leaves nothing to compare; give at least 2")
    total = float(problem.weights[first]) + float(problem.weights[second])
    total = total if total > 0 else 1.0
    start = np.array(_values(problem, problem.params, first, second))
    runs: dict[float, tuple[Solution, PyTree]] = {}
    line, length, done = None, math.nan, 0

    def front() -> ParetoFront:
        solutions = tuple(runs[share][0] for share in sorted(runs))
        return ParetoFront((first, second), problem.sense, start, solutions, line, length)

    def solve(share: float, ranges: tuple[float, float]) -> None:
        weights = _weights(share, ranges, total)
        term_weights = dict.fromkeys(problem.weights, 0.0) | {first: weights[0], second: weights[1]}

        def report(fraction: float, run: Any) -> None:
            if progress is not None:
                progress((done + fraction) / (weightings + 1), front())

        run = descend(
            _weighted(problem, term_weights), optimizer, steps,
            batch_size=batch_size, key=key, schedule=schedule, progress=report,
        )  # fmt: skip
        runs[share] = (_solution(problem, run, share, weights, first, second), _final_params(run))

    for share in (0.0, 1.0):
        solve(share, (1.0, 1.0))
        done += 1
    ends = [runs[share][0].values for share in (0.0, 1.0)]
    if np.isfinite(ends).all():
        line, length = _values_on_line(problem, runs[0.0][1], runs[1.0][1], first, second, points)
        line[0], line[-1] = ends  # the same points: a difference by rounding would make one dominate the other
    done += 1
    gaps = np.abs(ends[0] - ends[1])
    ranges = tuple(float(gap) if np.isfinite(gap) and gap > 0 else 1.0 for gap in gaps)
    for share in np.linspace(0, 1, weightings)[1:-1]:
        solve(float(share), (ranges[0], ranges[1]))
        done += 1
    if progress is not None:
        progress(1.0, front())
    return front()


def _weights(share: float, ranges: tuple[float, float], total: float) -> tuple[float, float]:
    first, second = (1 - share) / ranges[0], share / ranges[1]
    return total * first / (first + second), total * second / (first + second)


def _weighted(problem: Problem, weights: Mapping[str, float]) -> Problem:
    dtype = dtype_of(problem.params)
    return replace(problem, weights={name: np.asarray(weight, dtype) for name, weight in weights.items()})


def _final_params(run: Trajectory) -> PyTree:
    return jax.tree.map(lambda rows: rows[-1], run.params)


def _solution(
    problem: Problem, run: Trajectory, share: float, weights: tuple[float, float], first: str, second: str
) -> Solution:
    values = np.full(2, np.nan)
    if run.outcome.kind == "finished":
        values = _values(problem, _final_params(run), first, second)
    return Solution(share, weights, values, float(run.gradient_norm[-1]), run.outcome)


def _values(problem: Problem, params: PyTree, first: str, second: str) -> Float[np.ndarray, "2"]:
    with precision(params):
        terms = _evaluate_terms(replace(problem, params=jax.tree.map(jnp.asarray, params), weights={}))
        return np.array([float(terms[first]), float(terms[second])])


_evaluate_terms = jax.jit(lambda problem: problem.terms(problem.params))


def _values_on_line(
    problem: Problem, one: PyTree, other: PyTree, first: str, second: str, points: int
) -> tuple[Float[np.ndarray, "P 2"], float]:
    """The terms along the line from `one` to `other`, and its length. If both are the same point, all rows are its
    values."""
    offset = jax.tree.map(lambda a, b: np.asarray(b, np.float64) - np.asarray(a, np.float64), one, other)
    length = math.sqrt(sum(float(np.sum(leaf**2)) for leaf in jax.tree.leaves(offset)))
    if length == 0:
        return np.repeat(_values(problem, one, first, second)[None], points, axis=0), 0.0
    plane = span(one, jax.tree.map(lambda leaf: leaf[None], offset))
    surface = evaluate(problem, plane, [np.linspace(0, length, points)])
    return np.stack([surface.terms[first], surface.terms[second]], axis=-1).astype(np.float64), length
