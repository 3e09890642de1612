"""The preconditioner of an adaptive optimizer along its run: its divisor of every coordinate of the gradient.

With P frozen the step of such an optimizer is linear in the gradient, −ηP⁻¹ times an average of gradients, and its
limit of stability is one of the eigenvalues of P^{-½}HP^{-½} (Cohen et al. 2022, arXiv:2207.14484).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, PyTree

from landscapes.curvature.hessian import as_minimization, flatten, loss_and_gradient, unflatten
from landscapes.evaluation.pacing import next_count
from landscapes.optimization import descent
from landscapes.optimization.optimizer_switch import choose_optimizer, state_of_choice
from landscapes.optimization.run_setup import MAX_INTERVALS, MAX_SEGMENT_BYTES
from landscapes.optimization.step_rules import entry
from landscapes.optimization.trajectory import Trajectory
from landscapes.precision import dtype_of
from landscapes.problem import Problem

SAME_RUN_TOLERANCE = 0.05  # of the distance from the start, between two runs of Adam on different processors
SAME_POINT_TOLERANCE = 1e-5  # of the norm of the parameters, for rounding

Vector = Float[np.ndarray, "D"]


def adam_divisor(knobs: Mapping[str, Any], state: Any, gradient: Vector, step: int) -> Vector:
    """√v̂ + ε."""
    return np.sqrt(_square(state) / (1 - knobs["b2"] ** (step + 1))) + knobs["eps"]


def rmsprop_divisor(knobs: Mapping[str, Any], state: Any, gradient: Vector, step: int) -> Vector:
    """√(s + ε) or √s + ε, with what the knobs say of bias and mean."""
    correction = 1 - knobs["decay"] ** (step + 1) if knobs["bias_correction"] else 1.0
    square = _square(state) / correction
    if knobs["centered"]:
        square = np.maximum(square - (np.asarray(entry(state, "mu"), np.float64) / correction) ** 2, 0)
    return np.sqrt(square + knobs["eps"]) if knobs["eps_in_sqrt"] else np.sqrt(square) + knobs["eps"]


def lion_divisor(knobs: Mapping[str, Any], state: Any, gradient: Vector, step: int) -> Vector:
    """|β₁m + (1−β₁)g|, by which a linear step is divided that is as long as that of the sign; m before the
    update."""
    return np.abs(knobs["b1"] * np.asarray(entry(state, "mu"), np.float64) + (1 - knobs["b1"]) * gradient)


DIVISORS: dict[str, Callable[[Mapping[str, Any], Any, Vector, int], Vector]] = {
    "adam": adam_divisor,
    "adamw": adam_divisor,
    "rmsprop": rmsprop_divisor,
    "lion": lion_divisor,
}
# Their divisor depends on the state before the update and the gradient, that of others on the state after it.
FROM_STATE_BEFORE = frozenset({"lion"})
# Knobs that decay an average: as the run rounds them. In float32 1 − 0.999 has a relative error of 1.3e-5.
DECAYS = ("b1", "b2", "decay")


def preconditioner_scales(
    problem: Problem,
    name: str,
    knobs: Mapping[str, Any],
    rates: np.ndarray,
    trajectory: Trajectory,
    snapshot_rows: np.ndarray,
    pause: Callable[[], Any],
) -> Iterator[PyTree]:
    """The diagonal of P^{-½} at each snapshot, for the update that starts there, from a second run of the
    optimizer; 0 where P is 0, as where Lion does not move a coordinate.

    Raises:
        ValueError: if the path is not that of the optimizer from problem.params.
    """
    dtype = dtype_of(problem.params)
    rounded = {knob: float(np.asarray(v, dtype)) if knob in DECAYS else v for knob, v in knobs.items()}
    members, choice = choose_optimizer(name, knobs, dtype)
    weights = {name: np.asarray(weight, dtype) for name, weight in problem.weights.items()}
    problem = jax.device_put(replace(problem, weights=weights))
    # The shapes of `trajectory.descend`, whose compiled program is reused here.
    rows = max(1, min(MAX_INTERVALS + 1, MAX_SEGMENT_BYTES // (problem.dim * dtype.itemsize)))
    state, count = descent.uninitialized_state(problem.params, choice, method=members), 1
    path = trajectory.snapshots(problem.params)
    start = np.asarray(flatten(problem, path[0])[0])
    updates = 0 if name in FROM_STATE_BEFORE else 1  # that start at a snapshot
    for row, step in zip(snapshot_rows, trajectory.steps[snapshot_rows], strict=True):
        while (points := int(state.step)) < step + updates:
            count = min(count, descent.SEGMENT_STEPS, int(step) + updates - points)
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
        end = state.last_finite if updates else state.params
        _check_same_run(name, np.asarray(end), np.asarray(flatten(problem, path[row])[0]), start)
        gradient = np.zeros(0)
        if not updates:
            gradient = np.asarray(loss_and_gradient(as_minimization(problem), jnp.asarray(end))[1], np.float64)
        own_state = state_of_choice(members, choice, state.optimizer, state.params)
        divisor = DIVISORS[name](rounded, own_state, gradient, int(step))
        scale = np.where(divisor > 0, 1 / np.sqrt(np.where(divisor > 0, divisor, 1)), 0)
        yield jax.tree.map(lambda leaf: leaf[0], unflatten(problem, scale[None]))


def _square(state: Any) -> Vector:
    return np.asarray(entry(state, "nu"), np.float64)


def _check_same_run(name: str, end: np.ndarray, snapshot: np.ndarray, start: np.ndarray) -> None:
    """Checks that a second run passes through a snapshot, because its preconditioner is used there.

    Raises:
        ValueError: if the snapshot is of another run.
    """
    distance, path_length = np.linalg.norm(end - snapshot), np.linalg.norm(snapshot - start)
    if distance > SAME_RUN_TOLERANCE * path_length + SAME_POINT_TOLERANCE * np.linalg.norm(snapshot):
        raise ValueError(
            f"the path is not that of {name} from problem.params with these knobs on all examples, so that its "
            "preconditioner is not known; give the run's own start, knobs, schedule and steps"
        )
