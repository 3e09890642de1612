"""Twins: an online network with a predictor, and a target network that has the same encoder.

A module with the capability "twins" has three methods. `predict(x)` is the predictor's output q(f_θ(x)),
`embed_by_target(x)` the target's f_ξ(x), and the module itself f_θ(x), each ["N outputs"]. The parameters are
online: {encoder, predictor} and target: {encoder}, with encoders of one structure.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Any

import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .dense import MLP
from .initialization import Activation
from .model import Model


class Online(nnx.Module):
    """An encoder and a linear predictor, which begins as a multiple of the identity."""

    def __init__(self, encoder: nnx.Module, outputs: int, predictor: float) -> None:
        self.encoder = encoder
        self.predictor = nnx.Param(predictor * jnp.eye(outputs))


class Target(nnx.Module):
    """An encoder."""

    def __init__(self, encoder: nnx.Module) -> None:
        self.encoder = encoder


class Twins(nnx.Module):
    """Two encoders that begin alike."""

    def __init__(self, online: Any, target: Any, outputs: int, predictor: float) -> None:
        self.online = Online(online, outputs, predictor)
        self.target = Target(target)

    def __call__(self, x: Float[Array, "N ..."], *, train: bool = False) -> Float[Array, "N E"]:
        return self.online.encoder(x.reshape(len(x), -1))

    def predict(self, x: Float[Array, "N ..."]) -> Float[Array, "N E"]:
        return self(x) @ self.online.predictor[...]

    def embed_by_target(self, x: Float[Array, "N ..."]) -> Float[Array, "N E"]:
        return self.target.encoder(x.reshape(len(x), -1))


_Start = Interval(ge=-4, le=4)
PREDICTOR_DOC = "the predictor at the start, times the identity"


def linear_twins(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    weight: Annotated[float, _Start, "singular values of the encoder's kernel at the start"] = 1.3,
    predictor: Annotated[float, _Start, PREDICTOR_DOC] = 1.4,
) -> nnx.Module:
    """Encoders f(x) = xW without bias. The first entry of W has the sign of its singular values at the start."""
    kernel = nnx.initializers.orthogonal()(rngs.params(), (prod(input_shape), outputs), jnp.float32)
    kernel = weight * kernel * jnp.where(kernel[0, 0] < 0, -1, 1)
    online, target = (nnx.Linear(prod(input_shape), outputs, use_bias=False, rngs=rngs) for _ in range(2))
    for layer in (online, target):
        layer.kernel[...] = kernel
    return Twins(online, target, outputs, predictor)


def mlp_twins(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=256), "units in each hidden layer"] = 16,
    depth: Annotated[int, Interval(ge=1, le=8), "hidden layers"] = 1,
    activation: Activation = "tanh",
    predictor: Annotated[float, _Start, PREDICTOR_DOC] = 1.4,
) -> nnx.Module:
    """Encoders that are multilayer perceptrons."""
    size = prod(input_shape)
    online, target = (MLP(size, outputs, width, depth, activation, "none", False, "batch", rngs) for _ in range(2))
    nnx.update(target, nnx.state(online))
    return Twins(online, target, outputs, predictor)


_ANY = frozenset({"vector", "image"})
_TARGETS = frozenset({"classes", "values"})

MODELS = {
    "linear-twins": Model(linear_twins, _ANY, _TARGETS, "Twins of linear encoders", frozenset({"twins"})),
    "mlp-twins": Model(mlp_twins, _ANY, _TARGETS, "Twins of multilayer perceptrons", frozenset({"twins"})),
}
