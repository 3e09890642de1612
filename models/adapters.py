"""Low-rank adapters: a Transformer whose weights are constants and whose every linear layer has an adapter.

The parameters are the adapters alone; the base is part of the state. Its weights come from a short training on a
Markov chain of its own, drawn from the seed, so that fine-tuning starts from a model that knows something else.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Any

import jax
import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float, Int

from .initialization import Activation, output_init
from .language import CAPABILITIES, TOKENS, Transformer
from .model import Constant, Model, split

SEQUENCES = 32  # of the chain that the base is trained on
SPREAD = 1.0  # standard deviation of the logits of the chain's table
RATE, MOMENTUM = 0.1, 0.9

Layer = Any  # nnx.Linear or nnx.LinearGeneral


class LowRank(nnx.Module):
    """f(x) = xW + b + (xA)B: the layer W, b is constant, A["I R"] and B["R O"] are the parameters (Hu et al.
    2021, arXiv:2106.09685). A is drawn with variance 1/I and B is 0, so that the layer starts as its base. The
    factor α/r of the paper is 1."""

    def __init__(self, base: Layer, rank: int, rngs: nnx.Rngs) -> None:
        self.base = base
        self.axes = len(base.axis) if isinstance(base, nnx.LinearGeneral) else 1  # that are contracted
        shape = base.kernel.shape
        inputs, outputs = prod(shape[: self.axes]), prod(shape[self.axes :])
        self.outputs = shape[self.axes :]
        self.down = nnx.Linear(inputs, rank, use_bias=False, kernel_init=output_init, rngs=rngs)
        self.up = nnx.Linear(rank, outputs, use_bias=False, kernel_init=nnx.initializers.zeros_init(), rngs=rngs)

    def __call__(self, x: Float[Array, "N T ..."]) -> Float[Array, "N T ..."]:
        flat = x.reshape(*x.shape[: x.ndim - self.axes], -1)
        update = self.up(self.down(flat))
        return self.base(x) + update.reshape(*update.shape[:-1], *self.outputs)


class LowRankTransformer(nnx.Module):
    """The Transformer `base` with its weights as constants and an adapter on each linear layer: queries, keys,
    values and outputs of attention, both layers of each MLP, and the logits."""

    def __init__(self, base: Transformer, rank: int, rngs: nnx.Rngs) -> None:
        for _, module in list(nnx.iter_modules(base)):
            for name, value in list(vars(module).items()):
                if isinstance(value, nnx.Param):
                    setattr(module, name, Constant(value[...]))
        for block in base.blocks:
            for owner, names in (
                (block.attention, ("query", "key", "value", "output")),
                (block, ("expand", "contract")),
            ):
                for name in names:
                    setattr(owner, name, LowRank(getattr(owner, name), rank, rngs))
        base.output = LowRank(base.output, rank, rngs)
        self.adapted = base

    def __call__(self, x: Int[Array, "N T"], *, train: bool = False, causal: bool = True) -> Float[Array, "N T V"]:
        return self.adapted(x, causal=causal)


def markov_sequences(key: Any, length: int, vocabulary: int) -> Int[Array, "N T+1"]:
    """Sequences of a Markov chain whose table is drawn from the key: softmax rows of N(0, `SPREAD`²)."""
    table_key, first_key, next_key = jax.random.split(key, 3)
    table = SPREAD * jax.random.normal(table_key, (vocabulary, vocabulary), jnp.float32)
    first = jax.random.randint(first_key, (SEQUENCES,), 0, vocabulary)

    def step(token: Array, step_key: Any) -> tuple[Array, Array]:
        following = jax.random.categorical(step_key, table[token])
        return following, following

    _, rest = jax.lax.scan(step, first, jax.random.split(next_key, length))
    return jnp.concatenate([first[None], rest]).T


def pretrained(base: Transformer, steps: int, key: Any, length: int, vocabulary: int) -> Transformer:
    """The Transformer after `steps` of gradient descent with momentum (rate 0.1, β = 0.9) on the next token of
    `markov_sequences`."""
    tokens = markov_sequences(key, length, vocabulary)
    graph, params, _ = split(base)

    def loss(params: Any) -> Array:
        logits = nnx.merge(graph, params)(tokens[:, :-1])
        truth = jax.nn.one_hot(tokens[:, 1:], vocabulary, dtype=logits.dtype)
        return -jnp.mean(jnp.sum(truth * jax.nn.log_softmax(logits), axis=-1))

    def step(carry: Any, _: None) -> tuple[Any, None]:
        params, velocity = carry
        velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, jax.grad(loss)(params))
        return (jax.tree.map(lambda p, v: p - RATE * v, params, velocity), velocity), None

    (params, _), _ = jax.lax.scan(step, (params, jax.tree.map(jnp.zeros_like, params)), length=steps)
    return nnx.merge(graph, params)


def lora_transformer(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    rank: Annotated[int, Interval(ge=1, le=64), "r, rank of the adapter of each matrix"] = 2,
    pretraining: Annotated[int, Interval(ge=0, le=1000), "steps that the base is trained on another text"] = 60,
    layers: Annotated[int, Interval(ge=1, le=8), "number of Transformer blocks"] = 1,
    heads: Annotated[int, Interval(ge=1, le=16), "attention heads, each ⌊width/heads⌋ wide"] = 2,
    width: Annotated[int, Interval(ge=1, le=256), "size of the embedding of a token"] = 16,
    activation: Activation = "gelu",
) -> nnx.Module:
    """A Transformer of which only low-rank adapters are trained, see `LowRankTransformer`."""
    (length,) = input_shape
    base = Transformer(length, outputs, layers, heads, width, activation, False, rngs)
    if pretraining:
        base = pretrained(base, pretraining, rngs.params(), length, outputs)
    return LowRankTransformer(base, rank, rngs)


MODELS = {
    "lora-transformer": Model(
        lora_transformer, TOKENS, TOKENS, "Transformer with low-rank adapters (LoRA)", CAPABILITIES
    )
}
