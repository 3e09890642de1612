"""log softmax, and −log σ for two classes, with derivatives that stay accurate where the model is certain.

The second derivatives of `jax.nn` subtract p from 1 where p is near 1: σ(x)σ(−x) has no correct digit at |x| = 16
in float32 and at 37 in float64, on the side where the loss is large. Here 1 − p is the sum of the other
probabilities, and derivatives of every order are products of numbers that are right to a few ulp.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

NEAR_LOGITS = 0.01  # classes within this of the largest logit count as largest


@jax.custom_jvp
def sigmoid(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """σ(x) = 1/(1 + e⁻ˣ), whose derivative is σ(x)·σ(−x)."""
    return jax.nn.sigmoid(x)


@sigmoid.defjvp
def _(primals: Any, tangents: Any) -> tuple[Any, Any]:
    (x,), (step,) = primals, tangents
    return sigmoid(x), sigmoid(x) * sigmoid(-x) * step


@jax.custom_jvp
def softplus(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """log(1 + eˣ) = −log σ(−x), whose derivative is σ(x)."""
    return jnp.maximum(x, 0) + jnp.log1p(jnp.exp(-jnp.abs(x)))


@softplus.defjvp
def _(primals: Any, tangents: Any) -> tuple[Any, Any]:
    (x,), (step,) = primals, tangents
    return softplus(x), sigmoid(x) * step


@jax.custom_jvp
def softmax(x: Float[Array, "... C"]) -> Float[Array, "... C"]:
    """p_c = e^(x_c) / Σ e^x over the last axis; dp = p·(dx − Σ p·dx), with dx relative to the largest class, so
    that no class subtracts two large numbers."""
    return jax.nn.softmax(x)


@softmax.defjvp
def _(primals: Any, tangents: Any) -> tuple[Any, Any]:
    (x,), (step,) = primals, tangents
    p, step = softmax(x), _relative_to_largest(x, step)
    return p, p * (step - jnp.sum(p * step, axis=-1, keepdims=True))


@jax.custom_jvp
def log_softmax(x: Float[Array, "... C"]) -> Float[Array, "... C"]:
    """log p with p as in `softmax`; the derivative is dx − Σ p·dx, relative to the largest class."""
    return jax.nn.log_softmax(x)


@log_softmax.defjvp
def _(primals: Any, tangents: Any) -> tuple[Any, Any]:
    (x,), (step,) = primals, tangents
    step = _relative_to_largest(x, step)
    return log_softmax(x), step - jnp.sum(softmax(x) * step, axis=-1, keepdims=True)


def _relative_to_largest(x: Any, step: Any) -> Any:
    # By comparison, because XLA computes an argmax on a CPU one number at a time. XLA may compute x twice and
    # round it differently, so values near the largest count too, and their mean is subtracted.
    top = jnp.max(x, axis=-1, keepdims=True)
    near = NEAR_LOGITS + 16 * jnp.finfo(x.dtype).eps * jnp.abs(top)
    largest = (x >= top - near).astype(step.dtype)
    count = jnp.maximum(jnp.sum(largest, axis=-1, keepdims=True), 1)
    return step - jnp.sum(largest * step, axis=-1, keepdims=True) / count
