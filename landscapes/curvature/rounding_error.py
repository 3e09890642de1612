"""What rounding does to Hessian-vector products, seen in the products themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from landscapes.curvature.hessian import Progress, images, loss_and_gradient
from landscapes.problem import Problem

SHIFTS = 4e-5, 1e-8  # by how much of themselves the parameters move to show what rounding does
CROSSED = 2**20  # in units of ε‖H‖: so much is no rounding but a kink, and the shift was too wide
SEEN, BESIDE = 4, 2  # times the rounding that was seen, and beside it in units of ε|λ|max
MIXTURES = 2  # that are looked at in place of many vectors

Wide = tuple[Problem, Float[np.ndarray, "n"]]
"""A problem and a flat point in float64, where the loss is the same there; otherwise as they are."""


def error_bars(
    wide: Wide,
    dtype: Any,
    values: Float[np.ndarray, "k"],
    vectors: Float[np.ndarray, "k n"],
    image: Float[np.ndarray, "k n"],
    scale: float,
    tell: Progress,
) -> tuple[Float[np.ndarray, "k"], Float[np.ndarray, "k"]]:
    """The error bar of each eigenvalue, and the part of it that rounding may have moved the value by.

    Args:
        wide: the problem and the point in float64, where the loss is the same there.
        dtype: that the eigenvalues were computed in.
        vectors, image: unit eigenvectors and their products with H.
        scale: |λ|max.
    """
    moved, narrow = np.zeros(len(values)), wide[1].dtype != dtype
    if narrow:
        image = gathered(images(*wide, vectors), vectors, tell)
        quotients = np.sum(vectors * image, axis=1)
        moved, values = np.abs(values - quotients), quotients
    # The rounding of float64 is little beside that of float32, and need not be told apart by vectors.
    rounding = moved + BESIDE * epsilon(wide[1]) * scale + SEEN * seen(*wide, vectors, image, mixed=narrow)
    alone = np.linalg.norm(image - values[:, None] * vectors, axis=1) + rounding
    # Where bars overlap, which eigenvalue is whose cannot be told, and together they are within this (Kahan 1967).
    overlap = np.abs(values[:, None] - values) <= alone[:, None] + alone
    return np.sqrt(overlap @ alone**2), rounding


def epsilon(array: Any) -> float:
    """ε of an array's dtype."""
    return float(np.finfo(np.dtype(array.dtype)).eps)


def gathered(pieces: Iterator[np.ndarray], vectors: np.ndarray, tell: Progress) -> np.ndarray:
    """The pieces of an image, which may be none, in one."""
    rows = [vectors[:0]]
    for piece in pieces:
        rows.append(piece)
        tell(0.95, None)
    return np.concatenate(rows)


def seen(
    problem: Problem,
    point: Any,
    vectors: Float[np.ndarray, "k n"],
    image: Float[np.ndarray, "k n"],
    *,
    mixed: bool = False,
) -> Float[np.ndarray, "k"]:
    """By how much rounding was seen to move each Hv, of orthonormal rows `vectors` and their `image` under H.

    Rounding in second derivatives has no bound in units of |λ|max: most is lost where a softmax saturates, where
    numbers near 1 cancel. Three signs of it, as a root sum of squares:

    - by how far Hv is from smooth in the parameters; see `shaken`;
    - by how far the matrix VᵀHV is from symmetric;
    - ε|L| / max(1, ‖θ‖²): so little curvature changes the loss by less than its rounding over the parameters' own
      length. Where 1 + δ is computed as 1, neither of the others sees what was lost.

    Of the first two each vector gets its own or the root mean square of all, whichever is larger: one product may
    be right by chance. An estimate, of the size of a standard deviation rather than a bound.

    Args:
        mixed: look at two vectors Σᵢ ±vᵢ/√k instead of all k. D, what rounding does to all of them, then makes
            ‖D(Σᵢ ±vᵢ/√k)‖² the mean of ‖Dvᵢ‖² but for the products of two, whose signs are drawn; and since that
            could be one vector's alone, each gets √k times its root.
    """
    if not len(vectors):
        return np.zeros(0)
    here = np.asarray(point)
    with jax.enable_x64(here.dtype == np.float64):
        loss = abs(float(loss_and_gradient(problem, jnp.asarray(here))[0]))
    unseen = float(np.finfo(here.dtype).eps) * loss / max(1.0, float(np.sum(np.square(here, dtype=np.float64))))
    block = vectors @ image.T
    skew = np.linalg.norm(block - block.T, axis=1) / np.sqrt(2)
    unit = float(np.finfo(here.dtype).eps) * float(np.max(np.linalg.norm(image, axis=1)))
    if mixed := mixed and len(vectors) > MIXTURES:
        signs = np.random.default_rng(0).choice([-1.0, 1.0], (MIXTURES, len(vectors))) / np.sqrt(len(vectors))
        vectors, image = signs @ vectors, signs @ image
    trembling = shaken(lambda there: np.concatenate(list(images(problem, there, vectors))), here, image, unit)
    if mixed:
        trembling = np.full(len(skew), np.sqrt(len(skew) * np.mean(trembling**2)))
    whole = np.hypot(_at_least_typical(trembling), _at_least_typical(skew))
    return np.hypot(whole, unseen if np.isfinite(unseen) else 0.0)


def shaken(
    rows_at: Callable[[np.ndarray], Float[np.ndarray, "k n"]],
    here: Float[np.ndarray, "n"],
    center: Float[np.ndarray, "k n"],
    unit: float,
) -> Float[np.ndarray, "k"]:
    """By how much rounding moves each row of `rows_at(θ)`, as the norm of its fourth difference along θ(1 ± δ), to
    which a smooth function adds δ⁴ and rounding √70 times its own size; `center` is what is known of them at θ,
    and `unit` ε times their size.

    Next to the point is not far enough: log(1 + e⁻ᶻ) is rounded alike all around a large z, and its second
    derivative is wrong alike.
    """
    sizes = np.zeros(0)
    for shift in SHIFTS:
        along = here * np.where(np.arange(len(here)) % 2, shift, -shift)
        difference = 6.0 * center
        for step, weight in ((-2, 1), (-1, -4), (1, -4), (2, 1)):
            difference = difference + weight * rows_at(np.asarray(here + step * along, here.dtype))
        sizes = np.linalg.norm(difference, axis=1) / np.sqrt(70)
        if np.max(sizes) <= CROSSED * unit:
            break
    return np.where(np.isfinite(sizes), sizes, 0.0)


def _at_least_typical(sizes: np.ndarray) -> np.ndarray:
    return np.maximum(sizes, np.sqrt(np.mean(sizes**2)))
