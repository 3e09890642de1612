"""Critical points: where the gradient vanishes, and what kind of point each is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Bool, Float, Int

from landscapes.arguments import check_arguments
from landscapes.curvature.box import distinct_points, sobol_points
from landscapes.curvature.differentiation import gradient_and_hessian
from landscapes.curvature.float64 import to_float64
from landscapes.curvature.gradient_jump import jumping
from landscapes.curvature.hessian import Progress, check_no_game, flatten, progress_reporter
from landscapes.curvature.morse_audit import MorseAudit, audit_critical_points
from landscapes.evaluation.batching import batch_size, cost, map_rows
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.evaluation.pacing import next_count
from landscapes.immutable import frozen
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.random_key import as_key
from landscapes.slices.grid import Extent, check_extent

LIMIT = 200  # parameters: every start decomposes its own Hessian at every step
STARTS = 12  # log₂ of the number of starts for two coordinates
BATCH = 256  # starts in one compiled call, fewer of a costly loss
ITERATIONS = 60  # of Newton's method from one start; a quadratic convergence takes 5 of them, a linear one 50
REACH = 0.03  # the longest step, relative to the box' diagonal
ROUNDS = 4  # of deflated search, each ended early by finding nothing new
SAME = 1e-6  # points closer than this share of the diagonal are one
# A gradient this small beside the median over the box, and a step this small beside the diagonal.
GRADIENT, STEP = 1e-8, 1e-7
POSITION = 10  # how far a point may be from where it should be, in units of its last step
ROUNDING = 64 * float(np.finfo(np.float64).eps)
STILL = 1e-13  # where no step of a batch is longer, it has arrived


@dataclass(frozen=True, eq=False)
class CriticalPoints:
    """The critical points found in a box, by rising value.

    Attributes:
        points: in the order of `jax.flatten_util.ravel_pytree`, in float64.
        values: the loss there, in the objective's own sense.
        eigenvalues: of the Hessian, ascending.
        errors: of each: rounding, 64ε|λ|max and what H itself was seen to be off by in symmetry, and by how much
            the last step of Newton's method, ten times over, moves it; of a degenerate point, whose position is
            not sharp, by how much H changes within a millionth of the diagonal.
        index: the number of negative eigenvalues.
        degenerate: whether the eigenvalues cannot classify the point: one is zero as far as can be told (it
            vanishes, or would at a millionth of the diagonal away), or the gradient jumps there.
        kinds: "minimum", "saddle", "maximum" or "degenerate".
        box: low and high end of each coordinate.
        starts: how many starts were tried.
        morse: whether the list can be complete, for two coordinates; None for other problems.
    """

    points: Float[np.ndarray, "n d"]
    values: Float[np.ndarray, "n"]
    eigenvalues: Float[np.ndarray, "n d"]
    errors: Float[np.ndarray, "n d"]
    index: Int[np.ndarray, "n"]
    degenerate: Bool[np.ndarray, "n"]
    box: Float[np.ndarray, "d 2"]
    starts: int
    morse: MorseAudit | None

    @property
    def kinds(self) -> tuple[str, ...]:
        names = {0: "minimum", self.points.shape[1]: "maximum"}
        return tuple(
            "degenerate" if flat else names.get(int(index), "saddle")
            for index, flat in zip(self.index, self.degenerate, strict=True)
        )


@check_arguments
def critical_points(
    problem: Problem,
    box: Extent,
    *,
    key: Any,
    starts: int | None = None,
    guesses: Float[np.ndarray, "s d"] | None = None,
    progress: Progress | None = None,
) -> CriticalPoints:
    """Where ∇L = 0 in a box, by Newton's method in float64 from a Sobol sequence of starts, then from more
    starts with what was found deflated (Farrell, Birkisson & Funke 2015) until nothing new turns up.

    For a test function, or `problem.on(plane)`, the box is that of the picture; for a small network it is a
    half-width around its parameters. Points where the loss has no second derivative (a cone, a kink) are not
    found unless a start or a guess lies on one, and then it is degenerate. Zero modes make critical points come
    in continua, of which some members are listed, as degenerate.

    Args:
        box: (low, high) of each coordinate, or a half-width around problem.params.
        key: draws the starts.
        starts: how many, rounded up to a power of two; 4,096 for two coordinates, fewer for more.
        guesses: further starts, such as the minima of a surface.
        progress: called with (fraction, None) between compiled segments; may raise to cancel.

    Raises:
        ValueError: for a game, more than 200 parameters, an empty box, or one in which the loss is nowhere finite.
    """
    check_no_game(problem)
    key = as_key(key)
    if starts is not None and starts < 1:
        raise ValueError(f"starts = {starts} is not valid; give a positive whole number")
    d = problem.dim
    if d > LIMIT:
        raise ValueError(
            f"critical points are searched with whole Hessians, up to {LIMIT} parameters, not {d:,}; search a "
            "plane instead, with problem.on(plane)"
        )
    tell = progress_reporter(progress)
    problem = to_float64(problem)
    with precision(problem.params):
        center, _ = flatten(problem, problem.params)
        bounds = np.array(check_extent(box, d))
        if np.ndim(box) == 0:
            bounds += np.asarray(center)[:, None]
        power = max(5, STARTS - max(0, d - 2)) if starts is None else int(np.ceil(np.log2(max(starts, 2))))
        together = batch_size(cost(jax.make_jaxpr(problem.loss)(problem.params).jaxpr))
        search = _Search(problem, bounds, tell, min(BATCH, together))
        seeds = np.asarray(jax.random.bits(key, (1 + ROUNDS,), jnp.uint32))
        first = sobol_points(bounds, power, seeds[0])
        if guesses is not None:
            first = np.concatenate([np.asarray(guesses, np.float64).reshape(-1, d), first])
        found = search.run(first, np.zeros((0, d)), (0.0, 0.6))
        tried = len(first)
        for turn in range(ROUNDS):
            more = sobol_points(bounds, max(4, power - 3), seeds[1 + turn])
            tried += len(more)
            share = 0.3 / ROUNDS
            fresh = search.run(more, found, (0.6 + share * turn, 0.6 + share * (turn + 1)))
            merged = distinct_points(np.concatenate([found, fresh]), SAME * search.diagonal)
            if len(merged) == len(found):
                break
            found = merged
        return _classified(problem, found, bounds, search, tried)


class _Search:
    """Newton's method from many starts, in segments."""

    def __init__(self, problem: Problem, bounds: np.ndarray, tell: Progress, batch: int) -> None:
        self.problem, self.bounds, self.tell, self.batch = problem, bounds, tell, batch
        self.diagonal = float(np.linalg.norm(bounds[:, 1] - bounds[:, 0]))
        self.typical = self.curvature = 0.0  # medians of ‖∇L‖ and |λ|max over the box

    def run(self, starts: np.ndarray, known: np.ndarray, span: tuple[float, float]) -> np.ndarray:
        """The distinct critical points inside the box that these starts lead to."""
        if not len(known):
            state = [self.local(part) for part in _batches(starts, self.batch)]
            gradients = np.concatenate([np.linalg.norm(gradient, axis=1) for gradient, _ in state])[: len(starts)]
            values = np.concatenate([np.abs(values).max(axis=1) for _, values in state])[: len(starts)]
            if not np.any(np.isfinite(gradients) & np.isfinite(values)):
                raise ValueError("the loss is finite at no start in this box; choose another point or box")
            self.typical, self.curvature = float(np.nanmedian(gradients)), float(np.nanmedian(values))
        # A power of two, so that the number of points found is rarely a new shape.
        roots = np.pad(known, ((0, 2 ** int(np.ceil(np.log2(max(len(known), 16)))) - len(known)), (0, 0)))
        ends, batches = [], list(_batches(starts, self.batch))
        for number, batch in enumerate(batches):
            points = jnp.asarray(batch)
            # The last steps are Newton's own, so that the limits are those of the gradient itself.
            for used, iterations in ((len(known), ITERATIONS), (0, ITERATIONS // 4)):
                done, count, moving = 0, 2, True
                while done < iterations and moving:
                    began = time.perf_counter()
                    now = min(count, iterations - done)
                    points, step = _newton(self.problem, points, roots, used, REACH * self.diagonal, now)
                    moving = bool(np.any(np.asarray(step) > STILL * self.diagonal))
                    done, count = done + now, next_count(now, time.perf_counter() - began)
                    self.tell(span[0] + (span[1] - span[0]) * number / len(batches), None)
            ends.append(self._converged(np.asarray(points)))
        return distinct_points(np.concatenate(ends), SAME * self.diagonal)

    def local(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """∇L and the eigenvalues of H, NaN where H or the loss is not finite."""
        gradient, hessian, loss = map(np.asarray, _derivatives(self.problem, points))
        finite = np.all(np.isfinite(hessian), axis=(1, 2)) & np.isfinite(loss)
        values = np.full(points.shape, np.nan)
        values[finite] = np.linalg.eigvalsh(hessian[finite])
        return gradient, values

    def gradient(self, points: np.ndarray) -> np.ndarray:
        """∇L at any number of points."""
        parts = [_derivatives(self.problem, part)[0] for part in _batches(points, self.batch)]
        return np.concatenate(parts)[: len(points)]

    def _converged(self, points: np.ndarray) -> np.ndarray:
        gradient, _ = self.local(points)
        _, step = _newton(self.problem, points, np.zeros((16, points.shape[1])), 0, REACH * self.diagonal, 1)
        slope = np.linalg.norm(gradient, axis=1)
        edge = SAME * self.diagonal
        inside = np.all((points >= self.bounds[:, 0] - edge) & (points <= self.bounds[:, 1] + edge), axis=1)
        small = (slope <= GRADIENT * self.typical) & (np.asarray(step) <= STEP * self.diagonal)
        return points[inside & small]


@jit_with_fast_compile
def _newton(problem: Problem, points: Any, roots: Any, used: Any, reach: Any, iterations: Any) -> tuple[Any, Any]:
    """`iterations` steps of Newton's method for ∇L = 0 from each point, the first `used` roots deflated, and the
    length of the last of them.

    Deflation multiplies ∇L by M = Π (1 + ℓ²/‖x − xᵢ‖²), which grows without bound at the roots; the step for
    M·∇L is Newton's own, δ, times 1/(1 − δ·∇log M).
    """
    _, unravel = ravel_pytree(problem.params)
    length = reach**2

    def loss(x):
        return problem.loss(unravel(x))

    def step(x):
        gradient, hessian = gradient_and_hessian(loss, x)
        values, vectors = jnp.linalg.eigh(hessian)
        # Along a direction without curvature Newton's step is not defined, and none is taken.
        solvable = jnp.abs(values) > 1e-12 * jnp.max(jnp.abs(values))
        slope = vectors.T @ gradient
        delta = -vectors @ jnp.where(solvable, slope / jnp.where(solvable, values, 1), 0)
        apart = x[None] - roots
        squared = jnp.maximum(jnp.sum(apart**2, axis=1), 1e-300)
        pull = -2 * length / (squared * (squared + length))
        pull = jnp.where(jnp.arange(len(roots)) < used, pull, 0)
        bend = 1 - (pull @ apart) @ delta
        delta = delta / jnp.where(jnp.abs(bend) > 1e-12, bend, 1e-12)
        size = jnp.linalg.norm(delta)
        return x + delta * jnp.minimum(1, reach / jnp.maximum(size, 1e-300))

    def further(_: Any, state: tuple[Any, Any]) -> tuple[Any, Any]:
        moved = map_rows(step, state[0])
        return moved, jnp.linalg.norm(moved - state[0], axis=1)

    return jax.lax.fori_loop(0, iterations, further, (points, jnp.full(len(points), jnp.inf, points.dtype)))


@jit_with_fast_compile
def _derivatives(problem: Problem, points: Any) -> tuple[Any, Any, Any]:
    """∇L, H and L at each point."""
    _, unravel = ravel_pytree(problem.params)

    def loss(x):
        return problem.loss(unravel(x))

    def at(x):
        return *gradient_and_hessian(loss, x), loss(x)

    return map_rows(at, points)


def _classified(
    problem: Problem, points: np.ndarray, bounds: np.ndarray, search: _Search, tried: int
) -> CriticalPoints:
    count, d = points.shape
    values, eigenvalues, errors = np.zeros(count), np.zeros((count, d)), np.zeros((count, d))
    degenerate = np.zeros(count, bool)
    done = 0
    for batch in _batches(points, search.batch):
        _, hessian, value = map(np.asarray, _derivatives(problem, batch))
        _, step = _newton(problem, batch, np.zeros((16, d)), 0, REACH * search.diagonal, 1)
        spectrum, vectors = np.linalg.eigh(hessian)
        # Would the weakest eigenvalue vanish a millionth of the diagonal away, along its own direction?
        weakest = np.argmin(np.abs(spectrum), axis=1)
        rows = np.arange(len(batch))
        shift = SAME * search.diagonal * vectors[rows, :, weakest]
        change = np.zeros(len(batch))
        for sign in (1, -1):
            _, moved, _ = map(np.asarray, _derivatives(problem, batch + sign * shift))
            change = np.maximum(change, np.linalg.norm(moved - hessian, ord=2, axis=(1, 2)))
        doubt = np.maximum(change, SAME**1.5 * search.curvature)
        vanishing = np.min(np.abs(spectrum), axis=1) <= doubt
        # The position is known to within rounding and, by quadratic convergence, less than the last step.
        off = POSITION * np.asarray(step) + ROUNDING * np.linalg.norm(batch, axis=1)
        moved = np.where(vanishing, doubt, change * off / (SAME * search.diagonal))
        skew = np.linalg.norm(hessian - np.swapaxes(hessian, 1, 2), ord=2, axis=(1, 2))
        bars = moved + skew + ROUNDING * np.max(np.abs(spectrum), axis=1)
        here = slice(done, min(done + len(batch), count))
        size = here.stop - here.start
        jumps = jumping(search.gradient, batch[:size], np.max(np.abs(spectrum), axis=1)[:size], problem.params)
        values[here], eigenvalues[here] = value[:size], spectrum[:size]
        errors[here] = bars[:size, None]
        degenerate[here] = vanishing[:size] | jumps
        done += len(batch)
    order = np.argsort(values, kind="stable")
    points, eigenvalues, errors, degenerate = (each[order] for each in (points, eigenvalues, errors, degenerate))
    index = np.sum(eigenvalues < 0, axis=1)
    checked = audit_critical_points(search.gradient, points, index, degenerate, bounds) if d == 2 else None
    return CriticalPoints(
        frozen(points),
        frozen(values[order]),
        frozen(eigenvalues),
        frozen(errors),
        frozen(index),
        frozen(degenerate),
        frozen(bounds),
        tried,
        checked,
    )


def _batches(points: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Pieces of one length, the last filled up with its own last point."""
    for start in range(0, len(points), size):
        part = points[start : start + size]
        yield np.pad(part, ((0, size - len(part)), (0, 0)), mode="edge")
