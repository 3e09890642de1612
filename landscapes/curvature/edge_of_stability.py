"""The edge of stability: the curvature along a run, and the largest curvature at which its optimizer is stable.

On a quadratic of curvature λ an optimizer is a linear recursion. For each learning rate it is bounded up to one λ
and diverges above it. Full-batch training raises the largest eigenvalue to that value, and keeps it there until
the loss flattens (Cohen et al. 2021, arXiv:2103.00065; for Adam 2022, arXiv:2207.14484).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
)
from landscapes.curvature.largest_eigenvalue import largest_eigenvalue
from landscapes.curvature.preconditioner import preconditioner_scales
from landscapes.display import Display
from landscapes.immutable import frozen
from landscapes.knobs import check_knobs
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.plateau import PLATEAU, reduced_rates
from landscapes.optimization.run_setup import Schedule
from landscapes.optimization.schedules import SCHEDULES
from landscapes.optimization.trajectory import Outcome, Trajectory
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key

DEFAULT_SNAPSHOTS = 60  # of a run


class StabilityLimit(NamedTuple):
    """When the linearized step of an optimizer is stable on ½λx².

    Attributes:
        factor: the largest stable λ times η, as a function of the knobs.
        formula: of that λ.
        preconditioner: P as LaTeX, where λ is an eigenvalue of P^{-½}HP^{-½}; "" where it is one of H.
    """

    factor: Callable[[Mapping[str, Any]], float]
    formula: str
    preconditioner: str = ""


def _adamw_factor(knobs: Mapping[str, Any]) -> float:
    """θ ← (1−ηw)θ − ηm with m ← β₁m + (1−β₁)λθ reaches the multiplier −1 here."""
    remaining = 2 - knobs["learning_rate"] * knobs["weight_decay"]
    return remaining * (1 + knobs["b1"]) / (1 - knobs["b1"])


def _lion_factor(knobs: Mapping[str, Any]) -> float:
    """θ ← (1−ηw)θ − η(β₁m + (1−β₁)λθ) with m ← β₂m + (1−β₂)λθ reaches the multiplier −1 here.

    Raises:
        ValueError: for β₁ > β₂, where a complex pair of multipliers may leave the unit circle before.
    """
    b1, b2 = knobs["b1"], knobs["b2"]
    if b1 > b2:
        raise ValueError(f"Lion's limit of stability is known for β₁ ≤ β₂; choose b2 of at least {b1:g}")
    return (1 + b2) * (2 - knobs["learning_rate"] * knobs["weight_decay"]) / (1 + b2 - 2 * b1)


_ROOT = r"\sqrt{\hat v}+\varepsilon"

STABILITY_LIMITS = {
    "sgd": StabilityLimit(lambda knobs: 2.0, "2/η"),
    "momentum": StabilityLimit(lambda knobs: 2 + 2 * knobs["beta"], "(2+2β)/η"),
    "nesterov": StabilityLimit(
        lambda knobs: (2 + 2 * knobs["beta"]) / (1 + 2 * knobs["beta"]), "(2+2β)/((1+2β)η)"
    ),
    "rmsprop": StabilityLimit(lambda knobs: 2.0, "2/η", r"\sqrt{s+\varepsilon}"),
    "adam": StabilityLimit(lambda knobs: (2 + 2 * knobs["b1"]) / (1 - knobs["b1"]), "(2+2β₁)/((1−β₁)η)", _ROOT),
    "adamw": StabilityLimit(_adamw_factor, "(2−ηλ)(1+β₁)/((1−β₁)η)", _ROOT),
    "lion": StabilityLimit(_lion_factor, "(2−ηλ)(1+β₂)/((1+β₂−2β₁)η)", r"|\beta_1 m+(1-\beta_1)g|"),
}


@dataclass(frozen=True, eq=False, repr=False)
class Stability(Display):
    """The largest eigenvalue along one run, and the largest at which its optimizer is stable.

    Attributes:
        optimizer: its name.
        formula: of the limit.
        is_preconditioned: whether the eigenvalues are those of P^{-½}HP^{-½} instead of H. P is the diagonal of
            the optimizer's divisors in the update that starts at the point (see `preconditioner`).
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

    2 for gradient descent, 2+2β for heavy ball, (2+2β)/(1+2β) for Nesterov's method. With a frozen preconditioner,
    where λ is the preconditioned curvature: 2 for RMSProp, (2+2β₁)/(1−β₁) for Adam, (2−ηw)(1+β₁)/(1−β₁) for AdamW
    with weight decay w, and (2−ηw)(1+β₂)/(1+β₂−2β₁) for Lion. The sign of Lion's step has no linear
    part: frozen is |β₁m + (1−β₁)g|, and a run that jumps from side to side in steps of η is at the limit.

    Raises:
        ValueError: for an optimizer without a known limit, Lion with β₁ > β₂, or a knob out of range.
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
            those of the path, or a path that is not the optimizer's where its preconditioner is needed.
    """
    check_no_game(problem)
    key = as_key(key)
    if len(optimizer) != 2:
        raise ValueError("optimizer is no pair; give its name and its knobs, such as ('sgd', {})")
    if steps < 1:
        raise ValueError(f"steps = {steps} is not valid; give the number of steps that were asked for")
    name, given_knobs = optimizer
    stability_limit(name, given_knobs)  # refuses an unknown optimizer
    if snapshots < 2:
        raise ValueError(f"{snapshots} snapshots make no curve; give at least 2")
    knobs: dict[str, Any] = check_knobs(name, OPTIMIZERS[name], given_knobs)
    limit = STABILITY_LIMITS[name]
    if trajectory.steps[-1] > steps:
        raise ValueError(
            f"steps = {steps} is below the last step of the path, {trajectory.steps[-1]}; give as many"
        )
    with precision(problem.params):
        losses = trajectory.loss * (1 if problem.sense == "minimize" else -1)
        rates = learning_rates(knobs["learning_rate"], steps, schedule, losses)
    report = progress_reporter(progress)
    rows = np.unique(np.linspace(0, len(trajectory.steps) - 1, snapshots).round().astype(int))
    results: list[tuple[float, float]] = []

    def current_result() -> Stability:
        computed_steps = trajectory.steps[rows[: len(results)]]
        values, errors = np.array(results).reshape(-1, 2).T
        with np.errstate(divide="ignore"):
            factors = [limit.factor({**knobs, "learning_rate": rate}) for rate in rates[computed_steps]]
            limits = np.array(factors) / rates[computed_steps]
        return Stability(
            name,
            limit.formula,
            bool(limit.preconditioner),
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
        if limit.preconditioner:
            scales = preconditioner_scales(problem, name, knobs, rates, trajectory, rows, pause)
        for index, params in enumerate(points):
            problem_at_point, point = minimized, flatten(minimized, params)[0]
            if limit.preconditioner:
                problem_at_point = rescaled_problem(minimized, params, next(scales))
                point = jnp.zeros_like(point)
            chain = {"start": vector, "segments": segments, "pause": pause}
            top = largest_eigenvalue(problem_at_point, point, jax.random.fold_in(key, index), **chain)
            vector = top.vector
            results.append((top.value, top.error))
            partial_result = current_result()
            pause()
    return current_result()


def learning_rates(
    peak: float, steps: int, schedule: Schedule, losses: Float[np.ndarray, "S"]
) -> Float[np.ndarray, "T"]:
    """η of every update, ["T"], of a run with these losses. The last one is repeated for the end of the run."""
    name, knobs = (schedule, {}) if isinstance(schedule, str) else schedule
    if name not in SCHEDULES:
        raise ValueError(f"schedule {name!r} is unknown; choose one of {', '.join(SCHEDULES)}")
    settings = check_knobs(name, SCHEDULES[name], knobs)
    rates = SCHEDULES[name](peak, steps, **settings)
    rates = np.append(rates, rates[-1])
    return reduced_rates(rates, losses, settings) if name == PLATEAU else rates


def rescaled_problem(problem: Problem, origin: PyTree, scale: PyTree) -> Problem:
    """L(θ₀ + s∘u) as a function of u, at u = 0: a problem whose Hessian there is diag(s)·H·diag(s)."""
    zeros = jax.tree.map(jnp.zeros_like, problem.params)
    origin = jax.tree.map(jnp.asarray, origin)
    return problem.reparametrized(Partial(_rescale, origin, scale), zeros)


def _rescale(origin: PyTree, scale: PyTree, params: PyTree) -> PyTree:
    return jax.tree.map(lambda o, s, u: o + s * u, origin, scale, params)
