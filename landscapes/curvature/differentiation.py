"""Derivatives as linear maps, in forward mode if JAX allows it and in reverse mode otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.tree_util import Partial

from landscapes.evaluation.batching import map_rows
from landscapes.evaluation.jaxprs import primitives_of


def linear_map(function: Callable[[Any], Any], point: Any, *, symmetric: bool = False) -> tuple[Any, Any]:
    """f(x), and its Jacobian J at x as a function v ↦ Jv that is a pytree.

    JAX refuses forward mode for a function under `jax.custom_vjp` whose forward rule calls the function itself, as
    `odeint`, implicit layers and fused losses do. Jv is then computed in reverse mode. If J is symmetric, as a
    Hessian is, Jv is computed as Jᵀv at about the cost of forward mode; otherwise as the transpose of u ↦ Jᵀu, at
    up to twice the cost. The choice is made at trace time, so calls with equal shapes trace nothing.
    """
    value, forward = jax.linearize(function, point)
    # JAX raises only when the map is applied, from a placeholder primitive in it.
    if "custom_lin" not in primitives_of(jax.make_jaxpr(forward)(point).jaxpr):
        return value, forward
    value, vjp = jax.vjp(function, point)
    if symmetric:
        return value, Partial(_apply, vjp)
    _, jvp = jax.vjp(lambda u: vjp(u)[0], jax.tree.map(jnp.zeros_like, value))
    return value, Partial(_apply, jvp)


def gradient_and_hessian(loss: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """∇L and the dense Hessian at a flat point."""
    gradient, product = linear_map(jax.grad(loss), x, symmetric=True)
    return gradient, map_rows(product, jnp.eye(len(x), dtype=x.dtype)).T


def _apply(linear: Callable[[Any], tuple[Any]], vector: Any) -> Any:
    return linear(vector)[0]
