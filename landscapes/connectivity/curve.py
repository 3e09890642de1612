"""A curve of low loss between two solutions, with one trained control point."""

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

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.connectivity.barrier import Profile, as_float64
from landscapes.curvature.hessian import Progress, as_minimization, check_no_game, flatten, progress_reporter
from landscapes.display import Display
from landscapes.evaluation.batching import points_program
from landscapes.evaluation.pacing import next_count
from landscapes.immutable import frozen
from landscapes.optimization.adaptive_optimizers import adam
from landscapes.optimization.schedules import cosine
from landscapes.plane import Plane, span
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.slices.spline import error_estimate, r2_points

CurveKind = Literal["bezier", "polygon"]

QUADRATURE_NODES = 8  # of the mean loss along a curve while it is trained
DEFAULT_STEPS = 150  # Adam steps of the curve
DEFAULT_LEARNING_RATE = 0.02  # of Adam, in units of the parameters
MAX_SEGMENT_STEPS = 64  # training steps in one compiled call
CURVE_POINTS = 129  # points of a drawn profile; half as many between them estimate its error


@dataclass(frozen=True, eq=False, repr=False)
class Curve(Display):
    """A path φ with one bend W: the quadratic Bézier curve φ(t) = (1−t)²·θ_A + 2t(1−t)·W + t²·θ_B, or the polygon
    θ_A – W – θ_B with t = ½ at W.

    Attributes:
        kind: "bezier" or "polygon".
        bend: W.
        objective: ∫ L(φ(t)) dt at every training step, by quadrature at 8 nodes. It has no error bar: quadrature
            misses a narrow barrier between two nodes.
    """

    kind: CurveKind
    bend: PyTree
    objective: Float[np.ndarray, "T"]

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        return f"{self.kind}, mean loss {display.ends(self.objective)} over {len(self.objective):,} steps"


@check_arguments
def train_curve(
    problem: Problem,
    first: PyTree,
    second: PyTree,
    *,
    kind: CurveKind = "bezier",
    steps: int = DEFAULT_STEPS,
    learning_rate: float = DEFAULT_LEARNING_RATE,
    progress: Callable[[float, Curve | None], Any] | None = None,
) -> Curve:
    """The curve whose bend W minimizes ∫ L(φ(t)) dt over t from 0 to 1 (Garipov et al. 2018, arXiv:1802.10026),
    trained by Adam from the midpoint of the straight line.

    The integral is computed by Gauss–Legendre quadrature at 8 fixed nodes, 4 on each side of a polygon's bend.
    Garipov et al. draw one random t at each step instead; fixed nodes make the training deterministic, and
    `loss_along_curve` shows the loss between them. The learning rate decays to 0 along half a cosine. The bend
    with the lowest objective of all steps is returned.

    Args:
        problem: the problem whose loss, over all examples, is integrated.
        kind: "bezier" or "polygon".
        steps: number of training steps, from 1 to 10,000.
        learning_rate: the initial one.
        progress: called with (fraction, the Curve so far) at least every tenth of a second; may raise to cancel.

    Raises:
        ValueError: for a game, another kind, too few or too many steps, or a learning rate that is not positive.
    """
    check_no_game(problem)
    if kind not in ("bezier", "polygon"):
        raise ValueError(f"there is no kind of path {kind!r}; choose bezier or polygon")
    if not 1 <= steps <= 10_000:
        raise ValueError(f"steps = {steps} is not valid; give a whole number from 1 to 10,000")
    if not (learning_rate > 0 and np.isfinite(learning_rate)):
        raise ValueError(
            f"learning_rate = {learning_rate} is not valid; give a positive number such as {DEFAULT_LEARNING_RATE}"
        )
    report = progress_reporter(progress)
    with precision(problem.params):
        minimized = as_minimization(problem)
        ends = [flatten(problem, tree)[0] for tree in (first, second)]
        unravel = flatten(problem, first)[1]
        nodes, weights = quadrature(kind)
        dtype = ends[0].dtype
        table = np.column_stack([*control_weights(kind, nodes), weights]).astype(dtype)
        rates = cosine(learning_rate, steps).astype(dtype)
        training = _initial_training((ends[0] + ends[1]) / 2)
        objective: list[float] = []

        def current_curve() -> Curve:
            bend = jax.tree.map(lambda leaf: frozen(np.asarray(leaf)), unravel(training.best))
            return Curve(kind, bend, frozen(np.array(objective)))

        segment_steps = 1
        while len(objective) < steps:
            segment_steps = min(segment_steps, MAX_SEGMENT_STEPS, steps - len(objective))
            segment_rates = np.zeros(MAX_SEGMENT_STEPS, dtype)
            segment_rates[:segment_steps] = rates[len(objective) : len(objective) + segment_steps]
            start_time = time.perf_counter()
            training, values = _train(minimized, *ends, table, training, segment_rates, np.int32(segment_steps))
            objective.extend(np.asarray(values, np.float64)[:segment_steps])
            segment_steps = next_count(segment_steps, time.perf_counter() - start_time)
            report(len(objective) / steps, current_curve())
        return current_curve()


