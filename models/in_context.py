"""Models that infer a task from its pairs. Inputs are of the kind "tasks" (`objectives.in_context`)."""

from __future__ import annotations

from typing import Annotated

import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .initialization import Activation, output_init
from .language import TransformerBlock
from .model import Model
from .normalization import Normalization


class LinearAttention(nnx.Module):
    """f = (1/n)Σᵢ yᵢ xᵢᵀWx: one head of attention without a softmax, reduced to its product of query and key (von
    Oswald et al. 2023, 2212.07677). With W = ηI it is one step of gradient descent from w = 0 with rate η."""

    def __init__(self, inputs: int, rngs: nnx.Rngs) -> None:
        self.attention = nnx.Linear(inputs, inputs, use_bias=False, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Float[Array, "N T D"], *, train: bool = False) -> Float[Array, "N 1"]:
        gradient = jnp.einsum("nti,nt->ni", x[:, :-1, :-1], x[:, :-1, -1]) / (x.shape[1] - 1)
        return jnp.sum(self.attention(gradient) * x[:, -1, :-1], axis=-1, keepdims=True)


class ContextTransformer(nnx.Module):
    """A Transformer over the pairs and the query without positions, so that the order of the pairs has no effect.
    Its output at the query is the prediction."""

    def __init__(self, inputs: int, layers: int, heads: int, width: int, activation: str, rngs: nnx.Rngs) -> None:
        self.embed = nnx.Linear(inputs, width, kernel_init=output_init, rngs=rngs)
        gain = (2 * layers) ** -0.5  # the variances of the branches sum to one
        self.blocks = nnx.List(TransformerBlock(width, heads, activation, gain, rngs) for _ in range(layers))
        self.norm = Normalization("layer", width, "batch", rngs)
        self.output = nnx.Linear(width, 1, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Float[Array, "N T D"], *, train: bool = False) -> Float[Array, "N 1"]:
        h = self.embed(x)
        for block in self.blocks:
            h = block(h, causal=False)
        return self.output(self.norm(h[:, -1]))


def linear_attention(input_shape: tuple[int, ...], outputs: int, rngs: nnx.Rngs) -> nnx.Module:
    """One head of linear attention, see `LinearAttention`. Its squared error is convex."""
    return LinearAttention(input_shape[-1] - 1, rngs)


def context_transformer(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    layers: Annotated[int, Interval(ge=1, le=8), "number of Transformer blocks"] = 2,
    heads: Annotated[int, Interval(ge=1, le=16), "attention heads, each ⌊width/heads⌋ wide"] = 2,
    width: Annotated[int, Interval(ge=1, le=256), "size of the embedding of a pair"] = 16,
    activation: Activation = "gelu",
) -> nnx.Module:
    """A small Transformer of pairs, see `ContextTransformer`."""
    return ContextTransformer(input_shape[-1], layers, heads, width, activation, rngs)


_TASKS, _VALUES = frozenset({"tasks"}), frozenset({"values"})
_HEADS = tuple((f"*/{name}/kernel", (1, 2)) for name in ("query", "key", "value"))

MODELS = {
    "linear-attention": Model(linear_attention, _TASKS, _VALUES, "Linear attention"),
    "context-transformer": Model(context_transformer, _TASKS, _VALUES, "Transformer of pairs", filter_axes=_HEADS),
}
