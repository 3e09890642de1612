"""A problem, and its Hessian-vector products, in float64, to measure the rounding error of float32."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from landscapes.curvature.hessian import jitted_linearize, loss_and_gradient, product_batches
from landscapes.problem import Problem

SAME_LOSS_TOLERANCE = 1e-2  # relative difference up to which two precisions compute the same loss

Tree = TypeVar("Tree")


def to_float64(tree: Tree) -> Tree:
    """A problem, a plane or any other tree with every floating-point leaf in float64."""

    def convert(leaf):
        is_floating = hasattr(leaf, "dtype") and jnp.issubdtype(leaf.dtype, jnp.floating)
        # In NumPy, because JAX would compile one program per shape.
        return jax.device_put(np.asarray(leaf, np.float64)) if is_floating else leaf

    with jax.enable_x64(True):
        return jax.tree.map(convert, tree)


def problem_in_float64(
    problem: Problem, point: Any, loss: float | None = None
) -> tuple[Problem, Float[np.ndarray, "n"]]:
    """The problem and a flat point in float64; unchanged if the loss is a different one there.

    It is for an objective that draws random numbers in the precision of its parameters.

    Args:
        loss: at the point, if it is known.
    """
    narrow_point = np.asarray(point)
    if narrow_point.dtype == np.float64:
        return problem, narrow_point
    wide_problem, wide_point = to_float64(problem), narrow_point.astype(np.float64)
    if loss is None:
        with jax.enable_x64(False):
            loss = float(loss_and_gradient(problem, point)[0])
    with jax.enable_x64(True):
        wide_loss = float(jitted_linearize(wide_problem, wide_point).loss)  # its program is needed anyway
    is_same = abs(loss - wide_loss) <= SAME_LOSS_TOLERANCE * max(abs(loss), abs(wide_loss), 1e-30)
    return (wide_problem, wide_point) if is_same else (problem, narrow_point)


def products_in_float64(problem: Problem, point: Any, vectors: np.ndarray) -> Iterator[np.ndarray]:
    """`product_batches` of the problem in float64; nothing if the loss is a different one there."""
    wide_problem, wide_point = problem_in_float64(problem, point)
    if wide_point.dtype == np.float64:
        yield from product_batches(wide_problem, wide_point, vectors)
