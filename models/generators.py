"""Generators: a network that maps noise to points.

Capability "generator": `sample(key, count=n)` gives n points ["n *shape"] from the model's own noise.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Any

import jax
import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .dense import MLP
from .initialization import Activation
from .model import Model


class MLPGenerator(nnx.Module):
    """G(z) for z ~ N(0, I), a multilayer perceptron."""

    def __init__(self, shape: tuple[int, ...], latent: int, width: int, depth: int, activation: str, rngs) -> None:
        self.shape, self.latent = shape, latent
        self.generator = MLP(latent, prod(shape), width, depth, activation, "none", False, "batch", rngs)

    def sample(self, key: Any, *, count: int) -> Float[Array, "N ..."]:
        dtype = jax.tree.leaves(nnx.state(self.generator, nnx.Param))[0].dtype
        noise = jax.random.normal(key, (count, self.latent), jnp.float32).astype(dtype)
        return self.generator(noise).reshape(count, *self.shape)


def generator_mlp(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    latent: Annotated[int, Interval(ge=1, le=64), "number of coordinates of a latent point z"] = 2,
    width: Annotated[int, Interval(ge=1, le=256), "units in each hidden layer"] = 16,
    depth: Annotated[int, Interval(ge=1, le=8), "hidden layers"] = 2,
    activation: Activation = "tanh",
) -> nnx.Module:
    """A generator without an adversary, see `MLPGenerator`."""
    return MLPGenerator(input_shape, latent, width, depth, activation, rngs)


MODELS = {
    "generator-mlp": Model(
        generator_mlp,
        frozenset({"vector"}),
        frozenset({"samples"}),
        "Generator (MLP)",
        frozenset({"generator"}),
    ),
}
