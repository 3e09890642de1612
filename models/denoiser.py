"""Models that predict what a noisy example x_t = αx + σε was made of.

A module with the capability "denoiser" has the method `predict(x["N D"], alpha["N 1"], sigma["N 1"], a["N 1"],
b["N 1"])`, which returns a prediction ["N D"] of ax + bε from x_t: of the noise with a = 0 and b = 1, of a
velocity with a = 1 and b = −1.
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
from .model import Model, always_fixed


class Denoiser(nnx.Module):
    """A multilayer perceptron of x_t/√(α² + σ²) and of sines and cosines of multiples of φ = atan2(σ, α).

    Its outputs are taken as the prediction, whatever a and b are.
    """

    def __init__(
        self, size: int, width: int, depth: int, activation: str, frequencies: int, rngs: nnx.Rngs
    ) -> None:
        self.frequencies = frequencies
        inputs = size + 2 * frequencies
        self.network = MLP(inputs, size, width, depth, activation, "none", False, "batch", rngs)

    def predict(
        self,
        x: Float[Array, "N D"],
        alpha: Float[Array, "N 1"],
        sigma: Float[Array, "N 1"],
        a: Float[Array, "N 1"],
        b: Float[Array, "N 1"],
    ) -> Float[Array, "N D"]:
        angles = jnp.arctan2(sigma, alpha) * jnp.arange(1, self.frequencies + 1, dtype=x.dtype)[None]
        scaled = x / jnp.sqrt(alpha**2 + sigma**2)
        return self.network(jnp.concatenate([scaled, jnp.cos(angles), jnp.sin(angles)], axis=-1))


class GaussianDenoiser(nnx.Module):
    """The best denoiser of x ~ N(μ, diag s²), of which μ and log s are the parameters:

    E[ε|x_t] = σ(x_t − αμ)/(α²s² + σ²) and E[x|x_t] = μ + αs²(x_t − αμ)/(α²s² + σ²).
    """

    def __init__(self, size: int, location: float, deviation: float) -> None:
        self.mean = nnx.Param(jnp.full(size, location, jnp.float32))
        self.log_deviation = nnx.Param(jnp.full(size, jnp.log(deviation), jnp.float32))

    def predict(
        self,
        x: Float[Array, "N D"],
        alpha: Float[Array, "N 1"],
        sigma: Float[Array, "N 1"],
        a: Float[Array, "N 1"],
        b: Float[Array, "N 1"],
    ) -> Float[Array, "N D"]:
        mean, variance = self.mean[...][None], jnp.exp(2 * self.log_deviation[...])[None]
        offset = (x - alpha * mean) / (alpha**2 * variance + sigma**2)
        return a * (mean + alpha * variance * offset) + b * sigma * offset


def denoiser(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=256), "units in each hidden layer"] = 32,
    depth: Annotated[int, Interval(ge=1, le=8), "hidden layers"] = 2,
    activation: Activation = "silu",
    frequencies: Annotated[int, Interval(ge=1, le=16), "multiples of the angle of the noise level"] = 3,
) -> nnx.Module:
    """A multilayer perceptron that reads the noise level, see `Denoiser`."""
    return Denoiser(prod(input_shape), width, depth, activation, frequencies, rngs)


def gaussian_denoiser(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    location: Annotated[float, Interval(ge=-10, le=10), "each mean at the start"] = 1.0,
    deviation: Annotated[float, Interval(gt=0, le=10), "each standard deviation at the start"] = 0.5,
) -> nnx.Module:
    """The best denoiser of a Gaussian, see `GaussianDenoiser`. It does not depend on the seed."""
    return GaussianDenoiser(prod(input_shape), location, deviation)


_VECTORS, _DENOISER = frozenset({"vector"}), frozenset({"denoiser"})
_TARGETS = frozenset({"samples", "none"})

MODELS = {
    "denoiser": Model(denoiser, _VECTORS, _TARGETS, "Denoiser (MLP of x and noise level)", _DENOISER),
    "gaussian-denoiser": Model(
        gaussian_denoiser,
        _VECTORS,
        _TARGETS,
        "Best denoiser of a Gaussian",
        _DENOISER,
        has_fixed_start=always_fixed,
    ),
}