def plane_through(first: PyTree, second: PyTree, bend: PyTree) -> Plane:
    """The plane through both solutions and the bend, which contains the whole curve. Its origin is the first
    solution; its axes point to the second solution and towards the bend.

    Raises:
        ValueError: if the three are collinear.
    """
    first64 = jax.tree.map(as_float64, first)
    offsets = jax.tree.map(lambda a, b, w: np.stack([as_float64(b) - a, as_float64(w) - a]), first64, second, bend)
    try:
        return span(first, offsets)
    except ValueError as error:
        if "collinear" not in str(error):
            raise
        raise ValueError(
            "the trained path is the straight line itself; there is nothing to go round, and no plane through it"
        ) from None


def loss_along_curve(
    problem: Problem,
    plane: Plane,
    control_points: Float[np.ndarray, "3 2"],
    kind: CurveKind,
    *,
    progress: Progress | None = None,
) -> tuple[Profile, Float[np.ndarray, "N 2"]]:
    """The loss along a curve and the coordinates of its points, in a plane that contains its control points: the
    first solution, the bend, the second."""
    t = np.linspace(0, 1, CURVE_POINTS)
    checks = np.sort(r2_points(CURVE_POINTS // 2, 1)[:, 0])
    points = np.concatenate(
        [np.column_stack(control_weights(kind, each)) @ control_points for each in (t, checks)]
    )
    minimized = as_minimization(problem)
    weights = {name: float(weight) for name, weight in minimized.weights.items()}
    loss = np.zeros(len(points))
    for part, terms in points_program(minimized, plane)(points):
        if terms:
            loss[part] = sum(weight * terms[name].astype(np.float64) for name, weight in weights.items() if weight)
        if progress is not None:
            progress(part.stop / len(points), None)
    error = error_estimate((t,), loss[:CURVE_POINTS], checks[:, None], loss[CURVE_POINTS:])
    return Profile(frozen(t), frozen(loss[:CURVE_POINTS]), error), frozen(points[:CURVE_POINTS])


def control_weights(kind: CurveKind, t: Float[np.ndarray, "N"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The weights of θ_A, W and θ_B in φ(t), which sum to 1."""
    if kind == "bezier":
        return (1 - t) ** 2, 2 * t * (1 - t), t**2
    return np.maximum(1 - 2 * t, 0), 1 - np.abs(1 - 2 * t), np.maximum(2 * t - 1, 0)


def quadrature(kind: CurveKind) -> tuple[Float[np.ndarray, "K"], Float[np.ndarray, "K"]]:
    """Gauss–Legendre nodes in (0, 1) and weights that sum to 1; for a polygon, a separate rule on each side of the
    bend."""
    sides = 1 if kind == "bezier" else 2
    nodes, weights = np.polynomial.legendre.leggauss(QUADRATURE_NODES // sides)
    parts = [(side + (nodes + 1) / 2) / sides for side in range(sides)]
    return np.concatenate(parts), np.tile(weights / 2 / sides, sides)


class _Training(NamedTuple):
    """The bend, Adam's state, and the best bend so far with its objective."""

    bend: Any
    state: Any
    best: Any
    best_value: Any


@jax.jit
def _initial_training(bend: Float[Array, "n"]) -> _Training:
    return _Training(bend, adam(1.0).init(bend), bend, jnp.full((), jnp.inf, bend.dtype))


@jax.jit
def _train(
    problem: Problem, first: Any, second: Any, table: Any, training: _Training, rates: Any, segment_steps: Any
) -> tuple[_Training, Any]:
    """The state after `segment_steps` steps, and the objective before each step."""
    _, unravel = ravel_pytree(problem.params)
    loss = jax.value_and_grad(lambda theta: problem.loss(unravel(theta)))

    def step(i, carry):
        training, values = carry

        def node(row):
            value, gradient = loss(row[0] * first + row[1] * training.bend + row[2] * second)
            return row[3] * value, row[3] * row[1] * gradient

        # One node after another: a convolution batched over its parameters is many times slower.
        value, gradient = jax.tree.map(partial(jnp.sum, axis=0), jax.lax.map(node, table))
        better = value < training.best_value
        best = jnp.where(better, training.bend, training.best)
        best_value = jnp.where(better, value, training.best_value)
        update, state = adam(rates[i]).update(gradient, training.state)
        new = _Training(training.bend + update, state, best, best_value)
        new = jax.tree.map(lambda value, old: jnp.asarray(value, old.dtype), new, training)
        return new, values.at[i].set(value)

    return jax.lax.fori_loop(0, segment_steps, step, (training, jnp.zeros_like(rates)))
