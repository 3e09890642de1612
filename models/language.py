"""Language models: from tokens to the raw outputs (logits) of a distribution over tokens, at every position.

They read inputs of the kind "tokens", whole numbers x["N T"] from 0 to V − 1, and serve as a "language model":
`module(x, *, train=False)` gives ["N T V"], and what it says at a position depends on no later one. One that also
serves as a "bidirectional language model" takes `causal=False` and then reads all positions; the token −1 stands
for a masked one.
"""

from __future__ import annotations

from typing import Annotated

import jax
import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float, Int

from models.initialization import ACTIVATIONS, Activation, kernel_init, output_init
from models.model import Model
from models.normalization import Normalization


def rows(table: nnx.Embed, tokens: Int[Array, "N T"]) -> Float[Array, "N T D"]:
    """The row of each token, and 0 for the token −1. A product with one-hot rows: the gradient of a look-up is a
    scatter, which a processor adds up one by one."""
    weights = table.embedding[...]
    return jax.nn.one_hot(tokens, len(weights), dtype=weights.dtype) @ weights


class Bigram(nnx.Module):
    """f(x)_t = the row of token x_t in a table of V × V logits: the next token depends on this one alone."""

    def __init__(self, vocabulary: int, rngs: nnx.Rngs) -> None:
        near_uniform = nnx.initializers.normal(0.1)
        self.logits = nnx.Embed(vocabulary, vocabulary, embedding_init=near_uniform, rngs=rngs)

    def __call__(self, x: Int[Array, "N T"], *, train: bool = False) -> Float[Array, "N T V"]:
        return rows(self.logits, x)


class Attention(nnx.Module):
    """Σ_s softmax_s(q_t·k_s/√d) v_s for every head, with s ≤ t where it is causal; then one linear layer.

    No biases: one on the keys changes nothing, and those on the values add up to one on the output.
    """

    def __init__(self, width: int, heads: int, gain: float, rngs: nnx.Rngs) -> None:
        shape = (heads, max(1, width // heads))
        self.query, self.key, self.value = (
            nnx.LinearGeneral(width, shape, use_bias=False, kernel_init=output_init, rngs=rngs) for _ in range(3)
        )
        init = kernel_init("tanh", gain)
        self.output = nnx.LinearGeneral(shape, width, axis=(-2, -1), kernel_init=init, rngs=rngs)

    def __call__(self, x: Float[Array, "N T D"], *, causal: bool) -> Float[Array, "N T D"]:
        query, key, value = self.query(x), self.key(x), self.value(x)
        scores = jnp.einsum("nthd,nshd->nhts", query, key) / query.shape[-1] ** 0.5
        if causal:
            seen = jnp.tri(x.shape[1], dtype=bool)[None, None]
            scores = jnp.where(seen, scores, -jnp.inf)
        return self.output(jnp.einsum("nhts,nshd->nthd", jax.nn.softmax(scores), value))


class TransformerBlock(nnx.Module):
    """x + attention(norm(x)), and to that the same of two affine layers with φ and 4·width units between them."""

    def __init__(self, width: int, heads: int, activation: str, gain: float, rngs: nnx.Rngs) -> None:
        self.activation = activation
        self.norms = nnx.List(Normalization("layer", width, "batch", rngs) for _ in range(2))
        self.attention = Attention(width, heads, gain, rngs)
        self.expand = nnx.Linear(width, 4 * width, kernel_init=kernel_init(activation), rngs=rngs)
        self.contract = nnx.Linear(4 * width, width, kernel_init=kernel_init("tanh", gain), rngs=rngs)

    def __call__(self, x: Float[Array, "N T D"], *, causal: bool) -> Float[Array, "N T D"]:
        before, between = self.norms
        x = x + self.attention(before(x), causal=causal)
        return x + self.contract(ACTIVATIONS[self.activation](self.expand(between(x))))


class Transformer(nnx.Module):
    """Decoder-only (Radford et al. 2019): tokens and learned positions are embedded and added, `layers` blocks
    with LayerNorm in front of each branch follow, then a last LayerNorm and one affine layer.

    A masked token adds nothing to its position. A vector of its own would say no more: positions may take it up,
    and tokens give it back.
    """

    def __init__(
        self,
        length: int,
        vocabulary: int,
        layers: int,
        heads: int,
        width: int,
        activation: str,
        rngs: nnx.Rngs,
    ) -> None:
        half = nnx.initializers.normal(0.5**0.5)  # token and position together have variance 1
        self.tokens = nnx.Embed(vocabulary, width, embedding_init=half, rngs=rngs)
        self.positions = nnx.Embed(length, width, embedding_init=half, rngs=rngs)
        gain = (2 * layers) ** -0.5  # the branches' variances add up to one
        self.blocks = nnx.List(TransformerBlock(width, heads, activation, gain, rngs) for _ in range(layers))
        self.norm = Normalization("layer", width, "batch", rngs)
        self.output = nnx.Linear(width, vocabulary, kernel_init=output_init, rngs=rngs)

    def __call__(self, x: Int[Array, "N T"], *, train: bool = False, causal: bool = True) -> Float[Array, "N T V"]:
        h = rows(self.tokens, x) + self.positions.embedding[...][None, : x.shape[1]]
        for block in self.blocks:
            h = block(h, causal=causal)
        return self.output(self.norm(h))


def bigram(input_shape: tuple[int, ...], outputs: int, rngs: nnx.Rngs) -> nnx.Module:
    """A table of logits, see `Bigram`. Under next-token cross-entropy it is convex, and adding one number to all
    logits of a row changes nothing: its Hessian has at least one zero eigenvalue per row."""
    return Bigram(outputs, rngs)


def transformer(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    layers: Annotated[int, Interval(ge=1, le=8), "blocks of attention and two affine layers"] = 1,
    heads: Annotated[int, Interval(ge=1, le=16), "attention heads, each ⌊width/heads⌋ wide"] = 2,
    width: Annotated[int, Interval(ge=1, le=256), "numbers that stand for a token at its position"] = 16,
    activation: Activation = "gelu",
) -> nnx.Module:
    """A small Transformer, see `Transformer`."""
    return Transformer(input_shape[0], outputs, layers, heads, width, activation, rngs)


_TOKENS = frozenset({"tokens"})
_BOTH = frozenset({"language model", "bidirectional language model"})
# A row of a table is what stands for one token; queries, keys and values have outputs along two axes.
_ROWS = (("*/embedding", (0,)),)
_HEADS = tuple((f"*/{name}/kernel", (1, 2)) for name in ("query", "key", "value"))

MODELS = {
    "bigram": Model(bigram, _TOKENS, _TOKENS, "Bigram table", frozenset({"language model"}), _ROWS),
    "transformer": Model(transformer, _TOKENS, _TOKENS, "Transformer", _BOTH, _ROWS + _HEADS),
}
