"""The smallest and the largest eigenvalue at a point, from a short Lanczos chain and products in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.convexity_verdict import MAX_RELATIVE_ERROR, Verdict, verdict
from landscapes.curvature.float64 import SAME_LOSS_TOLERANCE
from landscapes.curvature.gradient_jump import Jump, find_jump, map_gradients
from landscapes.curvature.hessian import Hessian, linearize
from landscapes.curvature.probe_directions import probe_points
from landscapes.curvature.ritz_bounds import ritz_value_bound
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.problem import Problem

# Without a second chain the values may have converged to two eigenvalues closer than the tolerance, or to the
# inner one of them; the residual is then far above rounding. Of 7,776 extreme eigenvalues of small networks, all
# that were off by more than their residual had one above 2e-4 of |λ|max, and were off by at most 3.8 tolerances.
# For a residual above UNRESOLVED_RESIDUAL·|λ|max the error bar is therefore at least UNRESOLVED_ERROR_FACTOR
# tolerances.
UNRESOLVED_RESIDUAL = 2e-5
UNRESOLVED_ERROR_FACTOR = 4
# Weight of the second vector at each end in the start vector for the next point, whose extreme vector it may be.
SECOND_VECTOR_WEIGHT = 0.6
MIN_TOLERANCE = 1e-4  # for a small eigenvalue of the sign that decides
# In units of ε|λ|max, and of the observed rounding error of float32, scaled to float64. At a saturated policy
# float32 lost a hundredth of |λ|max to rounding and float64 1e-10 of it; its zero eigenvalue came out with either
# sign. Of 200 extreme eigenvalues of 50 networks in float64 none was off by more than an eighth of its bar, half
# by under 2 %.
ROUNDING_UNITS = 48
FLOAT32_EPS, FLOAT64_EPS = (float(np.finfo(dtype).eps) for dtype in (np.float32, np.float64))


class ExtremeEigenvalues(NamedTuple):
    """The extreme eigenvalues at one point, with what was computed on the way.

    Attributes:
        values, errors: the smallest and the largest eigenvalue, and their error bars.
        verdict: on convexity.
        converged: whether the chain met the required tolerance.
        start: the sum of both extreme vectors and a part of the two next to them, to start at the next point.
        slice_hessian: in float64; None if the loss is a different one in float64.
        product_error: the observed rounding error of products in float32.
        products: the number of Hessian-vector products.
        slice_gradient: the gradient's components along the slice's directions in float64; None if the loss is a
            different one in float64.
        jump: the jump of a derivative at the point, if there is one.
    """

    values: np.ndarray
    errors: np.ndarray
    verdict: Verdict
    converged: bool
    start: np.ndarray
    slice_hessian: np.ndarray | None
    product_error: float
    products: int
    slice_gradient: np.ndarray | None
    jump: Jump | None


def extreme_eigenvalues(
    problem: Problem,
    point: Any,
    key: Any,
    *,
    wide_problem: Problem,
    wide_point: np.ndarray,
    directions: np.ndarray,
    loss: float,
    narrow_slice_hessian: np.ndarray,
    product_error: float = 0.0,
    resolution: float,
    tolerance: float,
    capacity: int,
    start: Any,
    hessian: Hessian | None = None,
    segments: lanczos.AdaptiveSegments,
    pause: Callable[[], None],
) -> ExtremeEigenvalues:
    """Both extreme eigenvalues at a flat point, as Rayleigh quotients in float64 with their residuals there.

    The vectors come from a Lanczos chain in the point's own precision.

    Args:
        wide_problem, wide_point: the same problem in float64, and the point before rounding.
        directions: of the slice, ["K n"].
        loss, narrow_slice_hessian: the loss, and the slice's Hessian in float32.
        product_error: a rounding error of float32 that is already known here.
        resolution: ε of the parameters.
        tolerance, capacity, start, hessian, segments: of the chain; see `rayleigh_ritz.extreme_ritz_pairs`.
        pause: called between compiled segments; may raise to cancel.
    """
    maximize, eps = problem.sense == "maximize", float(jnp.finfo(point.dtype).eps)
    pairs, basis, converged = rayleigh_ritz.extreme_ritz_pairs(
        problem,
        point,
        key,
        top=1,
        bottom=1,
        required_tolerance=lambda values: required_tolerance(values, tolerance, maximize),
        capacity=capacity,
        report=lambda fraction, partial: pause(),
        start=start,
        hessian=hessian,
        segments=segments,
    )
    values, residuals, products = pairs.values[[0, -1]], pairs.residuals[[0, -1]], len(pairs.values)
    scale = float(np.max(np.abs(pairs.values)))
    rounding, slice_hessian, slice_gradient = ROUNDING_UNITS * eps * scale, None, None
    jump_problem: tuple[Problem, np.ndarray] = problem, np.asarray(point)
    columns = [0, -1, *([1, -2] if products > 3 else [])]
    vectors = rayleigh_ritz.ritz_vectors(basis, pairs.coefficients[:, columns])
    next_start = vectors[:2].sum(axis=0) + SECOND_VECTOR_WEIGHT * vectors[2:].sum(axis=0)
    vectors = vectors[:2]
    with jax.enable_x64(True):
        jump_points = probe_points(wide_problem.params, wide_point, resolution, np.asarray(vectors, np.float64))
        image, quotients, wide_residuals, wide_slice_hessian, wide_loss, wide_slice_gradient, gradients = (
            jax.device_get(_in_float64(wide_problem, wide_point, vectors, directions, jump_points))
        )
    if abs(loss - wide_loss) <= SAME_LOSS_TOLERANCE * max(abs(loss), abs(float(wide_loss)), 1e-30):
        difference = float(np.max(np.abs(narrow_slice_hessian - wide_slice_hessian)))
        product_error = max(
            product_error,
            difference if np.isfinite(difference) else 0.0,
            float(np.max(np.abs(quotients - values))),
        )
        rounding = ROUNDING_UNITS * FLOAT64_EPS * (scale + product_error / FLOAT32_EPS)
        values, residuals, products = quotients, wide_residuals, products + 2 + len(directions)
        slice_hessian, slice_gradient = wide_slice_hessian, wide_slice_gradient
        jump_problem = wide_problem, wide_point
    noise = eps * max(rayleigh_ritz.ROUNDING_UNITS * scale, product_error / FLOAT32_EPS)
    errors = np.array(
        [
            ritz_value_bound(pairs.values, pairs.residuals, end, residual=residual, noise=noise)
            for end, residual in zip((0, -1), residuals, strict=True)
        ]
    )
    required, needs_second_chain = required_tolerance(pairs.values, tolerance, maximize)
    if not needs_second_chain and len(pairs.values) < problem.dim:
        unresolved_error = UNRESOLVED_ERROR_FACTOR * required * scale
        errors = np.where(residuals > UNRESOLVED_RESIDUAL * scale, np.maximum(errors, unresolved_error), errors)
    errors = errors + rounding
    end = -1 if maximize else 0
    has_proof = (-values[end] if maximize else values[end]) + rounding < 0
    known_derivatives = {} if slice_gradient is None else {"gradients": gradients, "products": image}
    jump = find_jump(
        *jump_problem,
        scale=scale,
        resolution=0.0 if has_proof else resolution,
        vector=vectors[end],
        vectors=np.asarray(vectors, np.float64),
        **known_derivatives,
        pause=pause,
    )
    decision = verdict(
        float(values[end]),
        float(errors[end]),
        converged=converged,
        scale=scale,
        rounding=rounding,
        sense=problem.sense,
        jump=jump,
    )
    return ExtremeEigenvalues(
        values,
        errors,
        decision,
        converged,
        next_start,
        slice_hessian,
        product_error,
        products,
        slice_gradient,
        jump,
    )


def required_tolerance(values: np.ndarray, tolerance: float, maximize: bool) -> tuple[float, bool]:
    """The residual required of the Ritz values, relative to |λ|max, and whether a second chain must confirm them.

    Any direction of negative curvature is a proof, so its eigenvalue need only be accurate enough to draw, to a
    twentieth if it is small. The verdict "convex" requires an accurate eigenvalue, and a second chain from a
    random vector that finds no smaller one.
    """
    decisive = -values[-1] if maximize else values[0]
    scale = np.max(np.abs(values))
    if decisive + ROUNDING_UNITS * FLOAT32_EPS * scale >= 0:
        return min(tolerance, MAX_RELATIVE_ERROR / 2), True
    return float(np.clip(-0.05 * decisive / scale, MIN_TOLERANCE, tolerance)), False


@jit_with_fast_compile
def _in_float64(problem: Problem, point: Any, vectors: Any, directions: Any, jump_points: Any) -> tuple[Any, ...]:
    """For unit vectors["2 n"]: Hv, vᵀHv and ‖Hv − (vᵀHv)v‖; then the slice's Hessian, the loss, the slice's
    gradient and ∇L at the points where a jump is looked for."""
    hessian = linearize(problem, point)
    image = hessian(jnp.concatenate([vectors, directions]))
    quotients = jnp.sum(vectors * image[:2], axis=1)
    residuals = jnp.linalg.norm(image[:2] - quotients[:, None] * vectors, axis=1)
    slice_hessian = jnp.dot(image[2:], directions.T, precision="highest")
    slice_gradient = jnp.dot(directions, hessian.gradient, precision="highest")
    loss = problem.loss(ravel_pytree(problem.params)[1](point))
    gradients = map_gradients(problem, jump_points)
    return image[:2], quotients, residuals, slice_hessian, loss, slice_gradient, gradients
