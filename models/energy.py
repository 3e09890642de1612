"""Energy-based models: a density that is known up to a factor.

A module with the capability "energy" has the method `energy(x["N D"])`, which returns E(x), ["N"], of the density
p(x) = exp(−E(x))/Z with Z = ∫exp(−E).
"""

from __future__ import annotations

from math import prod
from typing import Annotated

import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .dense import MLP
from .initialization import Activation
from .model import Model


class Energy(nnx.Module):
    """E(x) = ‖x‖²/2s² + f(x) with a multilayer perceptron f, whose output bias is a part of log Z. f grows at most
    linearly in x, so that Z is finite."""

    def __init__(
        self, size: int, deviation: float, width: int, depth: int, activation: str, rngs: nnx.Rngs
    ) -> None:
        self.deviation = deviation
        self.network = MLP(size, 1, width, depth, activation, "none", False, "batch", rngs)

    def energy(self, x: Float[Array, "N D"]) -> Float[Array, "N"]:
        return 0.5 * jnp.sum(x**2, axis=-1) / self.deviation**2 + self.network(x)[:, 0]


def energy_mlp(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=256), "units in each hidden layer"] = 24,
    depth: Annotated[int, Interval(ge=1, le=8), "hidden layers"] = 2,
    activation: Activation = "silu",
) -> nnx.Module:
    """An energy with a Gaussian of standard deviation 1.5 around it, see `Energy`."""
    return Energy(prod(input_shape), 1.5, width, depth, activation, rngs)


MODELS = {
    "energy-mlp": Model(
        energy_mlp,
        frozenset({"vector"}),
        frozenset({"samples", "none"}),
        "Energy (Gaussian and MLP)",
        frozenset({"energy"}),
    ),
}
