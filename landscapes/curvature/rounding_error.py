"""The rounding error of Hessian-vector products, measured on the products themselves, and the error bars from
it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from landscapes.curvature.hessian import Progress, loss_and_gradient, product_batches
from landscapes.problem import Problem

RELATIVE_SHIFTS = 4e-5, 1e-8  # of the parameters; the second is used where the first crosses a kink
KINK_UNITS = 2**20  # in units of ε‖H‖: a larger difference is not rounding, so the shift has crossed a kink
# The bound on rounding is ROUNDING_UNITS·ε|λ|max + OBSERVED_FACTOR·(observed rounding error).
ROUNDING_UNITS, OBSERVED_FACTOR = 2, 4
# Of ε‖dHv/dδ‖, with parameters θ(1 ± δ): an argument is rounded by ε/2, and OBSERVED_FACTOR multiplies it by 4.
ARGUMENT_ROUNDING = 0.25
COMBINATIONS = 2  # random combinations that stand for many vectors

WideProblem = tuple[Problem, Float[np.ndarray, "n"]]
"""A problem and a flat point in float64, or in their own precision if the loss is a different one in float64."""


def error_bars(
    wide: WideProblem,
    dtype: Any,
    values: Float[np.ndarray, "k"],
    vectors: Float[np.ndarray, "k n"],
    image: Float[np.ndarray, "k n"],
    scale: float,
    report: Progress,
    loss: float | None = None,
) -> tuple[Float[np.ndarray, "k"], Float[np.ndarray, "k"], Float[np.ndarray, "k n"]]:
    """The error bar of each eigenvalue, the part of it that bounds the rounding error of the value, and the
    products in the precision of `wide`.

    Args:
        wide: the problem and the point in float64, if the loss is the same there.
        dtype: the precision in which the eigenvalues were computed.
        vectors, image: unit eigenvectors and their products with H.
        scale: |λ|max.
        loss: at the point, if it is known.
    """
    difference, narrow_error = np.zeros(len(values)), None
    if wide[1].dtype != dtype:
        narrow_image = image
        image = collect_products(product_batches(*wide, vectors), vectors, report)
        quotients = np.sum(vectors * image, axis=1)
        difference, values = np.abs(values - quotients), quotients
        narrow_error = np.linalg.norm(image - narrow_image, axis=1) / float(np.finfo(dtype).eps)
    observed = observed_rounding_error(
        *wide, vectors, image, combine=narrow_error is not None, narrow_error=narrow_error, loss=loss
    )
    rounding = difference + ROUNDING_UNITS * machine_epsilon(wide[1]) * scale + OBSERVED_FACTOR * observed
    bars = np.linalg.norm(image - values[:, None] * vectors, axis=1) + rounding
    # Bars that overlap cannot be matched to single eigenvalues. The matching as a whole is within the root sum of
    # squares (Kahan 1967).
    overlap = np.abs(values[:, None] - values) <= bars[:, None] + bars
    return np.sqrt(overlap @ bars**2), rounding, image


def machine_epsilon(array: Any) -> float:
    """ε of an array's dtype."""
    return float(np.finfo(np.dtype(array.dtype)).eps)


def collect_products(pieces: Iterator[np.ndarray], vectors: np.ndarray, report: Progress) -> np.ndarray:
    """The products of `vectors` from all pieces in one array; empty if there are none."""
    rows = [vectors[:0]]
    for piece in pieces:
        rows.append(piece)
        report(0.95, None)
    return np.concatenate(rows)


