"""Recurrent language models: one state that is carried from token to token."""

from __future__ import annotations

from typing import Annotated

import jax
import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float, Int

from .initialization import output_init
from .language import embed_tokens
from .model import Model


class GRU(nnx.Module):
    """A gated recurrent unit (Cho et al. 2014, 1406.1078) over embedded tokens, and one affine layer:

    r, z = σ(xW + hU + b),  n = tanh(xWₙ + bₙ + r·(hUₙ)),  h ← (1 − z)·n + z·h,  f = hV + c, with h = 0 before the
    first token. The state reads earlier tokens alone, so that the model is causal.
    """

    def __init__(self, vocabulary: int, width: int, rngs: nnx.Rngs) -> None:
        self.tokens = nnx.Embed(vocabulary, width, embedding_init=nnx.initializers.normal(1.0), rngs=rngs)
        self.read = nnx.Linear(width, 3 * width, kernel_init=output_init, rngs=rngs)
        self.recur = nnx.Linear(width, 3 * width, use_bias=False, kernel_init=output_init, rngs=rngs)
        self.output = nnx.Linear(width, vocabulary, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Int[Array, "N T"], *, train: bool = False) -> Float[Array, "N T V"]:
        inputs = jnp.swapaxes(self.read(embed_tokens(self.tokens, x)), 0, 1)
        kernel = self.recur.kernel[...]

        def step(h: Float[Array, "N D"], z: Float[Array, "N 3D"]) -> tuple[Array, Array]:
            reset_in, update_in, new_in = jnp.split(z, 3, axis=-1)
            reset_h, update_h, new_h = jnp.split(h @ kernel, 3, axis=-1)
            update = jax.nn.sigmoid(update_in + update_h)
            new = jnp.tanh(new_in + jax.nn.sigmoid(reset_in + reset_h) * new_h)
            h = (1 - update) * new + update * h
            return h, h

        start = jnp.zeros((len(x), kernel.shape[0]), inputs.dtype)
        _, states = jax.lax.scan(step, start, inputs)
        return self.output(jnp.swapaxes(states, 0, 1))


def gru(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=256), "size of the state and of the embedding of a token"] = 24,
) -> nnx.Module:
    """A gated recurrent unit, see `GRU`."""
    return GRU(outputs, width, rngs)


_TOKENS = frozenset({"tokens"})

MODELS = {
    "gru": Model(
        gru,
        _TOKENS,
        _TOKENS,
        "Gated recurrent unit",
        frozenset({"language model"}),
        (("*/embedding", (0,)),),
    )
}
