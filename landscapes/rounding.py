"""What rounding does to Hessian-vector products, seen in the products themselves."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from landscapes.hessian import images, loss_at
from landscapes.problem import Problem


def seen(
    problem: Problem, point: Any, vectors: Float[np.ndarray, "k n"], image: Float[np.ndarray, "k n"]
) -> Float[np.ndarray, "k"]:
    """By how much rounding was seen to move each Hv, of orthonormal rows `vectors` and their `image` under H.

    Rounding in second derivatives has no bound in units of |λ|max: most is lost where a softmax saturates, where
    numbers near 1 cancel. Three signs of it, as a root sum of squares:

    - by how much Hv changes where the parameters do by a rounding of their own;
    - by how far the matrix VᵀHV is from symmetric;
    - ε|L| / max(1, ‖θ‖²): so little curvature changes the loss by less than its rounding over the parameters' own
      length. Where 1 + δ is computed as 1, neither of the others sees what was lost.

    Of the first two each vector gets its own or the root mean square of all, whichever is larger: one product may
    be right by chance. An estimate, of the size of a standard deviation rather than a bound.
    """
    if not len(vectors):
        return np.zeros(0)
    here = np.asarray(point)
    with jax.enable_x64(here.dtype == np.float64):
        loss = abs(float(loss_at(problem, jnp.asarray(here))))
    unseen = float(np.finfo(here.dtype).eps) * loss / max(1.0, float(np.sum(np.square(here, dtype=np.float64))))
    block = vectors @ image.T
    skew = np.linalg.norm(block - block.T, axis=1) / np.sqrt(2)
    whole = np.hypot(_at_least_typical(_trembling(problem, here, vectors, image)), _at_least_typical(skew))
    return np.hypot(whole, unseen if np.isfinite(unseen) else 0.0)


def _trembling(problem: Problem, here: np.ndarray, vectors: np.ndarray, image: np.ndarray) -> np.ndarray:
    aside = here * (1 + np.where(np.arange(len(here)) % 2, 2, -2) * np.finfo(here.dtype).eps)
    other = np.concatenate(list(images(problem, np.asarray(aside, here.dtype), vectors)))
    change = np.linalg.norm(other - image, axis=1)
    return np.where(np.isfinite(change), change, 0.0)


def _at_least_typical(sizes: np.ndarray) -> np.ndarray:
    return np.maximum(sizes, np.sqrt(np.mean(sizes**2)))
