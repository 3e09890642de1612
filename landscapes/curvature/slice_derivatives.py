"""Derivatives of a loss at a point of a plane: in the whole space, and in the slice."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Float

from landscapes.curvature.hessian import Hessian, linearize
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.plane import Plane
from landscapes.problem import Problem


def flat_rows(tree: Any, leading: tuple[int, ...]) -> Float[np.ndarray, "... n"]:
    """The leaves flattened behind these leading axes, in float64. NumPy compiles nothing."""
    leaves = [np.reshape(np.asarray(leaf, np.float64), (*leading, -1)) for leaf in jax.tree.leaves(tree)]
    return np.concatenate(leaves, axis=-1)


@jit_with_fast_compile
def linearize_at(problem: Problem, plane: Plane, coordinates: Any) -> tuple[Any, Any, Any, Hessian]:
    """The flat point at these coordinates, the loss there, the slice's directions["K n"] and the Hessian."""
    params = plane.point(coordinates)
    point, _ = ravel_pytree(params)
    directions = jax.vmap(lambda d: ravel_pytree(d)[0])(plane.basis)
    # The loss is returned because derivatives can be finite where it is NaN, such as those of ln y for y < 0.
    return point, problem.loss(params), directions, linearize(problem, point)


@jit_with_fast_compile
def slice_derivatives(hessian: Hessian, directions: Any) -> tuple[Any, Any, Any]:
    """The Hessian of the slice, the norm of the full gradient, and the components of the gradient in the slice."""
    slice_hessian = jnp.dot(hessian(directions), directions.T, precision="highest")
    slopes = jnp.dot(directions, hessian.gradient, precision="highest")
    return slice_hessian, jnp.linalg.norm(hessian.gradient), slopes


def cast_to_float32(leaf: Any) -> Any:
    """The leaf in float32 if it is floating point."""
    return jnp.asarray(leaf, jnp.float32) if jnp.issubdtype(jnp.result_type(leaf), jnp.floating) else leaf
