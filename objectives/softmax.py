"""log softmax, and −log σ for two classes, with derivatives that keep their digits where the model is sure.

Those of `jax.nn` hold p near 1 as a number near 1, and their second derivative takes 1 − p from it: of σ(x)σ(−x)
float32 has lost every digit at |x| = 16 and float64 at 37, on the side where the loss is large. Here 1 − p is what
the others have together, and derivatives of every order are products of numbers computed to a few ulp.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

NEAR = 0.01  # between two classes of which the model is sure of neither


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
    """p_c = e^(x_c) / Σ e^x over the last axis; dp = p·(dx − Σ p·dx), with dx taken relative to the largest class,
    so that neither that class nor another is left with the difference of two large numbers."""
    return jax.nn.softmax(x)


@softmax.defjvp
def _(primals: Any, tangents: Any) -> tuple[Any, Any]:
    (x,), (step,) = primals, tangents
    share, step = softmax(x), _beside_largest(x, step)
    return share, share * (step - jnp.sum(share * step, axis=-1, keepdims=True))


@jax.custom_jvp
def log_softmax(x: Float[Array, "... C"]) -> Float[Array, "... C"]:
    """log p, p as in `softmax`; its derivative is dx − Σ p·dx, relative to the largest class."""
    return jax.nn.log_softmax(x)


@log_softmax.defjvp
def _(primals: Any, tangents: Any) -> tuple[Any, Any]:
    (x,), (step,) = primals, tangents
    step = _beside_largest(x, step)
    return log_softmax(x), step - jnp.sum(softmax(x) * step, axis=-1, keepdims=True)


def _beside_largest(x: Any, step: Any) -> Any:
    # By comparison: XLA finds an argmax on a CPU number by number. But it may compute x twice and round it
    # otherwise the second time, so what nearly equals the largest counts too: the mean of several will do.
    top = jnp.max(x, axis=-1, keepdims=True)
    near = NEAR + 16 * jnp.finfo(x.dtype).eps * jnp.abs(top)
    largest = (x >= top - near).astype(step.dtype)
    count = jnp.maximum(jnp.sum(largest, axis=-1, keepdims=True), 1)
    return step - jnp.sum(largest * step, axis=-1, keepdims=True) / count
