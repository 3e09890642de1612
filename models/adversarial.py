"""The two players of a generative adversarial game, as one module whose attributes carry their names.

A module that serves as "adversaries" has two methods. `sample(key, count=N)` draws N latent points from the key,
in float32 whatever the precision, and gives what the generator makes of them, ["N *input_shape"].
`discriminate(x["N *input_shape"])` gives one logit per example, ["N"]: positive where it takes x for real.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Any, Literal

import jax
import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from models.dense import MLP
from models.initialization import Activation
from models.model import Model, fixed_start

_Start = Interval(ge=-10, le=10)


class Point(nnx.Module):
    """A generator that knows one place: G(z) = θ."""

    def __init__(self, location: float) -> None:
        self.location = nnx.Param(jnp.asarray(location, jnp.float32))


class Slope(nnx.Module):
    """A linear discriminator without a bias: D(x) = ψx."""

    def __init__(self, slope: float) -> None:
        self.slope = nnx.Param(jnp.asarray(slope, jnp.float32))


class DiracGAN(nnx.Module):
    """G(z) = θ against D(x) = ψx, the smallest game that shows what large ones do (Mescheder et al. 2018)."""

    def __init__(self, location: float, slope: float) -> None:
        self.generator = Point(location)
        self.discriminator = Slope(slope)

    def sample(self, key: Any, *, count: int) -> Float[Array, "N 1"]:
        return jnp.broadcast_to(self.generator.location[...], (count, 1))

    def discriminate(self, x: Float[Array, "N 1"]) -> Float[Array, "N"]:
        return self.discriminator.slope[...] * x[:, 0]


class Networks(nnx.Module):
    """Two multilayer perceptrons: G from a standard normal latent point to an example, D from an example to a
    logit."""

    def __init__(
        self, shape: tuple[int, ...], latent: int, width: int, depth: int, activation: str, pixels: bool, rngs
    ) -> None:
        self.shape, self.latent, self.pixels = shape, latent, pixels
        size, plain = prod(shape), (width, depth, activation, "none", False, "batch", rngs)
        self.generator = MLP(latent, size, *plain)
        self.discriminator = MLP(size, 1, *plain)

    def sample(self, key: Any, *, count: int) -> Float[Array, "N ..."]:
        like = jax.tree.leaves(nnx.state(self.generator, nnx.Param))[0].dtype
        noise = jax.random.normal(key, (count, self.latent), jnp.float32).astype(like)
        made = self.generator(noise)
        made = jax.nn.sigmoid(made) if self.pixels else made
        return made.reshape(count, *self.shape)

    def discriminate(self, x: Float[Array, "N ..."]) -> Float[Array, "N"]:
        return self.discriminator(x)[:, 0]


def dirac_gan(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    location: Annotated[float, _Start, "θ, where the generator's one point starts"] = 1.0,
    slope: Annotated[float, _Start, "ψ, the slope with which the discriminator starts"] = 0.2,
) -> nnx.Module:
    """The Dirac-GAN of two parameters, see `DiracGAN`; the seed changes nothing about it.

    Raises:
        ValueError: for data of more than one number.
    """
    if input_shape != (1,):
        raise ValueError("the Dirac-GAN generates one number; choose gan-mlp for other data")
    return DiracGAN(location, slope)


def gan_mlp(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    latent: Annotated[int, Interval(ge=1, le=64), "numbers in a latent point z"] = 2,
    width: Annotated[int, Interval(ge=1, le=256), "units in each hidden layer of either player"] = 12,
    depth: Annotated[int, Interval(ge=1, le=8), "hidden layers of either player"] = 2,
    activation: Activation = "tanh",
    output: Annotated[
        Literal["linear", "sigmoid"], "what ends the generator; sigmoid for pixels in [0, 1]"
    ] = "linear",
) -> nnx.Module:
    """A generator and a discriminator of the same widths, see `Networks`."""
    return Networks(input_shape, latent, width, depth, activation, output == "sigmoid", rngs)


_SERVES = frozenset({"adversaries"})
_SAMPLES = frozenset({"samples"})

MODELS = {
    "dirac-gan": Model(
        dirac_gan, frozenset({"point"}), _SAMPLES, "Dirac-GAN (two parameters)", _SERVES, same_start=fixed_start
    ),
    "gan-mlp": Model(gan_mlp, frozenset({"vector"}), _SAMPLES, "Generator and discriminator (MLPs)", _SERVES),
}
