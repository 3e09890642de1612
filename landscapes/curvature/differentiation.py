"""Derivatives as linear maps, by forward mode where JAX allows it and by reverse mode where it does not."""

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

    Forward mode refuses a function under `jax.custom_vjp` that its own forward rule calls again, as `odeint`,
    implicit layers and fused losses do. Then Jv is computed in reverse mode: as Jᵀv where J is symmetric, as a
    Hessian is, at about the cost of forward mode; otherwise as the transpose of u ↦ Jᵀu, at up to twice the cost.
    The choice is made while the program is traced, so calls with equal shapes trace nothing.
    """
    value, forward = jax.linearize(function, point)
    # JAX raises only when the map is applied, from a placeholder that it leaves in it.
    if "custom_lin" not in primitives_of(jax.make_jaxpr(forward)(point).jaxpr):
        return value, forward
    value, pull = jax.vjp(function, point)
    if symmetric:
        return value, Partial(_single, pull)
    _, push = jax.vjp(lambda u: pull(u)[0], jax.tree.map(jnp.zeros_like, value))
    return value, Partial(_single, push)


def gradient_and_hessian(loss: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """∇L and the whole Hessian at a flat point."""
    gradient, product = linear_map(jax.grad(loss), x, symmetric=True)
    return gradient, map_rows(product, jnp.eye(len(x), dtype=x.dtype)).T


def _single(pull: Callable[[Any], tuple[Any]], vector: Any) -> Any:
    return pull(vector)[0]
