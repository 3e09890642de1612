"""Language models: from tokens to the logits of a distribution over tokens at every position.

Their inputs are of the kind "tokens": integers x["N T"] from 0 to V − 1. The capability "language model" is
`module(x, *, train=False)` with outputs ["N T V"], where the outputs at a position depend on no later position. A
"bidirectional language model" also takes `causal=False` and then reads all positions; the token −1 is a masked
token.
"""

from __future__ import annotations

from typing import Annotated

import jax
import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float, Int

from .initialization import ACTIVATIONS, Activation, kernel_init, output_init
from .model import Model
from .normalization import Normalization


def embed_tokens(table: nnx.Embed, tokens: Int[Array, "N T"]) -> Float[Array, "N T D"]:
    """The row of each token, and 0 for the token −1. It is computed as a product with one-hot rows: the gradient
    of a lookup is a scatter, which a CPU adds one by one."""
    weights = table.embedding[...]
    return jax.nn.one_hot(tokens, len(weights), dtype=weights.dtype) @ weights


class Bigram(nnx.Module):
    """f(x)_t = row x_t of a table of V × V logits: the next token depends on the current token alone."""

    def __init__(self, vocabulary: int, rngs: nnx.Rngs) -> None:
        near_uniform = nnx.initializers.normal(0.1)
        self.logits = nnx.Embed(vocabulary, vocabulary, embedding_init=near_uniform, rngs=rngs)

    def __call__(self, x: Int[Array, "N T"], *, train: bool = False) -> Float[Array, "N T V"]:
        return embed_tokens(self.logits, x)


class Attention(nnx.Module):
    """Σ_s softmax_s(q_t·k_s/√d) v_s for every head, with s ≤ t if causal; then one linear layer.

    There are no biases on queries, keys and values: a bias on the keys has no effect, and one on the values is
    equivalent to one on the output.
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
            causal_mask = jnp.tri(x.shape[1], dtype=bool)[None, None]
            scores = jnp.where(causal_mask, scores, -jnp.inf)
        return self.output(jnp.einsum("nhts,nshd->nthd", jax.nn.softmax(scores), value))


class TransformerBlock(nnx.Module):
    """y = x + attention(norm(x)), then y + mlp(norm(y)) with one hidden layer of 4·width units."""

    def __init__(self, width: int, heads: int, activation: str, gain: float, rngs: nnx.Rngs) -> None:
        self.activation = activation
        self.norms = nnx.List(Normalization("layer", width, "batch", rngs) for _ in range(2))
        self.attention = Attention(width, heads, gain, rngs)
        self.expand = nnx.Linear(width, 4 * width, kernel_init=kernel_init(activation), rngs=rngs)
        self.contract = nnx.Linear(4 * width, width, kernel_init=kernel_init("tanh", gain), rngs=rngs)

    def __call__(self, x: Float[Array, "N T D"], *, causal: bool) -> Float[Array, "N T D"]:
        attention_norm, mlp_norm = self.norms
        x = x + self.attention(attention_norm(x), causal=causal)
        return x + self.contract(ACTIVATIONS[self.activation](self.expand(mlp_norm(x))))


class TiedOutput(nnx.Module):
    """f(h) = hEᵀ/√D + b with the embeddings E["V D"] of the tokens; b is its only parameter."""

    def __init__(self, vocabulary: int) -> None:
        self.bias = nnx.Param(jnp.zeros(vocabulary, jnp.float32))

    def __call__(self, h: Float[Array, "N T D"], table: nnx.Embed) -> Float[Array, "N T V"]:
        return h @ table.embedding[...].T / h.shape[-1] ** 0.5 + self.bias[...][None, None]


class Transformer(nnx.Module):
    """A decoder-only Transformer (Radford et al. 2019): the sum of token and learned position embeddings, `layers`
    blocks with LayerNorm before each branch, a last LayerNorm and one affine layer.

    With `tied` the kernel of the last layer is Eᵀ/√D, with E["V D"] the embeddings of the tokens (Press & Wolf
    2017, arXiv:1608.05859). The factor keeps the logits of the start near variance 1/2, as in T5.

    The embedding of a masked token is 0. An embedding m of its own would be redundant: adding m to the positions
    and subtracting it from the tokens gives the same function.
    """

    def __init__(
        self,
        length: int,
        vocabulary: int,
        layers: int,
        heads: int,
        width: int,
        activation: str,
        tied: bool,
        rngs: nnx.Rngs,
    ) -> None:
        half_variance = nnx.initializers.normal(0.5**0.5)  # token and position together have variance 1
        self.tokens = nnx.Embed(vocabulary, width, embedding_init=half_variance, rngs=rngs)
        self.positions = nnx.Embed(length, width, embedding_init=half_variance, rngs=rngs)
        gain = (2 * layers) ** -0.5  # the variances of the branches sum to one
        self.blocks = nnx.List(TransformerBlock(width, heads, activation, gain, rngs) for _ in range(layers))
        self.norm = Normalization("layer", width, "batch", rngs)
        # A tied head has a bias of its own only.
        self.output = (
            TiedOutput(vocabulary) if tied else nnx.Linear(width, vocabulary, kernel_init=output_init, rngs=rngs)
        )

    def __call__(self, x: Int[Array, "N T"], *, train: bool = False, causal: bool = True) -> Float[Array, "N T V"]:
        h = embed_tokens(self.tokens, x) + self.positions.embedding[...][None, : x.shape[1]]
        for block in self.blocks:
            h = block(h, causal=causal)
        h = self.norm(h)
        return self.output(h, self.tokens) if isinstance(self.output, TiedOutput) else self.output(h)


def bigram(input_shape: tuple[int, ...], outputs: int, rngs: nnx.Rngs) -> nnx.Module:
    """A table of logits, see `Bigram`. Its next-token cross-entropy is convex. Adding a constant to all logits of
    a row does not change it, so the Hessian has at least one zero eigenvalue per row."""
    return Bigram(outputs, rngs)


def transformer(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    layers: Annotated[int, Interval(ge=1, le=8), "number of Transformer blocks"] = 1,
    heads: Annotated[int, Interval(ge=1, le=16), "attention heads, each ⌊width/heads⌋ wide"] = 2,
    width: Annotated[int, Interval(ge=1, le=256), "size of the embedding of a token"] = 16,
    activation: Activation = "gelu",
    tied: Annotated[bool, "whether the output layer shares the embeddings of the tokens"] = False,
) -> nnx.Module:
    """A small Transformer, see `Transformer`."""
    return Transformer(input_shape[0], outputs, layers, heads, width, activation, tied, rngs)


TOKENS = frozenset({"tokens"})
CAPABILITIES = frozenset({"language model", "bidirectional language model"})
# The filters of an embedding are its rows; queries, keys and values have two output axes.
ROWS = (("*/embedding", (0,)),)
HEADS = tuple((f"*/{name}/kernel", (1, 2)) for name in ("query", "key", "value"))

MODELS = {
    "bigram": Model(bigram, TOKENS, TOKENS, "Bigram table", frozenset({"language model"}), ROWS),
    "transformer": Model(transformer, TOKENS, TOKENS, "Transformer", CAPABILITIES, ROWS + HEADS),
}