def observed_rounding_error(
    problem: Problem,
    point: Any,
    vectors: Float[np.ndarray, "k n"],
    image: Float[np.ndarray, "k n"],
    *,
    combine: bool = False,
    narrow_error: Float[np.ndarray, "k"] | None = None,
    loss: float | None = None,
) -> Float[np.ndarray, "k"]:
    """An estimate of the norm of the rounding error of each Hv, for orthonormal rows `vectors` and their `image`.

    The rounding error of second derivatives has no bound in units of |λ|max. It is largest where a softmax
    saturates, because differences of numbers near 1 cancel. The estimate is the root sum of squares of three
    parts:

    - the deviation of Hv from a smooth function of the parameters; see `perturbed_products`;
    - the asymmetry of the matrix VᵀHV;
    - ε|L| / max(1, ‖θ‖²): a smaller curvature changes the loss over a distance ‖θ‖ by less than its rounding
      error. Where 1 + δ is computed as 1, this is the only part that is not zero.

    For the first two parts each vector gets its own value or the root mean square over all vectors, whichever is
    larger, because one product may be exact by chance. The estimate has the size of a standard deviation; it is
    not a bound.

    Args:
        combine: perturb two random combinations Σᵢ ±vᵢ/√k instead of all k vectors. With D the rounding error of
            H, the mean of ‖D(Σᵢ ±vᵢ/√k)‖² over the signs is the mean of ‖Dvᵢ‖² over i. All of it may come from one
            vector, so each vector gets √k times the root mean square.
        narrow_error: ‖Hv − H′v‖ in units of its ε, H′v computed in a shorter precision. In units of ε the longer
            precision loses as much, so that no product is perturbed where this is finite.
        loss: at the point, to a few digits, if it is known.
    """
    if not len(vectors):
        return np.zeros(0)
    theta = np.asarray(point)
    eps = machine_epsilon(theta)
    if loss is None:
        with jax.enable_x64(theta.dtype == np.float64):
            loss = float(loss_and_gradient(problem, jnp.asarray(theta))[0])
    loss_rounding = eps * abs(loss) / max(1.0, float(np.sum(np.square(theta, dtype=np.float64))))
    projected = vectors @ image.T
    asymmetry = np.linalg.norm(projected - projected.T, axis=1) / np.sqrt(2)
    if narrow_error is not None and np.all(np.isfinite(narrow_error)):
        noise = eps * narrow_error
    else:
        noise = _perturbation_noise(problem, theta, vectors, image, combine)
    total = np.hypot(_at_least_rms(noise), _at_least_rms(asymmetry))
    return np.hypot(total, loss_rounding if np.isfinite(loss_rounding) else 0.0)


def _perturbation_noise(
    problem: Problem, theta: np.ndarray, vectors: np.ndarray, image: np.ndarray, combine: bool
) -> Float[np.ndarray, "k"]:
    """`perturbed_products` of the Hessian, or of two combinations of its products."""
    count, unit = len(vectors), machine_epsilon(theta) * float(np.max(np.linalg.norm(image, axis=1)))
    if combine := combine and count > COMBINATIONS:
        signs = np.random.default_rng(0).choice([-1.0, 1.0], (COMBINATIONS, count)) / np.sqrt(count)
        vectors, image = signs @ vectors, signs @ image
    noise = perturbed_products(
        lambda theta: np.concatenate(list(product_batches(problem, theta, vectors))), theta, image, unit
    )
    return np.full(count, np.sqrt(count * np.mean(noise**2))) if combine else noise


def perturbed_products(
    products_at: Callable[[np.ndarray], Float[np.ndarray, "k n"]],
    theta: Float[np.ndarray, "n"],
    center: Float[np.ndarray, "k n"],
    unit: float,
) -> Float[np.ndarray, "k"]:
    """The rounding error of each row of `products_at(θ)`, from the products at perturbed parameters θ(1 ± δ).

    It is the norm of the fourth difference over √70, and a share of ε‖dHv/dδ‖: rounding an argument such as ωx
    moves the product as a perturbation of the parameters does. In the fourth difference a smooth function adds
    terms of order δ⁴; independent rounding errors of norm e add √70·e. Very small δ do not suffice: log(1 + e⁻ᶻ)
    is rounded in the same way all around a large z, and so is its second derivative.

    Args:
        center: the products at θ.
        unit: ε times the size of the products.
    """
    sizes = by_arguments = np.zeros(len(center))
    for shift in RELATIVE_SHIFTS:
        step = theta * np.where(np.arange(len(theta)) % 2, shift, -shift)
        difference, slope = 6.0 * center, np.zeros_like(center)
        for multiple, weight in ((-2, 1), (-1, -4), (1, -4), (2, 1)):
            shifted = products_at(np.asarray(theta + multiple * step, theta.dtype))
            difference = difference + weight * shifted
            if abs(multiple) == 1:
                slope = slope + multiple * shifted / (2 * shift)
        sizes = np.linalg.norm(difference, axis=1) / np.sqrt(70)
        by_arguments = ARGUMENT_ROUNDING * machine_epsilon(theta) * np.linalg.norm(slope, axis=1)
        if np.max(sizes) <= KINK_UNITS * unit:
            break
    sizes = np.hypot(sizes, by_arguments)
    return np.where(np.isfinite(sizes), sizes, 0.0)


def _at_least_rms(sizes: np.ndarray) -> np.ndarray:
    return np.maximum(sizes, np.sqrt(np.mean(sizes**2)))
