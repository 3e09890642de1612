"""Generative adversarial networks: generator and discriminator as attributes of one module.

A module with the capability "adversaries" has two methods. `sample(key, count=N)` returns the generator's outputs
["N *input_shape"] for N random latent points, which are drawn in float32 whatever the precision.
`discriminate(x["N *input_shape"])` returns one logit per example, ["N"], positive where x is classified as real.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Any, Literal

import jax
import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .dense import MLP
from .initialization import Activation
from .model import Model, always_fixed

_StartRange = Interval(ge=-10, le=10)


class PointGenerator(nnx.Module):
    """A generator with a constant output: G(z) = θ."""

    def __init__(self, location: float) -> None:
        self.location = nnx.Param(jnp.asarray(location, jnp.float32))


class LinearDiscriminator(nnx.Module):
    """A linear discriminator without a bias: D(x) = ψx."""

    def __init__(self, slope: float) -> None:
        self.slope = nnx.Param(jnp.asarray(slope, jnp.float32))


class DiracGAN(nnx.Module):
    """G(z) = θ against D(x) = ψx, the smallest adversarial game with the dynamics of large ones (Mescheder et al.
    2018)."""

    def __init__(self, location: float, slope: float) -> None:
        self.generator = PointGenerator(location)
        self.discriminator = LinearDiscriminator(slope)

    def sample(self, key: Any, *, count: int) -> Float[Array, "N 1"]:
        return jnp.broadcast_to(self.generator.location[...], (count, 1))

    def discriminate(self, x: Float[Array, "N 1"]) -> Float[Array, "N"]:
        return self.discriminator.slope[...] * x[:, 0]


class MLPAdversaries(nnx.Module):
    """Two multilayer perceptrons: G from a standard normal latent point to an example, D from an example to a
    logit."""

    def __init__(
        self, shape: tuple[int, ...], latent: int, width: int, depth: int, activation: str, pixels: bool, rngs
    ) -> None:
        self.shape, self.latent, self.pixels = shape, latent, pixels
        size, options = prod(shape), (width, depth, activation, "none", False, "batch", rngs)
        self.generator = MLP(latent, size, *options)
        self.discriminator = MLP(size, 1, *options)

    def sample(self, key: Any, *, count: int) -> Float[Array, "N ..."]:
        dtype = jax.tree.leaves(nnx.state(self.generator, nnx.Param))[0].dtype
        noise = jax.random.normal(key, (count, self.latent), jnp.float32).astype(dtype)
        samples = self.generator(noise)
        samples = jax.nn.sigmoid(samples) if self.pixels else samples
        return samples.reshape(count, *self.shape)

    def discriminate(self, x: Float[Array, "N ..."]) -> Float[Array, "N"]:
        return self.discriminator(x)[:, 0]


def dirac_gan(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    location: Annotated[float, _StartRange, "θ at the start, the generator's output"] = 1.0,
    slope: Annotated[float, _StartRange, "ψ at the start, the discriminator's slope"] = 0.2,
) -> nnx.Module:
    """The Dirac-GAN of two parameters, see `DiracGAN`. It does not depend on the seed.

    Raises:
        ValueError: for examples of more than one number.
    """
    if input_shape != (1,):
        raise ValueError("the Dirac-GAN generates one number; choose gan-mlp for other data")
    return DiracGAN(location, slope)


def gan_mlp(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    latent: Annotated[int, Interval(ge=1, le=64), "number of coordinates of a latent point z"] = 2,
    width: Annotated[int, Interval(ge=1, le=256), "units in each hidden layer of either player"] = 12,
    depth: Annotated[int, Interval(ge=1, le=8), "hidden layers of either player"] = 2,
    activation: Activation = "tanh",
    output: Annotated[
        Literal["linear", "sigmoid"], "output of the generator; sigmoid for pixels in [0, 1]"
    ] = "linear",
) -> nnx.Module:
    """A generator and a discriminator of the same widths, see `MLPAdversaries`."""
    return MLPAdversaries(input_shape, latent, width, depth, activation, output == "sigmoid", rngs)


_ADVERSARIES = frozenset({"adversaries"})
_SAMPLES = frozenset({"samples"})

MODELS = {
    "dirac-gan": Model(
        dirac_gan,
        frozenset({"point"}),
        _SAMPLES,
        "Dirac-GAN (two parameters)",
        _ADVERSARIES,
        has_fixed_start=always_fixed,
    ),
    "gan-mlp": Model(gan_mlp, frozenset({"vector"}), _SAMPLES, "Generator and discriminator (MLPs)", _ADVERSARIES),
}
