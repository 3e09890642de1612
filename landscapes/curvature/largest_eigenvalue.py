"""The largest eigenvalue of a Hessian along a sequence of points, each search warmed by the one before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.extreme_eigenvalues import ALONE, RESOLVED, WIDE
from landscapes.curvature.hessian import in_float64, loss_and_gradient
from landscapes.curvature.ritz_bounds import ritz_value_bound
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.problem import Problem

CAPACITY = 72  # vectors that one search may hold
MEMORY = 2**28  # bytes for them
ROUNDING = 64  # in units of ε|λ|max of float64: what saturated units were seen to lose


class Largest(NamedTuple):
    """λmax, its error bar and a unit vector for it, flat.

    The value is the Rayleigh quotient of the vector in float64, and the bar comes from its residual there and the
    gap to the next Ritz value (see `ritz_bounds.ritz_value_bound`), + 64ε|λ|max. While the residual is far from
    rounding it is at least four times the tolerance, because two eigenvalues that close may not have been told
    apart.

    Where the loss or its gradient is not finite the value is NaN and the error infinite. `met` says whether the
    tolerance was; it need not be where many eigenvalues crowd at the end, and then the bar says how far off.
    """

    value: float
    error: float
    vector: Any
    met: bool
    products: int


def largest(
    problem: Problem,
    point: Any,
    key: Any,
    *,
    start: Any = None,
    tolerance: float = 1e-3,
    pace: lanczos.Pace | None = None,
    pause: Callable[[], Any] = lambda: None,
) -> Largest:
    """The largest eigenvalue of the Hessian of problem.loss at a flat point, in the precision of the caller.

    Args:
        start: a vector to begin with, such as that of the point before; it gets a third of noise, so that a
            direction which was not there before can be found. All noise where it is None or not finite.
        tolerance: the residual asked for, relative to |λ|max.
        pace: what the searches before have learned of how long a product takes.
        pause: called between compiled segments; may raise to cancel.
    """
    loss, gradient = loss_and_gradient(problem, point)
    noise = lanczos.random_unit_vectors(key[None], point.size, point.dtype)[0]
    if not (np.isfinite(loss) and np.all(np.isfinite(gradient))):
        return Largest(np.nan, np.inf, noise, False, 0)
    found, basis, met = rayleigh_ritz.extreme_ritz_pairs(
        problem,
        point,
        key,
        top=1,
        bottom=0,
        required_tolerance=lambda values: (tolerance, False),
        capacity=int(np.clip(MEMORY // (point.size * point.dtype.itemsize), 24, CAPACITY)),
        report=lambda fraction, partial: pause(),
        start=noise if start is None else blend(start, noise),
        pace=pace,
    )
    scale, eps = float(np.max(np.abs(found.values))), float(jnp.finfo(point.dtype).eps)
    vector = rayleigh_ritz.linear_combination(basis, found.coefficients[:, -1])
    value, residual, rounding = float(found.values[-1]), float(found.residuals[-1]), ROUNDING * eps * scale
    unit = np.asarray(vector, np.float64)[None]
    unit = unit / np.linalg.norm(unit)
    for image in in_float64(problem, point, unit):
        value = float(image[0] @ unit[0])
        residual, rounding = float(np.linalg.norm(image[0] - value * unit[0])), ROUNDING * WIDE * scale
    noise = rayleigh_ritz.ROUNDING_UNITS * eps * scale
    error = ritz_value_bound(found.values, found.residuals, -1, residual=residual, noise=noise)
    if len(found.values) < point.size and residual > ALONE * scale:
        error = max(error, RESOLVED * tolerance * scale)
    return Largest(value, error + rounding, vector, met, len(found.values) + 1)


@jit_with_fast_compile
def blend(warm: Any, noise: Any) -> Any:
    """A unit vector: `warm` made one, with a third of the unit vector `noise`."""
    length = jnp.linalg.norm(warm)
    fine = jnp.isfinite(length) & (length > 0)
    mixed = jnp.where(fine, warm / jnp.where(fine, length, 1), 0) + 0.3 * noise
    return mixed / jnp.linalg.norm(mixed)
