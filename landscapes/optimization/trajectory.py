"""Trajectories: what an optimizer does on a problem, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import jax
import numpy as np
import optax
from jax.flatten_util import ravel_pytree
from jaxtyping import Float, Int, PyTree

from landscapes.arguments import checked
from landscapes.evaluation.pacing import next_count
from landscapes.optimization.concurrency import abreast
from landscapes.optimization.course import Course, Optimizer, Schedule, course_of, method_of, rates_of
from landscapes.optimization.descent import RUNAWAY, SEGMENT_STEPS, Method, Walk, begin, schedule_free, segment
from landscapes.optimization.fused_runs import RUNS, News, Runner, fits, heats
from landscapes.optimization.recorder import Record
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem, weighted_sum

Progress = Callable[[float, Any], object]


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    No run is called converged: the gradient is as small on a plateau or at a saddle as at a minimum, and no
    threshold tells them apart. `gradient_norm` and the spectrum say more.

    Attributes:
        kind: "finished" after all steps; "diverged" at the first point where parameters, loss or gradient are not
            finite, or the loss is worse than at the start by 10⁸·max(1, |L(θ₀)|); "running" in a partial result.
        step: updates taken when the run ended, the one that diverged included.
        note: one sentence.
    """

    kind: Literal["finished", "diverged", "running"]
    step: int
    note: str


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The path of one optimizer, in read-only NumPy arrays. Curves have every step, snapshots are thinned.

    A path that diverged ends at its last finite point; nothing is clipped.

    Attributes:
        steps: the steps of the snapshots, from 0 to the last finite point; at most 202.
        params: θ at those steps: the structure of the parameters, with a leading axis of length S.
            Schedule-free optimizers take gradients at one point y and are evaluated at another, x: these are x.
        loss: L(θ_t) in the objective's own sense, as the optimizer saw it before update t: on the minibatch of
            step t where there are minibatches. One entry per update and one for the end of the path. NaN
            throughout for a game, which has no single loss: its players' values are in `terms`.
        gradient_norm: Euclidean norm of the field that update t steps against, on the same examples.
        outcome: how it ended.
        terms: the unweighted terms of the loss along the path, {term: ["T"]}.
        final_loss, final_terms: the same at the end of the path, on all examples whatever the batch size; the last
            entries of `loss` and `terms` where they are not given.
    """

    steps: Int[np.ndarray, "S"]
    params: PyTree[Float[np.ndarray, "S ..."]]
    loss: Float[np.ndarray, "T"]
    gradient_norm: Float[np.ndarray, "T"]
    outcome: Outcome
    terms: dict[str, Float[np.ndarray, "T"]]
    final_loss: float = field(kw_only=True, default=None)  # type: ignore[assignment]
    final_terms: dict[str, float] = field(kw_only=True, default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.final_terms is None:
            object.__setattr__(self, "final_terms", {name: float(row[-1]) for name, row in self.terms.items()})
        if self.final_loss is None:
            object.__setattr__(self, "final_loss", float(self.loss[-1]))


@checked
def descend(
    problem: Problem,
    optimizer: Optimizer,
    steps: int,
    *,
    batch_size: int | None = None,
    key: Any = None,
    schedule: Schedule = "constant",
    progress: Progress | None = None,
) -> Trajectory:
    """The path of an optimizer from `problem.params`, stepping against `problem.field`: down a loss, up a reward,
    and in a game all players at once.

    Learning rate, float knobs, schedule, key, weights and number of steps are traced: changing them compiles
    nothing.

    Args:
        optimizer: a name in `OPTIMIZERS`, a (name, knobs) pair, or any Optax transformation. The last is compiled
            once per object, and a schedule multiplies its updates, with peak 1.
        steps: number of updates, from 1 to 100,000.
        batch_size: examples per step, without replacement from a fresh shuffle of the data in every epoch; the
            remainder that fills no batch sits that epoch out. A stochastic objective draws anew at each step.
            None takes all examples and the problem's own fixed randomness: the surface as it is drawn.
        key: a key or an integer seed (0 if not given) for the order of the examples, which depends on nothing
            else.
        schedule: a name in `SCHEDULES` or a (name, knobs) pair; its peak is the learning rate.
        progress: called with (fraction, the Trajectory so far) about every 50 ms; may raise to cancel.

    Raises:
        ValueError: for an unknown name, a knob out of range, too few or too many steps, a batch that the data
            cannot fill, more parameters than a path can keep, a line search in a game, or a way for a game's
            players to move where there is none.
    """
    course = course_of(problem, steps, batch_size, key, schedule)
    run = _run(course, optimizer)
    while True:
        news = next(run)
        if progress is not None:
            progress(news.record.seen / (steps + 1), _path(course, news))
        if news.over:
            return _path(course, news)


@checked
def race(
    problem: Problem,
    optimizers: Mapping[str, Optimizer],
    steps: int,
    *,
    batch_size: int | None = None,
    key: Any = None,
    schedule: Schedule = "constant",
    progress: Progress | None = None,
) -> dict[str, Trajectory]:
    """The path of every optimizer by label: same start, same number of steps, same minibatches in the same order,
    same schedule under each one's own learning rate.

    The arguments are those of `descend`; `progress` gets the paths so far, of which several may be running: where
    one compiled call does not hold all of them, they go on abreast, as many as there are processors.
    """
    course, waiting = course_of(problem, steps, batch_size, key, schedule), list(optimizers.items())
    paths: dict[str, Trajectory] = {}
    shares = dict.fromkeys(optimizers, 0.0)

    def tell(label: str, news: News) -> None:
        shares[label] = 1.0 if news.over else news.record.seen / (course.steps + 1)
        if news.over or progress is not None:
            paths[label] = _path(course, news)
        if progress is not None:
            heard = {label: paths[label] for label in optimizers if label in paths}
            progress(sum(shares.values()) / len(shares), heard)

    alone: dict[str, Iterator[News]] = {}
    while waiting:
        if together := _together(course, waiting):
            labels = [label for label, _ in waiting[: len(together[1])]]
            waiting = waiting[len(labels) :]
            with precision(problem.params):
                for news in heats(course.problem, *together, course.steps, course.stride, course.rows):
                    tell(labels[news.place], news)
        else:
            label, optimizer = waiting.pop(0)
            alone[label] = _run(course, optimizer)
    with closing(abreast(alone)) as heard:
        for label, news in heard:
            tell(label, news)
    return {label: paths[label] for label in optimizers}


def _together(course: Course, waiting: list[tuple[str, Optimizer]]) -> tuple[Method, list[Runner]] | None:
    """The program and the runs of those in front that share it, where they had better be called for at once."""
    if course.batches is not None or not fits(course.problem, course.rows):
        return None
    method, runners, rates, dtype = None, [], {}, dtype_of(course.problem.params)
    for _, optimizer in waiting[:RUNS]:
        own, setting, peak = method_of(course.problem, optimizer, dtype)
        if isinstance(own, optax.GradientTransformation) or len(own) == 1 or own != (method or own):
            break
        method = own
        if peak not in rates:
            rates[peak] = rates_of(course.schedule, peak, course.steps).astype(dtype)
        runners.append(Runner(setting, rates[peak]))
    return (method, runners) if method is not None else None


def _run(course: Course, optimizer: Optimizer) -> Iterator[News]:
    """`descend`, by compiled calls; they may be made on several threads, one after the other."""
    problem, steps, batches = course.problem, course.steps, course.batches
    dtype = dtype_of(problem.params)
    method, setting, peak = method_of(problem, optimizer, dtype)
    rates = rates_of(course.schedule, peak, steps)
    with precision(problem.params):
        walk = begin(problem.params, setting, method=method, losses=len(problem.objective.players or "1"))
    record, count, over = Record(problem.params, steps, course.stride), 1, False
    limits = [batches.longest] if batches else []
    longest = min(SEGMENT_STEPS, (course.rows - 1) * course.stride + 1, *limits)
    while not over:
        # The last step is looked at like the others; the update it computes is dropped.
        count = min(count, longest, steps + 1 - record.seen)
        ahead = np.zeros(SEGMENT_STEPS, dtype)
        ahead[:count] = rates[record.seen : record.seen + count]
        began = time.perf_counter()
        with precision(problem.params):
            walk, curves, snapshots = segment(
                problem,
                setting,
                walk,
                ahead,
                batches.orders(record.seen, count) if batches else None,
                np.int32(count),
                np.int32(course.stride),
                method=method,
                batch_size=course.batch_size,
                rows=course.rows,
            )
        over = not record.add(walk, curves, snapshots) or record.seen > steps
        count = next_count(count, time.perf_counter() - began)
        yield News(0, record, walk, over)


def _path(course: Course, news: News) -> Trajectory:
    if news.over:
        path = _ended(news.record, course.steps, news.walk)
        return path if course.batches is None else _with_final_values(course.problem, path, news.walk)
    taken = news.record.seen - 1
    return Trajectory(
        outcome=Outcome("running", taken, f"running: {taken} of {course.steps} steps taken."), **news.record.path()
    )


def _with_final_values(problem: Problem, path: Trajectory, walk: Walk) -> Trajectory:
    """The path with its last point's values on all examples: a curve ends on one minibatch."""
    with precision(problem.params):
        loss, terms = _final_values(problem, np.asarray(walk.previous))
    return replace(path, final_loss=float(loss), final_terms={name: float(value) for name, value in terms.items()})


@jax.jit
def _final_values(problem: Problem, vector: Any) -> tuple[Any, dict[str, Any]]:
    terms = problem.terms(ravel_pytree(problem.params)[1](vector))
    game = problem.objective.players is not None
    return np.nan if game else weighted_sum(terms, problem.weights), terms


def _ended(record: Record, steps: int, walk: Walk) -> Trajectory:
    path = record.path(np.asarray(walk.previous))
    faults = np.asarray(walk.faults)
    if not faults.any():
        note = f"{steps} steps; the gradient norm ends at {path['gradient_norm'][-1]:.3g}."
        if schedule_free(walk.state) is not None:
            note += " The path is that of the average x, not of the points y at which gradients are taken."
        return Trajectory(outcome=Outcome("finished", steps, note), **path)
    what = (
        "the parameters are not finite",
        "the loss is not finite",
        "the gradient is not finite",
        f"the loss is {RUNAWAY:.0e} times worse than at the start",
    )[int(np.argmax(faults))]
    note = f"diverged: after step {record.seen} {what}; lower the learning rate."
    if record.seen == 0:
        note = f"diverged: {what} at the start; start elsewhere."
    return Trajectory(outcome=Outcome("diverged", record.seen, note), **path)
