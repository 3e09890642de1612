"""The largest increase of a loss within a ball: the perturbation of sharpness-aware minimization."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.curvature.hessian import loss_and_gradient, value_and_gradient
from landscapes.evaluation.pacing import next_count
from landscapes.problem import Problem

ITERATIONS = 40  # of projected gradient ascent, from each start
STEP_GROWTH, STEP_SHRINKAGE = 2.0, 0.25  # factors on the step size after a step that raised the loss, or did not


class WorstPerturbation(NamedTuple):
    """Lower bounds of max L(θ+ε) − L(θ) over ‖ε‖ ≤ ρ: each is the increase at a point of the ball.

    Attributes:
        first_order: the increase at ε = ρ∇L/‖∇L‖ (Foret et al. 2021); 0 where the gradient vanishes.
        increase: the largest increase that projected gradient ascent found, no smaller than `first_order`.
        perturbation: the ε of `increase`, flat.
        loss: L(θ).
    """

    first_order: float
    increase: float
    perturbation: np.ndarray
    loss: float


class _AscentState(NamedTuple):
    """State of one ascent: the best ε so far with its loss and gradient, and the next step size in units of ρ."""

    perturbation: Any
    loss: Any
    gradient: Any
    step_size: Any


def worst_perturbation(
    problem: Problem,
    point: Any,
    direction: Any,
    radius: float,
    *,
    iterations: int = ITERATIONS,
    report: Callable[[float], Any] = lambda fraction: None,
) -> WorstPerturbation:
    """The best result of projected gradient ascent ε ← Π(ε + s·ρ·∇L/‖∇L‖) onto ‖ε‖ ≤ ρ, from three starts.

    The starts are the first-order step and ±ρ times the unit vector `direction`, such as the eigenvector of the
    largest eigenvalue: at a minimum the gradient gives no direction. Only steps that raise the loss are kept.
    Where the loss is not convex, the maximum may be missed.
    """
    rho = np.asarray(radius, point.dtype)
    loss, gradient = loss_and_gradient(problem, point)
    unit_gradient = _normalized(gradient)
    states = []
    for start in (rho * unit_gradient, rho * direction, -rho * direction):
        start_loss, start_gradient = loss_and_gradient(problem, point + start)
        states.append(_AscentState(start, start_loss, start_gradient, jnp.ones((), point.dtype)))
    first_order = float(states[0].loss) - float(loss)
    for index in range(len(states)):
        done, count = 0, 1
        while done < iterations:
            count = min(count, iterations - done)
            start_time = time.perf_counter()
            states[index] = _ascend(problem, point, states[index], rho, np.int32(count))
            states[index].loss.block_until_ready()
            done, count = done + count, next_count(count, time.perf_counter() - start_time)
            report((index + done / iterations) / len(states))
    increases = np.array([float(state.loss) - float(loss) for state in states])
    best = int(np.argmax(np.where(np.isfinite(increases), increases, -np.inf)))
    return WorstPerturbation(
        first_order, float(increases[best]), np.asarray(states[best].perturbation), float(loss)
    )


@jax.jit
def _ascend(problem: Problem, point: Any, state: _AscentState, radius: Any, count: Any) -> _AscentState:
    """The state after `count` more steps."""

    def step(_, state: _AscentState) -> _AscentState:
        perturbation = state.perturbation + state.step_size * radius * _normalized(state.gradient)
        perturbation = perturbation * jnp.minimum(1, radius / jnp.maximum(jnp.linalg.norm(perturbation), radius))
        loss, gradient = value_and_gradient(problem, point + perturbation)
        is_accepted = loss > state.loss
        next_state = _AscentState(perturbation, loss, gradient, state.step_size * STEP_GROWTH)
        same_state = state._replace(step_size=state.step_size * STEP_SHRINKAGE)
        return jax.tree.map(lambda new, old: jnp.where(is_accepted, new, old), next_state, same_state)

    return jax.lax.fori_loop(0, count, step, state)


def _normalized(vector: Any) -> Any:
    """v/‖v‖, and 0 for v = 0."""
    norm = jnp.linalg.norm(vector)
    return jnp.where(norm > 0, vector / jnp.where(norm > 0, norm, 1), 0)
