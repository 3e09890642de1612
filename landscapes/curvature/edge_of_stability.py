"""The edge of stability: the curvature along a run, and the largest curvature at which its optimizer is stable.

On a quadratic of curvature λ an optimizer is a linear recursion. For each learning rate it is bounded up to one λ
and diverges above it. Full-batch training raises the largest eigenvalue to that value, and keeps it there until
the loss flattens (Cohen et al. 2021, arXiv:2103.00065; for Adam 2022, arXiv:2207.14484).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial
from jaxtyping import Bool, Float, Int, PyTree

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.curvature import lanczos
from landscapes.curvature.hessian import (
    Progress,
    as_minimization,
    check_no_game,
    flatten,
    progress_reporter,
    unflatten,
)
from landscapes.curvature.largest_eigenvalue import largest_eigenvalue
from landscapes.display import Display
from landscapes.evaluation.pacing import next_count
from landscapes.immutable import frozen
from landscapes.knobs import check_knobs
from landscapes.optimization import descent
from landscapes.optimization.optimizer_switch import choose_optimizer, state_of_choice
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.run_setup import MAX_INTERVALS, MAX_SEGMENT_BYTES, Schedule
from landscapes.optimization.schedules import SCHEDULES
from landscapes.optimization.trajectory import Outcome, Trajectory
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.random_key import as_key

DEFAULT_SNAPSHOTS = 60  # of a run
SAME_RUN_TOLERANCE = 0.05  # of the distance from the start, between two runs of Adam on different processors
SAME_POINT_TOLERANCE = 1e-5  # of the norm of the parameters, for rounding


class StabilityLimit(NamedTuple):
    """The largest stable curvature times η, as a function of the optimizer's knobs, and the formula of the
    limit."""

    factor: Callable[[Mapping[str, Any]], float]
    formula: str


STABILITY_LIMITS = {
    "sgd": StabilityLimit(lambda knobs: 2.0, "2/η"),
    "momentum": StabilityLimit(lambda knobs: 2 + 2 * knobs["beta"], "(2+2β)/η"),
    "nesterov": StabilityLimit(
        lambda knobs: (2 + 2 * knobs["beta"]) / (1 + 2 * knobs["beta"]), "(2+2β)/((1+2β)η)"
    ),
    "adam": StabilityLimit(lambda knobs: (2 + 2 * knobs["b1"]) / (1 - knobs["b1"]), "(2+2β₁)/((1−β₁)η)"),
}


@dataclass(frozen=True, eq=False, repr=False)
class Stability(Display):
    """The largest eigenvalue along one run, and the largest at which its optimizer is stable.

    Attributes:
        optimizer: its name.
        formula: of the limit.
        is_preconditioned: whether the eigenvalues are those of P^{-½}HP^{-½} instead of H. P = diag(√v̂ + ε) is
            Adam's divisor in the update that starts at the point.
        steps: those at which the eigenvalues were computed.
        eigenvalues, errors: λmax and its error bar (see `largest_eigenvalue.LargestEigenvalue`).
        limits: the largest stable curvature at the learning rate of the same step.
        loss: L at every step, in the objective's own sense.
        outcome: of the run.
    """

    optimizer: str
    formula: str
    is_preconditioned: bool
    steps: Int[np.ndarray, "S"]
    eigenvalues: Float[np.ndarray, "S"]
    errors: Float[np.ndarray, "S"]
    limits: Float[np.ndarray, "S"]
    loss: Float[np.ndarray, "T"]
    outcome: Outcome

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        if not len(self.steps):
            return f"{self.optimizer}, no eigenvalue yet"
        last = display.with_error(self.eigenvalues[-1], self.errors[-1])
        return (
            f"{self.optimizer}, λmax {last} at step {int(self.steps[-1])}, limit {self.formula} = "
            f"{float(self.limits[-1]):.4g}, above it at {int(np.sum(self.is_unstable))} of {len(self.steps)} steps"
        )

    @property
    def is_unstable(self) -> Bool[np.ndarray, "S"]:
        """Whether the curvature is above the limit by more than its error bar."""
        with np.errstate(invalid="ignore"):
            return self.eigenvalues - self.errors > self.limits


def stability_limit(optimizer: str, knobs: Mapping[str, Any] | None = None) -> float:
    """The largest curvature λ at which the optimizer is stable on ½λx², in units of 1/η.

    2 for gradient descent, 2+2β for heavy ball, (2+2β)/(1+2β) for Nesterov's method. (2+2β₁)/(1−β₁) for Adam with
    a frozen preconditioner; λ is then the preconditioned curvature.

    Raises:
        ValueError: for an optimizer without a known limit, or a knob out of range.
    """
    if optimizer not in STABILITY_LIMITS:
        raise ValueError(f"no limit of stability is known for {optimizer}; choose {', '.join(STABILITY_LIMITS)}")
    return STABILITY_LIMITS[optimizer].factor(check_knobs(optimizer, OPTIMIZERS[optimizer], knobs or {}))


@check_arguments
def stability(
    problem: Problem,
    trajectory: Trajectory,
    optimizer: tuple[str, Mapping[str, Any]],
    *,
    key: Any = 0,
    steps: int,
    schedule: Schedule = "constant",
    snapshots: int = DEFAULT_SNAPSHOTS,
    progress: Progress | None = None,
) -> Stability:
    """λmax at snapshots of a full-batch run. Each search starts from the last eigenvector.

    Args:
        problem: the trained problem at the start of the run.
        trajectory: the run, with all examples in every step.
        optimizer: its name and knobs.
        key: random key (seed 0 if not given) of the searches.
        steps: the requested number of steps, on which the learning rates depend; the run may have ended early.
        schedule: of the learning rate.
        snapshots: the largest number of snapshots, evenly spaced over the run.
        progress: called with (fraction, the Stability so far) every tenth of a second or sooner; may raise to
            cancel.

    Raises:
        ValueError: for a game, an optimizer without a known limit, fewer than two snapshots, fewer steps than
            those of the path, or a path that is not Adam's where its preconditioner is needed.
    """
    check_no_game(problem)
    key = as_key(key)
    if len(optimizer) != 2:
        raise ValueError("optimizer is no pair; give its name and its knobs, such as ('sgd', {})")
    if steps < 1:
        raise ValueError(f"steps = {steps} is not valid; give the number of steps that were asked for")
    name, given_knobs = optimizer
    factor = stability_limit(name, given_knobs)
    if snapshots < 2:
        raise ValueError(f"{snapshots} snapshots make no curve; give at least 2")
    knobs: dict[str, Any] = check_knobs(name, OPTIMIZERS[name], given_knobs)
    rates = learning_rates(knobs["learning_rate"], steps, schedule)
    if trajectory.steps[-1] > steps:
        raise ValueError(
            f"steps = {steps} is below the last step of the path, {trajectory.steps[-1]}; give as many"
        )
    report = progress_reporter(progress)
    rows = np.unique(np.linspace(0, len(trajectory.steps) - 1, snapshots).round().astype(int))
    results: list[tuple[float, float]] = []

    def current_result() -> Stability:
        computed_steps = trajectory.steps[rows[: len(results)]]
        values, errors = np.array(results).reshape(-1, 2).T
        with np.errstate(divide="ignore"):
            limits = factor / rates[computed_steps]
        return Stability(
            name,
            STABILITY_LIMITS[name].formula,
            name == "adam",
            frozen(computed_steps),
            frozen(values),
            frozen(errors),
            frozen(limits),
            trajectory.loss,
            trajectory.outcome,
        )

    partial_result = None

    def pause() -> None:
        report(len(results) / len(rows), partial_result)

    vector, segments, scales = None, lanczos.AdaptiveSegments(), iter(())
    with precision(problem.params):
        minimized = as_minimization(problem)
        path = trajectory.snapshots(problem.params)
        points = (path[row] for row in rows)
        if name == "adam":
            scales = _preconditioner_scales(problem, knobs, rates, trajectory, rows, pause)
        for index, params in enumerate(points):
            problem_at_point, point = minimized, flatten(minimized, params)[0]
            if name == "adam":
                problem_at_point = rescaled_problem(minimized, params, next(scales))
                point = jnp.zeros_like(point)
            chain = {"start": vector, "segments": segments, "pause": pause}
            top = largest_eigenvalue(problem_at_point, point, jax.random.fold_in(key, index), **chain)
            vector = top.vector
            results.append((top.value, top.error))
            partial_result = current_result()
            pause()
    return current_result()


def learning_rates(peak: float, steps: int, schedule: Schedule) -> Float[np.ndarray, "T"]:
    """η of every update, ["T"]. The last one is repeated for the end of the run."""
    name, knobs = (schedule, {}) if isinstance(schedule, str) else schedule
    if name not in SCHEDULES:
        raise ValueError(f"schedule {name!r} is unknown; choose one of {', '.join(SCHEDULES)}")
    rates = SCHEDULES[name](peak, steps, **check_knobs(name, SCHEDULES[name], knobs))
    return np.append(rates, rates[-1])


def rescaled_problem(problem: Problem, origin: PyTree, scale: PyTree) -> Problem:
    """L(θ₀ + s∘u) as a function of u, at u = 0: a problem whose Hessian there is diag(s)·H·diag(s)."""
    zeros = jax.tree.map(jnp.zeros_like, problem.params)
    origin = jax.tree.map(jnp.asarray, origin)
    return problem.reparametrized(Partial(_rescale, origin, scale), zeros)


def _preconditioner_scales(
    problem: Problem,
    knobs: Mapping[str, float],
    rates: np.ndarray,
    trajectory: Trajectory,
    snapshot_rows: np.ndarray,
    pause: Callable[[], Any],
) -> Iterator[PyTree]:
    """The diagonal of P^{-½} = (√v̂ + ε)^{-½} at each snapshot, from a second run of Adam.

    v of the update that starts at θ_t contains the gradient at θ_t."""
    dtype = dtype_of(problem.params)
    members, choice = choose_optimizer("adam", knobs, dtype)
    weights = {name: np.asarray(weight, dtype) for name, weight in problem.weights.items()}
    problem = jax.device_put(replace(problem, weights=weights))
    # The shapes of `trajectory.descend`, whose compiled program is reused here.
    rows = max(1, min(MAX_INTERVALS + 1, MAX_SEGMENT_BYTES // (problem.dim * dtype.itemsize)))
    state, count = descent.uninitialized_state(problem.params, choice, method=members), 1
    path = trajectory.snapshots(problem.params)
    start = np.asarray(flatten(problem, path[0])[0])
    for row, step in zip(snapshot_rows, trajectory.steps[snapshot_rows], strict=True):
        while (points := int(state.step)) <= step:
            count = min(count, descent.SEGMENT_STEPS, int(step) + 1 - points)
            segment_rates = np.zeros(descent.SEGMENT_STEPS, dtype)
            segment_rates[:count] = rates[points : points + count]
            start_time = time.perf_counter()
            state, *_ = descent.run_segment(
                *(problem, choice),
                state,
                segment_rates,
                None,
                np.int32(count),
                np.int32(descent.SEGMENT_STEPS),
                (),
                method=members,
                batch_size=None,
                rows=rows,
            )
            count = next_count(count, time.perf_counter() - start_time)
            pause()
        _check_same_run(np.asarray(state.last_finite), np.asarray(flatten(problem, path[row])[0]), start)
        adam = state_of_choice(members, choice, state.optimizer, state.params)
        square = np.asarray(next(part.nu for part in adam if hasattr(part, "nu")), np.float64)
        # With β₂ as Adam rounds it. In float32 1 − 0.999 has a relative error of 1.3e-5, and so has v.
        correction = 1 - float(np.asarray(knobs["b2"], dtype)) ** (int(step) + 1)
        divisor = np.sqrt(square / correction) + knobs["eps"]
        yield jax.tree.map(lambda leaf: leaf[0], unflatten(problem, 1 / np.sqrt(divisor)[None]))


def _check_same_run(end: np.ndarray, snapshot: np.ndarray, start: np.ndarray) -> None:
    """Checks that a second run of Adam passes through a snapshot, because its preconditioner is used there.

    Raises:
        ValueError: if the snapshot is of another run.
    """
    distance, path_length = np.linalg.norm(end - snapshot), np.linalg.norm(snapshot - start)
    if distance > SAME_RUN_TOLERANCE * path_length + SAME_POINT_TOLERANCE * np.linalg.norm(snapshot):
        raise ValueError(
            "the path is not that of Adam from problem.params with these knobs on all examples, so that its "
            "preconditioner is not known; give the run's own start, knobs, schedule and steps"
        )


def _rescale(origin: PyTree, scale: PyTree, params: PyTree) -> PyTree:
    return jax.tree.map(lambda o, s, u: o + s * u, origin, scale, params)
