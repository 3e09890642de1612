"""A curved path of low loss between two solutions, with one bend that is trained."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from landscapes.arguments import checked
from landscapes.connectivity.barrier import Profile, wide
from landscapes.curvature.hessian import Progress, descended, flat, refuse_game, telling
from landscapes.evaluation.batching import points_program
from landscapes.evaluation.pacing import next_count
from landscapes.immutable import frozen
from landscapes.optimization.optimizers import adam
from landscapes.optimization.schedules import cosine
from landscapes.plane import Plane, span
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.slices.spline import error_estimate, r2_points

Kind = Literal["bezier", "polygon"]

NODES = 8  # at which the loss along a curve is averaged while it is trained
STEPS = 150
RATE = 0.02
SEGMENT_STEPS = 64  # of training in one compiled call
POINTS = 129  # of a curve's loss as drawn, and half as many between them that say how well


@dataclass(frozen=True, eq=False)
class Curve:
    """A path with one bend: φ(t) = (1−t)²·θ_A + 2t(1−t)·W + t²·θ_B, a quadratic Bézier curve, or the polygon
    θ_A – W – θ_B with t = ½ at W.

    Attributes:
        kind: "bezier" or "polygon".
        bend: W.
        objective: ∫ L(φ(t)) dt at every step of its training, by quadrature at 8 nodes. It has no error bar: a
            narrow barrier between two nodes is missed.
    """

    kind: Kind
    bend: PyTree
    objective: Float[np.ndarray, "T"]


@checked
def connect(
    problem: Problem,
    first: PyTree,
    second: PyTree,
    *,
    kind: Kind = "bezier",
    steps: int = STEPS,
    learning_rate: float = RATE,
    progress: Callable[[float, Curve | None], Any] | None = None,
) -> Curve:
    """The bend W that minimizes ∫ L(φ(t)) dt over t from 0 to 1 (Garipov et al. 2018, arXiv:1802.10026), by Adam
    from the middle of the straight line.

    The integral is a Gauss–Legendre quadrature at 8 nodes (4 on each side of a polygon's bend), the same at every
    step, where Garipov et al. draw one t at random: nothing is left to chance, and `along` shows what happens
    between the nodes. The learning rate falls to 0 on half a cosine; the best bend seen is kept.

    Args:
        problem: whose loss, over all examples.
        kind: "bezier" or "polygon".
        steps: of training, from 1 to 10,000.
        learning_rate: the first one.
        progress: called with (fraction, the Curve so far) every tenth of a second or sooner; may raise to cancel.

    Raises:
        ValueError: for a game, another kind, too few or too many steps, or a learning rate that is not positive.
    """
    refuse_game(problem)
    if kind not in ("bezier", "polygon"):
        raise ValueError(f"there is no kind of path {kind!r}; choose bezier or polygon")
    if not 1 <= steps <= 10_000:
        raise ValueError(f"steps = {steps} is not valid; give a whole number from 1 to 10,000")
    if not (learning_rate > 0 and np.isfinite(learning_rate)):
        raise ValueError(f"learning_rate = {learning_rate} is not valid; give a positive number such as {RATE}")
    tell = telling(progress)
    with precision(problem.params):
        own = descended(problem)
        ends = [flat(problem, tree)[0] for tree in (first, second)]
        unravel = flat(problem, first)[1]
        nodes, weights = quadrature(kind)
        dtype = ends[0].dtype
        table = np.column_stack([*shares(kind, nodes), weights]).astype(dtype)
        rates = cosine(learning_rate, steps).astype(dtype)
        training = _start((ends[0] + ends[1]) / 2)
        objective: list[float] = []

        def so_far() -> Curve:
            bend = jax.tree.map(lambda leaf: frozen(np.asarray(leaf)), unravel(training.best))
            return Curve(kind, bend, frozen(np.array(objective)))

        count = 1
        while len(objective) < steps:
            count = min(count, SEGMENT_STEPS, steps - len(objective))
            ahead = np.zeros(SEGMENT_STEPS, dtype)
            ahead[:count] = rates[len(objective) : len(objective) + count]
            began = time.perf_counter()
            training, values = _train(own, *ends, table, training, ahead, np.int32(count))
            objective.extend(np.asarray(values, np.float64)[:count])
            count = next_count(count, time.perf_counter() - began)
            tell(len(objective) / steps, so_far())
        return so_far()


def plane_through(first: PyTree, second: PyTree, bend: PyTree) -> Plane:
    """The plane that holds both solutions and the bend, and with them the whole curve: from the first solution
    towards the second, and up towards the bend.

    Raises:
        ValueError: if the three lie on a line, so that the path never left it.
    """
    offsets = jax.tree.map(lambda a, b, w: np.stack([wide(b) - wide(a), wide(w) - wide(a)]), first, second, bend)
    try:
        return span(first, offsets)
    except ValueError as error:
        if "collinear" not in str(error):
            raise
        raise ValueError(
            "the trained path is the straight line itself; there is nothing to go round, and no plane through it"
        ) from None


def along(
    problem: Problem,
    plane: Plane,
    corners: Float[np.ndarray, "3 2"],
    kind: Kind,
    *,
    progress: Progress | None = None,
) -> tuple[Profile, Float[np.ndarray, "N 2"]]:
    """The loss along a curve, and the coordinates of its points, in a plane that holds its `corners`: the first
    solution, the bend, the second."""
    t = np.linspace(0, 1, POINTS)
    checks = np.sort(r2_points(POINTS // 2, 1)[:, 0])
    points = np.concatenate([np.column_stack(shares(kind, each)) @ corners for each in (t, checks)])
    own = descended(problem)
    weights = {name: float(weight) for name, weight in own.weights.items()}
    loss = np.zeros(len(points))
    for part, terms in points_program(own, plane)(points):
        loss[part] = sum(weight * terms[name].astype(np.float64) for name, weight in weights.items() if weight)
        if progress is not None:
            progress(part.stop / len(points), None)
    error = error_estimate((t,), loss[:POINTS], checks[:, None], loss[POINTS:])
    return Profile(frozen(t), frozen(loss[:POINTS]), error), frozen(points[:POINTS])


def shares(kind: Kind, t: Float[np.ndarray, "N"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What θ_A, W and θ_B contribute to φ(t); they add up to 1."""
    if kind == "bezier":
        return (1 - t) ** 2, 2 * t * (1 - t), t**2
    return np.maximum(1 - 2 * t, 0), 1 - np.abs(1 - 2 * t), np.maximum(2 * t - 1, 0)


def quadrature(kind: Kind) -> tuple[Float[np.ndarray, "K"], Float[np.ndarray, "K"]]:
    """Nodes in (0, 1) and weights that add up to 1; on each side of a polygon's bend by itself."""
    sides = 1 if kind == "bezier" else 2
    nodes, weights = np.polynomial.legendre.leggauss(NODES // sides)
    parts = [(side + (nodes + 1) / 2) / sides for side in range(sides)]
    return np.concatenate(parts), np.tile(weights / 2 / sides, sides)


class _Training(NamedTuple):
    """The bend, Adam's state, and the best bend seen with its objective."""

    bend: Any
    state: Any
    best: Any
    lowest: Any


@jax.jit
def _start(bend: Float[Array, "n"]) -> _Training:
    return _Training(bend, adam(1.0).init(bend), bend, jnp.full((), jnp.inf, bend.dtype))


@jax.jit
def _train(
    problem: Problem, first: Any, second: Any, table: Any, training: _Training, rates: Any, count: Any
) -> tuple[_Training, Any]:
    """`count` steps, and the objective before each."""
    _, unravel = ravel_pytree(problem.params)
    loss = jax.value_and_grad(lambda theta: problem.loss(unravel(theta)))

    def step(i, carry):
        training, values = carry

        def node(row):
            value, gradient = loss(row[0] * first + row[1] * training.bend + row[2] * second)
            return row[3] * value, row[3] * row[1] * gradient

        # One node after the other: batched over parameters a convolution would be many times slower.
        value, gradient = jax.tree.map(partial(jnp.sum, axis=0), jax.lax.map(node, table))
        better = value < training.lowest
        best = jnp.where(better, training.bend, training.best)
        lowest = jnp.where(better, value, training.lowest)
        update, state = adam(rates[i]).update(gradient, training.state)
        new = _Training(training.bend + update, state, best, lowest)
        new = jax.tree.map(lambda value, old: jnp.asarray(value, old.dtype), new, training)
        return new, values.at[i].set(value)

    return jax.lax.fori_loop(0, count, step, (training, jnp.zeros_like(rates)))
