"""Autoencoders with a Gaussian over what they encode, and a classifier that shares its trunk with a decoder.

"autoencoder" is what serves a variational lower bound, by two methods:
`encode(x["N ..."])` gives the mean and the log variance, ["N latent"] each, of a Gaussian q(z|x) with independent
coordinates, and `decode(z["N latent"])` gives ["N outputs"], the mean of x or, for pixels that are on or off, the
log odds. A "linear autoencoder" is one whose `decode` is affine: its likelihood can be integrated over z exactly.

"classifier+decoder" is `module(x)`, a pair: the raw outputs ["N outputs"] of a classifier and a reconstruction of
x as ["N values"].
"""

from __future__ import annotations

from math import prod
from typing import Annotated

import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from models.dense import MLP
from models.initialization import ACTIVATIONS, Activation, kernel_init, output_init
from models.model import Model, no_spread

Latent = Annotated[int, Interval(ge=1, le=32), "coordinates of z"]


class VAE(nnx.Module):
    """q(z|x) = N(m(x), diag s²(x)) and decoder outputs f(z), with m, log s² and f by multilayer perceptrons."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        latent: int,
        widths: tuple[int, int],
        depth: int,
        activation: str,
        rngs: nnx.Rngs,
    ) -> None:
        plain = {"activation": activation, "normalization": "none", "residual": False, "statistics": "batch"}
        self.encoder = MLP(inputs, 2 * latent, widths[0], depth, **plain, rngs=rngs)
        self.decoder = MLP(latent, outputs, widths[1], depth, **plain, rngs=rngs)

    def encode(self, x: Float[Array, "N ..."]) -> tuple[Float[Array, "N L"], Float[Array, "N L"]]:
        mean, log_variance = jnp.split(self.encoder(x), 2, axis=-1)
        return mean, log_variance

    def decode(self, z: Float[Array, "N L"]) -> Float[Array, "N D"]:
        return self.decoder(z)


class LinearVAE(nnx.Module):
    """q(z|x) = N(V(x − μ), diag d) and a decoder Wz + μ, with one d for every x (Lucas et al. 2019, 1911.02469).

    Parameters: decoder kernel Wᵀ and bias μ, encoder kernel Vᵀ, log d. At W = V = 0 and d = 1 it has collapsed:
    q(z|x) is the prior, and z says nothing of x.
    """

    def __init__(self, inputs: int, latent: int, spread: float, rngs: nnx.Rngs) -> None:
        start = nnx.initializers.normal(spread / inputs**0.5)
        self.decoder = nnx.Linear(latent, inputs, kernel_init=start, rngs=rngs)
        self.encoder = nnx.Linear(inputs, latent, use_bias=False, kernel_init=start, rngs=rngs)
        self.log_variance = nnx.Param(jnp.zeros(latent))

    def encode(self, x: Float[Array, "N ..."]) -> tuple[Float[Array, "N L"], Float[Array, "N L"]]:
        bias = self.decoder.bias
        assert bias is not None
        mean = self.encoder(x.reshape(len(x), -1) - bias[None])
        return mean, jnp.broadcast_to(self.log_variance[None], mean.shape)

    def decode(self, z: Float[Array, "N L"]) -> Float[Array, "N D"]:
        return self.decoder(z)


class ClassifierDecoder(nnx.Module):
    """h = φ(xW + b): class outputs hA + a, and a reconstruction decoded from h. Both tasks pull at W."""

    def __init__(
        self, inputs: int, outputs: int, widths: tuple[int, int], activation: str, rngs: nnx.Rngs
    ) -> None:
        self.activation = activation
        self.trunk = nnx.Linear(inputs, widths[0], kernel_init=kernel_init(activation), rngs=rngs)
        self.classifier = nnx.Linear(widths[0], outputs, kernel_init=output_init, rngs=rngs)
        self.decoder = MLP(widths[0], inputs, widths[1], 1, activation, "none", False, "batch", rngs)

    def __call__(self, x: Float[Array, "N ..."]) -> tuple[Float[Array, "N C"], Float[Array, "N D"]]:
        h = ACTIVATIONS[self.activation](self.trunk(x.reshape(len(x), -1)))
        return self.classifier(h), self.decoder(h)


def vae(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=1024), "units in each hidden layer of the encoder"] = 32,
    decoder_width: Annotated[int, Interval(ge=1, le=1024), "units in each hidden layer of the decoder"] = 32,
    depth: Annotated[int, Interval(ge=1, le=8), "hidden layers of either"] = 1,
    latent: Latent = 2,
    activation: Activation = "tanh",
) -> nnx.Module:
    """A variational autoencoder (Kingma & Welling 2014, 1312.6114), see `VAE`."""
    return VAE(prod(input_shape), outputs, latent, (width, decoder_width), depth, activation, rngs)


def linear_vae(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    latent: Latent = 1,
    spread: Annotated[float, Interval(ge=0, le=10), "size of each first column of W, about; 0 is collapse"] = 0.1,
) -> nnx.Module:
    """The linear VAE, see `LinearVAE`: its optimum is probabilistic PCA.

    Raises:
        ValueError: if it is asked for other outputs than one for each input, which it could not subtract.
    """
    if outputs != prod(input_shape):
        raise ValueError(f"a linear VAE gives back its inputs; ask for {prod(input_shape)} outputs, not {outputs}")
    return LinearVAE(outputs, latent, spread, rngs)


def classifier_decoder(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=1024), "units of the trunk, which both heads read"] = 16,
    decoder_width: Annotated[int, Interval(ge=1, le=1024), "hidden units of the decoder"] = 32,
    activation: Activation = "tanh",
) -> nnx.Module:
    """One trunk under a classifier and a decoder, see `ClassifierDecoder`."""
    return ClassifierDecoder(prod(input_shape), outputs, (width, decoder_width), activation, rngs)


_ANY = frozenset({"vector", "image"})
_AUTO = frozenset({"autoencoder"})
_UNASKED = frozenset({"classes", "values", "none"})

MODELS = {
    "vae": Model(vae, _ANY, _UNASKED, "Variational autoencoder", _AUTO),
    "linear-vae": Model(
        linear_vae,
        _ANY,
        _UNASKED,
        "Linear VAE (probabilistic PCA)",
        _AUTO | {"linear autoencoder"},
        same_start=no_spread,
    ),
    "classifier-decoder": Model(
        classifier_decoder,
        _ANY,
        frozenset({"classes"}),
        "Two-headed network (classifier and decoder)",
        frozenset({"classifier+decoder"}),
    ),
}
