"""The largest eigenvalue of a Hessian along a sequence of points, each search started from the last
eigenvector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from landscapes.curvature import lanczos, rayleigh_ritz
from landscapes.curvature.extreme_eigenvalues import (
    FLOAT64_EPS,
    UNRESOLVED_ERROR_FACTOR,
    UNRESOLVED_RESIDUAL,
)
from landscapes.curvature.float64 import products_in_float64
from landscapes.curvature.hessian import loss_and_gradient
from landscapes.curvature.ritz_bounds import ritz_value_bound
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.problem import Problem

MAX_VECTORS = 72  # in the basis of one search
MAX_BASIS_BYTES = 2**28  # of the Lanczos vectors, 256 MiB
ROUNDING_UNITS = 64  # in units of ε|λ|max of float64: the observed rounding error of saturated units
NOISE_SHARE = 0.3  # norm of the noise that is added to a start vector of norm 1


class LargestEigenvalue(NamedTuple):
    """λmax, its error bar and a unit eigenvector, flat.

    The value is the Rayleigh quotient of the vector in float64. The error bar is the bound from its residual there
    and the gap to the next Ritz value (see `ritz_bounds.ritz_value_bound`), + 64ε|λ|max. While the residual is far
    above rounding, the bar is at least four times the tolerance, because two eigenvalues closer than that may not
    be resolved.

    Where the loss or its gradient is not finite, the value is NaN and the error infinite. `converged` says whether
    the tolerance was met. If many eigenvalues are close to the largest one it may not be; the error bar then says
    how far off the value may be.
    """

    value: float
    error: float
    vector: Any
    converged: bool
    products: int


def largest_eigenvalue(
    problem: Problem,
    point: Any,
    key: Any,
    *,
    start: Any = None,
    tolerance: float = 1e-3,
    segments: lanczos.AdaptiveSegments | None = None,
    pause: Callable[[], Any] = lambda: None,
) -> LargestEigenvalue:
    """The largest eigenvalue of the Hessian of problem.loss at a flat point, in the precision of the caller.

    Args:
        start: a start vector, such as the eigenvector at the point before. Noise of 0.3 times its norm is added,
            so that a direction orthogonal to it can be found. Only noise if it is None or not finite.
        tolerance: the required residual, relative to |λ|max.
        segments: from earlier searches, which have measured the time of a product.
        pause: called between compiled segments; may raise to cancel.
    """
    loss, gradient = loss_and_gradient(problem, point)
    noise = lanczos.random_unit_vectors(key[None], point.size, point.dtype)[0]
    if not (np.isfinite(loss) and np.all(np.isfinite(gradient))):
        return LargestEigenvalue(np.nan, np.inf, noise, False, 0)
    pairs, basis, converged = rayleigh_ritz.extreme_ritz_pairs(
        problem,
        point,
        key,
        top=1,
        bottom=0,
        required_tolerance=lambda values: (tolerance, False),
        capacity=int(np.clip(MAX_BASIS_BYTES // (point.size * point.dtype.itemsize), 24, MAX_VECTORS)),
        report=lambda fraction, partial: pause(),
        start=noise if start is None else add_noise(start, noise),
        segments=segments,
    )
    scale, eps = float(np.max(np.abs(pairs.values))), float(jnp.finfo(point.dtype).eps)
    vector = rayleigh_ritz.linear_combination(basis, pairs.coefficients[:, -1])
    value, residual = float(pairs.values[-1]), float(pairs.residuals[-1])
    rounding = ROUNDING_UNITS * eps * scale
    unit = np.asarray(vector, np.float64)[None]
    unit = unit / np.linalg.norm(unit)
    for image in products_in_float64(problem, point, unit):
        value = float(image[0] @ unit[0])
        residual, rounding = (
            float(np.linalg.norm(image[0] - value * unit[0])),
            ROUNDING_UNITS * FLOAT64_EPS * scale,
        )
    ritz_noise = rayleigh_ritz.ROUNDING_UNITS * eps * scale
    error = ritz_value_bound(pairs.values, pairs.residuals, -1, residual=residual, noise=ritz_noise)
    if len(pairs.values) < point.size and residual > UNRESOLVED_RESIDUAL * scale:
        error = max(error, UNRESOLVED_ERROR_FACTOR * tolerance * scale)
    return LargestEigenvalue(value, error + rounding, vector, converged, len(pairs.values) + 1)


@jit_with_fast_compile
def add_noise(vector: Any, noise: Any) -> Any:
    """The unit vector along vector/‖vector‖ + 0.3·noise; along the noise alone if `vector` is zero or not
    finite."""
    norm = jnp.linalg.norm(vector)
    is_valid = jnp.isfinite(norm) & (norm > 0)
    total = jnp.where(is_valid, vector / jnp.where(is_valid, norm, 1), 0) + NOISE_SHARE * noise
    return total / jnp.linalg.norm(total)
