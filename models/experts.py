"""Mixtures of experts: Transformers of which each token uses one of several MLPs per block.

The capability "mixture of experts" is the method `predict_and_route(x)`, which gives the logits ["N T V"] and the
router's probabilities ["L N T E"] of every block. Each token goes to the expert with the largest probability.
"""

from __future__ import annotations

from typing import Annotated

import jax
import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float, Int

from .initialization import ACTIVATIONS, Activation, kernel_init, output_init
from .language import CAPABILITIES, HEADS, ROWS, TOKENS, Attention, embed_tokens
from .model import Model
from .normalization import Normalization


class Expert(nnx.Module):
    """An MLP with one hidden layer of 2·width units."""

    def __init__(self, width: int, activation: str, gain: float, rngs: nnx.Rngs) -> None:
        self.activation = activation
        self.expand = nnx.Linear(width, 2 * width, kernel_init=kernel_init(activation), rngs=rngs)
        self.contract = nnx.Linear(2 * width, width, kernel_init=kernel_init("tanh", gain), rngs=rngs)

    def __call__(self, x: Float[Array, "N T D"]) -> Float[Array, "N T D"]:
        return self.contract(ACTIVATIONS[self.activation](self.expand(x)))


class ExpertBlock(nnx.Module):
    """y = x + attention(norm(x)), then y + p_e·E_e(norm(y)) with p = softmax(R norm(y)) and e = argmax p: top-1
    routing (Fedus et al. 2022, arXiv:2101.03961, equation 2).

    The output jumps where two probabilities tie, since another expert is used on the other side. Every expert is
    computed for every token, which on a few tokens costs less than to sort them.
    """

    def __init__(self, width: int, heads: int, experts: int, activation: str, gain: float, rngs: nnx.Rngs) -> None:
        self.norms = nnx.List(Normalization("layer", width, "batch", rngs) for _ in range(2))
        self.attention = Attention(width, heads, gain, rngs)
        self.router = nnx.Linear(width, experts, use_bias=False, kernel_init=output_init, rngs=rngs)
        # p is near 1/E at the start; E·p keeps the variance of a dense block.
        self.experts = nnx.List(Expert(width, activation, gain * experts, rngs) for _ in range(experts))

    def __call__(
        self, x: Float[Array, "N T D"], *, causal: bool
    ) -> tuple[Float[Array, "N T D"], Float[Array, "N T E"]]:
        attention_norm, mlp_norm = self.norms
        x = x + self.attention(attention_norm(x), causal=causal)
        h = mlp_norm(x)
        probabilities = jax.nn.softmax(self.router(h))
        gates = probabilities * dispatch(probabilities)
        return x + sum(gates[..., e, None] * expert(h) for e, expert in enumerate(self.experts)), probabilities


def dispatch(probabilities: Float[Array, "... E"]) -> Float[Array, "... E"]:
    """1 for the expert with the largest probability, the first of those that tie, and 0 for the others."""
    experts = probabilities.shape[-1]
    return jax.nn.one_hot(jnp.argmax(probabilities, axis=-1), experts, dtype=probabilities.dtype)


class ExpertTransformer(nnx.Module):
    """`Transformer` with `ExpertBlock`s."""

    def __init__(
        self,
        length: int,
        vocabulary: int,
        layers: int,
        heads: int,
        width: int,
        experts: int,
        activation: str,
        rngs: nnx.Rngs,
    ) -> None:
        half_variance = nnx.initializers.normal(0.5**0.5)  # token and position together have variance 1
        self.tokens = nnx.Embed(vocabulary, width, embedding_init=half_variance, rngs=rngs)
        self.positions = nnx.Embed(length, width, embedding_init=half_variance, rngs=rngs)
        gain = (2 * layers) ** -0.5  # the variances of the branches sum to one
        self.blocks = nnx.List(ExpertBlock(width, heads, experts, activation, gain, rngs) for _ in range(layers))
        self.norm = Normalization("layer", width, "batch", rngs)
        self.output = nnx.Linear(width, vocabulary, kernel_init=output_init, rngs=rngs)

    def predict_and_route(
        self, x: Int[Array, "N T"], *, train: bool = False, causal: bool = True
    ) -> tuple[Float[Array, "N T V"], Float[Array, "L N T E"]]:
        h = embed_tokens(self.tokens, x) + self.positions.embedding[...][None, : x.shape[1]]
        routes = []
        for block in self.blocks:
            h, probabilities = block(h, causal=causal)
            routes.append(probabilities)
        return self.output(self.norm(h)), jnp.stack(routes)

    def __call__(self, x: Int[Array, "N T"], *, train: bool = False, causal: bool = True) -> Float[Array, "N T V"]:
        return self.predict_and_route(x, causal=causal)[0]


def moe_transformer(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    experts: Annotated[int, Interval(ge=1, le=8), "experts of each block, of which a token uses one"] = 4,
    layers: Annotated[int, Interval(ge=1, le=8), "number of Transformer blocks"] = 1,
    heads: Annotated[int, Interval(ge=1, le=16), "attention heads, each ⌊width/heads⌋ wide"] = 2,
    width: Annotated[int, Interval(ge=1, le=256), "size of the embedding of a token"] = 16,
    activation: Activation = "gelu",
) -> nnx.Module:
    """A small Transformer with experts, see `ExpertTransformer`."""
    return ExpertTransformer(input_shape[0], outputs, layers, heads, width, experts, activation, rngs)


MODELS = {
    "moe-transformer": Model(
        moe_transformer,
        TOKENS,
        TOKENS,
        "Transformer with experts",
        CAPABILITIES | {"mixture of experts"},
        ROWS + HEADS,
    )
}
