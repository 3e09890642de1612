"""One cell of a convexity map: both ends of the spectrum at a point, by a short chain, checked in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.gradient_jump import Jump, find_jump
from landscapes.curvature.hessian import SAME_LOSS, Hessian, linearize
from landscapes.curvature.ritz_bounds import ritz_value_bound
from landscapes.curvature.verdict import MAX_RELATIVE_ERROR, Verdict, verdict
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.problem import Problem

# A chain that took no second look may have settled between two eigenvalues that are closer than its tolerance, or
# on the inner of them; its residual is then far from rounding. Of 7,776 ends of small networks all that were off
# by more than their residual had one beyond 2e-4 of |λ|max, and were off by at most 3.8 tolerances. Above the
# first share of |λ|max the bar is at least the second, in units of the tolerance.
ALONE = 2e-5
RESOLVED = 4
SECOND = 0.6  # share of the second vector at each end in what warms the next cell, whose first it may be
SHARPEST = 1e-4  # what may be asked for, where the end that decides is itself small
# In units of ε|λ|max, and of what float32 was seen to lose times ε over that of float32. A saturated policy lost a
# hundredth of |λ|max to rounding in float32 and 1e-10 of it in float64: its zero mode came out of either sign.
# Of 200 ends of 50 networks in float64 none was off by more than an eighth of its bar, half by under a fiftieth.
ROUNDING = 48
NARROW, WIDE = (float(np.finfo(dtype).eps) for dtype in (np.float32, np.float64))


class Cell(NamedTuple):
    """What was found at one point.

    Attributes:
        ends, errors: the smallest and the largest eigenvalue.
        said: what the one that decides says.
        met: whether the chain came as far as was demanded.
        vector: the sum of both end vectors, with a part of those next to them.
        slice: the Hessian of the slice in float64, None where the loss is another one there.
        lost: by how much products in float32 were seen to be off.
        products: Hessian-vector products spent.
        slopes: the gradient's components along the slice's directions in float64, None where the loss is another
            one there.
        jump: of a derivative at the point.
    """

    ends: np.ndarray
    errors: np.ndarray
    said: Verdict
    met: bool
    vector: np.ndarray
    slice: np.ndarray | None
    lost: float
    products: int
    slopes: np.ndarray | None
    jump: Jump | None


def inspect(
    problem: Problem,
    point: Any,
    key: Any,
    *,
    wide: Problem,
    there: np.ndarray,
    basis: np.ndarray,
    loss: float,
    narrow: np.ndarray,
    lost: float = 0.0,
    resolution: float,
    tolerance: float,
    capacity: int,
    start: Any,
    hessian: Hessian | None = None,
    pace: lanczos.Pace,
    pause: Callable[[], None],
) -> Cell:
    """Both ends of the spectrum at a flat point: a Lanczos chain in the point's own precision, then the Rayleigh
    quotients of its end vectors and their residuals in float64.

    Args:
        wide, there: the same problem in float64, and the point before it was rounded.
        basis: directions of the slice, ["K n"].
        loss, narrow: the loss, and the slice's Hessian in float32.
        lost: what float32 is known to lose here.
        resolution: ε of the parameters.
        tolerance, capacity, start, hessian, pace: of the chain.
        pause: called between compiled segments; may raise to cancel.
    """
    maximize, eps = problem.sense == "maximize", float(jnp.finfo(point.dtype).eps)

    def demand(values: np.ndarray) -> tuple[float, bool]:
        return demanded(values, tolerance, maximize)

    found, chain, met = rayleigh_ritz.extreme_ritz_pairs(
        problem,
        point,
        key,
        top=1,
        bottom=1,
        required_tolerance=demand,
        capacity=capacity,
        report=lambda fraction, partial: pause(),
        start=start,
        hessian=hessian,
        pace=pace,
    )
    ends, residuals, spent = found.values[[0, -1]], found.residuals[[0, -1]], len(found.values)
    scale = float(np.max(np.abs(found.values)))
    rounding, bent, slopes, at = ROUNDING * eps * scale, None, None, (problem, np.asarray(point))
    near = rayleigh_ritz.ritz_vectors(chain, found.coefficients[:, [0, -1, *([1, -2] if spent > 3 else [])]])
    vectors, warm = near[:2], near[:2].sum(axis=0) + SECOND * near[2:].sum(axis=0)
    with jax.enable_x64(True):
        quotients, lengths, curved, reference, slopes_there = jax.device_get(
            _in_float64(wide, there, vectors, basis)
        )
    if abs(loss - reference) <= SAME_LOSS * max(abs(loss), abs(float(reference)), 1e-30):
        off = float(np.max(np.abs(narrow - curved)))
        lost = max(lost, off if np.isfinite(off) else 0.0, float(np.max(np.abs(quotients - ends))))
        rounding = ROUNDING * WIDE * (scale + lost / NARROW)
        ends, residuals, bent, spent = quotients, lengths, curved, spent + 2 + len(basis)
        slopes, at = slopes_there, (wide, there)
    noise = eps * max(rayleigh_ritz.ROUNDING_UNITS * scale, lost / NARROW)
    errors = np.array(
        [
            ritz_value_bound(found.values, found.residuals, at, residual=residual, noise=noise)
            for at, residual in zip((0, -1), residuals, strict=True)
        ]
    )
    asked, twice = demand(found.values)
    if not twice and len(found.values) < problem.dim:
        errors = np.where(residuals > ALONE * scale, np.maximum(errors, RESOLVED * asked * scale), errors)
    errors = errors + rounding
    end = -1 if maximize else 0
    jump = find_jump(*at, scale=scale, resolution=resolution, vector=vectors[end], pause=pause)
    said = verdict(
        float(ends[end]),
        float(errors[end]),
        converged=met,
        scale=scale,
        rounding=rounding,
        sense=problem.sense,
        jump=jump,
    )
    return Cell(ends, errors, said, met, warm, bent, lost, spent, slopes, jump)


def demanded(values: np.ndarray, tolerance: float, maximize: bool) -> tuple[float, bool]:
    """A direction of negative curvature proves itself, and its eigenvalue need only be good enough to draw, to a
    twentieth where it is small. To say "convex" takes a sharp eigenvalue, and a second, random look for a smaller
    one."""
    worst = -values[-1] if maximize else values[0]
    scale = np.max(np.abs(values))
    if worst + ROUNDING * NARROW * scale >= 0:
        return min(tolerance, MAX_RELATIVE_ERROR / 2), True
    return float(np.clip(-0.05 * worst / scale, SHARPEST, tolerance)), False


@jit_with_fast_compile
def _in_float64(problem: Problem, point: Any, vectors: Any, basis: Any) -> tuple[Any, ...]:
    """Of unit vectors["2 n"]: vᵀHv and the length of what Hv has beside it; then the Hessian of the slice, the
    loss, and the gradient's components in the slice."""
    hessian = linearize(problem, point)
    image = hessian(jnp.concatenate([vectors, basis]))
    quotients = jnp.sum(vectors * image[:2], axis=1)
    residuals = jnp.linalg.norm(image[:2] - quotients[:, None] * vectors, axis=1)
    bent = jnp.dot(image[2:], basis.T, precision="highest")
    slopes = jnp.dot(basis, hessian.gradient, precision="highest")
    return quotients, residuals, bent, problem.loss(ravel_pytree(problem.params)[1](point)), slopes
