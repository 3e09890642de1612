"""Newton's method for ∇L = 0 from many starts, with deflation of the points that are known."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from landscapes.curvature.box import distinct_points
from landscapes.curvature.differentiation import gradient_and_hessian
from landscapes.curvature.hessian import Progress
from landscapes.evaluation.batching import map_rows
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.evaluation.pacing import next_count
from landscapes.problem import Problem

ITERATIONS = 60  # of Newton's method from one start; quadratic convergence takes about 5, linear about 50
MAX_STEP = 0.03  # relative to the diagonal of the box
SAME_POINT = 1e-6  # points closer than this share of the diagonal are the same
GRADIENT_TOLERANCE = 1e-8  # of a critical point, relative to the median over the box
STEP_TOLERANCE = 1e-7  # of the last Newton step, relative to the diagonal
CONVERGED_STEP = 1e-13  # a batch ends when no step is longer, relative to the diagonal


class NewtonSearch:
    """Newton's method for ∇L = 0 from many starts, in segments."""

    def __init__(self, problem: Problem, bounds: np.ndarray, report: Progress, batch: int) -> None:
        self.problem, self.bounds, self.report, self.batch = problem, bounds, report, batch
        self.diagonal = float(np.linalg.norm(bounds[:, 1] - bounds[:, 0]))
        self.median_gradient = self.median_curvature = 0.0  # of ‖∇L‖ and |λ|max over the box

    def run(self, starts: np.ndarray, known_points: np.ndarray, span: tuple[float, float]) -> np.ndarray:
        """The distinct critical points in the box that Newton's method finds from these starts, with the known
        ones deflated."""
        if not len(known_points):
            state = [self.local(part) for part in batches(starts, self.batch)]
            gradients = np.concatenate([np.linalg.norm(gradient, axis=1) for gradient, _ in state])[: len(starts)]
            values = np.concatenate([np.abs(values).max(axis=1) for _, values in state])[: len(starts)]
            if not np.any(np.isfinite(gradients) & np.isfinite(values)):
                raise ValueError("the loss is finite at no start in this box; choose another point or box")
            self.median_gradient, self.median_curvature = (
                float(np.nanmedian(gradients)),
                float(np.nanmedian(values)),
            )
        # Padded to a power of two, so that a new number of known points rarely needs a new program.
        roots = np.pad(
            known_points, ((0, 2 ** int(np.ceil(np.log2(max(len(known_points), 16)))) - len(known_points)), (0, 0))
        )
        results, parts = [], list(batches(starts, self.batch))
        for number, batch in enumerate(parts):
            points = jnp.asarray(batch)
            # The last steps are without deflation, so that they converge to zeros of the gradient itself.
            for num_roots, iterations in ((len(known_points), ITERATIONS), (0, ITERATIONS // 4)):
                done, count, is_moving = 0, 2, True
                while done < iterations and is_moving:
                    start_time = time.perf_counter()
                    steps = min(count, iterations - done)
                    points, step = newton_steps(
                        self.problem, points, roots, num_roots, MAX_STEP * self.diagonal, steps
                    )
                    is_moving = bool(np.any(np.asarray(step) > CONVERGED_STEP * self.diagonal))
                    done, count = done + steps, next_count(steps, time.perf_counter() - start_time)
                    self.report(span[0] + (span[1] - span[0]) * number / len(parts), None)
            results.append(self._converged(np.asarray(points)))
        return distinct_points(np.concatenate(results), SAME_POINT * self.diagonal)

    def local(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """∇L and the eigenvalues of H; NaN where H or the loss is not finite."""
        gradient, hessian, loss = map(np.asarray, derivatives(self.problem, points))
        finite = np.all(np.isfinite(hessian), axis=(1, 2)) & np.isfinite(loss)
        values = np.full(points.shape, np.nan)
        values[finite] = np.linalg.eigvalsh(hessian[finite])
        return gradient, values

    def gradient(self, points: np.ndarray) -> np.ndarray:
        """∇L at any number of points."""
        parts = [derivatives(self.problem, part)[0] for part in batches(points, self.batch)]
        return np.concatenate(parts)[: len(points)]

    def _converged(self, points: np.ndarray) -> np.ndarray:
        """Those of the points that are critical points in the box."""
        gradient, _ = self.local(points)
        _, step = newton_steps(
            self.problem, points, np.zeros((16, points.shape[1])), 0, MAX_STEP * self.diagonal, 1
        )
        slope = np.linalg.norm(gradient, axis=1)
        margin = SAME_POINT * self.diagonal
        inside = np.all((points >= self.bounds[:, 0] - margin) & (points <= self.bounds[:, 1] + margin), axis=1)
        is_critical = (slope <= GRADIENT_TOLERANCE * self.median_gradient) & (
            np.asarray(step) <= STEP_TOLERANCE * self.diagonal
        )
        return points[inside & is_critical]


@jit_with_fast_compile
def newton_steps(
    problem: Problem, points: Any, roots: Any, num_roots: Any, max_step: Any, iterations: Any
) -> tuple[Any, Any]:
    """The points after `iterations` steps of Newton's method for ∇L = 0 with the first `used` roots deflated, and
    the length of the last step.

    Deflation multiplies ∇L by M = Π (1 + ℓ²/‖x − xᵢ‖²), which grows without bound at the roots; the step for
    M·∇L is Newton's own, δ, times 1/(1 − δ·∇log M).
    """
    _, unravel = ravel_pytree(problem.params)
    length = max_step**2

    def loss(x):
        return problem.loss(unravel(x))

    def step(x):
        gradient, hessian = gradient_and_hessian(loss, x)
        values, vectors = jnp.linalg.eigh(hessian)
        # Newton's step is undefined along a direction of zero curvature; no step is taken along it.
        solvable = jnp.abs(values) > 1e-12 * jnp.max(jnp.abs(values))
        slope = vectors.T @ gradient
        delta = -vectors @ jnp.where(solvable, slope / jnp.where(solvable, values, 1), 0)
        offsets = x[None] - roots
        squared = jnp.maximum(jnp.sum(offsets**2, axis=1), 1e-300)
        weights = -2 * length / (squared * (squared + length))
        weights = jnp.where(jnp.arange(len(roots)) < num_roots, weights, 0)
        denominator = 1 - (weights @ offsets) @ delta
        delta = delta / jnp.where(jnp.abs(denominator) > 1e-12, denominator, 1e-12)
        size = jnp.linalg.norm(delta)
        return x + delta * jnp.minimum(1, max_step / jnp.maximum(size, 1e-300))

    def iterate(_: Any, state: tuple[Any, Any]) -> tuple[Any, Any]:
        new_points = map_rows(step, state[0])
        return new_points, jnp.linalg.norm(new_points - state[0], axis=1)

    return jax.lax.fori_loop(0, iterations, iterate, (points, jnp.full(len(points), jnp.inf, points.dtype)))


@jit_with_fast_compile
def derivatives(problem: Problem, points: Any) -> tuple[Any, Any, Any]:
    """∇L, H and L at each point."""
    _, unravel = ravel_pytree(problem.params)

    def loss(x):
        return problem.loss(unravel(x))

    def derivatives_at(x):
        return *gradient_and_hessian(loss, x), loss(x)

    return map_rows(derivatives_at, points)


def batches(points: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Batches of equal size; the last one repeats its last point."""
    for start in range(0, len(points), size):
        part = points[start : start + size]
        yield np.pad(part, ((0, size - len(part)), (0, 0)), mode="edge")
