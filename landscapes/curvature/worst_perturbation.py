"""The largest rise of a loss within a ball: what sharpness-aware minimization steps against."""

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

ITERATIONS = 40  # of projected ascent, from each start
LONGER, SHORTER = 2.0, 0.25  # what a step that rose, or did not, does to the length of the next


class Ascent(NamedTuple):
    """Lower bounds of max L(θ+ε) − L(θ) over ‖ε‖ ≤ ρ, since each is the rise at a point of the ball.

    Attributes:
        first: at ε = ρ∇L/‖∇L‖ (Foret et al. 2021); 0 where the gradient vanishes.
        best: the highest that projected ascent found, and no lower than `first`.
        offset: its ε, flat.
        loss: L(θ).
    """

    first: float
    best: float
    offset: np.ndarray
    loss: float


class _Climb(NamedTuple):
    """One ascent: the best offset so far with its loss and gradient, and the length of the next step over ρ."""

    offset: Any
    loss: Any
    gradient: Any
    length: Any


def ascend(
    problem: Problem,
    point: Any,
    aside: Any,
    radius: float,
    *,
    iterations: int = ITERATIONS,
    report: Callable[[float], Any] = lambda fraction: None,
) -> Ascent:
    """Projected gradient ascent ε ← Π(ε + s·ρ·∇L/‖∇L‖) onto the ball ‖ε‖ ≤ ρ, keeping what rises, from three
    starts: the first-order step, and ±ρ times the unit vector `aside`, such as that of the largest eigenvalue,
    because the gradient says nothing at a minimum.

    Nothing is sure to find the maximum where the loss is not convex.
    """
    size = np.asarray(radius, point.dtype)
    loss, gradient = loss_and_gradient(problem, point)
    norm = jnp.linalg.norm(gradient)
    slope = jnp.where(norm > 0, gradient / jnp.where(norm > 0, norm, 1), 0)
    climbs = []
    for start in (size * slope, size * aside, -size * aside):
        there, uphill = loss_and_gradient(problem, point + start)
        climbs.append(_Climb(start, there, uphill, jnp.ones((), point.dtype)))
    first = float(climbs[0].loss) - float(loss)
    for place in range(len(climbs)):
        done, count = 0, 1
        while done < iterations:
            count = min(count, iterations - done)
            began = time.perf_counter()
            climbs[place] = _continue(problem, point, climbs[place], size, np.int32(count))
            climbs[place].loss.block_until_ready()
            done, count = done + count, next_count(count, time.perf_counter() - began)
            report((place + done / iterations) / len(climbs))
    rises = np.array([float(climb.loss) - float(loss) for climb in climbs])
    best = int(np.argmax(np.where(np.isfinite(rises), rises, -np.inf)))
    return Ascent(first, float(rises[best]), np.asarray(climbs[best].offset), float(loss))


@jax.jit
def _continue(problem: Problem, point: Any, climb: _Climb, radius: Any, count: Any) -> _Climb:
    def step(_, climb: _Climb) -> _Climb:
        norm = jnp.linalg.norm(climb.gradient)
        slope = jnp.where(norm > 0, climb.gradient / jnp.where(norm > 0, norm, 1), 0)
        offset = climb.offset + climb.length * radius * slope
        offset = offset * jnp.minimum(1, radius / jnp.maximum(jnp.linalg.norm(offset), radius))
        loss, gradient = value_and_gradient(problem, point + offset)
        rose = loss > climb.loss
        ahead = _Climb(offset, loss, gradient, climb.length * LONGER)
        stay = climb._replace(length=climb.length * SHORTER)
        return jax.tree.map(lambda new, old: jnp.where(rose, new, old), ahead, stay)

    return jax.lax.fori_loop(0, count, step, climb)
