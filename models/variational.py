"""Variational autoencoders, and a classifier that shares a hidden layer with a decoder.

The capability "autoencoder" has two methods, which a variational lower bound needs. `encode(x["N ..."])` returns
the mean and the log variance, ["N latent"] each, of a Gaussian q(z|x) with independent coordinates.
`decode(z["N latent"])` returns ["N outputs"]: the mean of x or, for binary pixels, the log odds. In a "linear
autoencoder" `decode` is affine, so that the likelihood can be integrated over z exactly.

The capability "classifier+decoder" is `module(x)`, which returns a pair: the raw outputs ["N outputs"] of a
classifier and a reconstruction of x as ["N values"].
"""

from __future__ import annotations

from math import prod
from typing import Annotated

import jax.numpy as jnp
from annotated_types import Interval
from flax import nnx
from jaxtyping import Array, Float

from .dense import MLP
from .initialization import ACTIVATIONS, Activation, kernel_init, output_init
from .model import Model, fixed_without_spread

Latent = Annotated[int, Interval(ge=1, le=32), "number of coordinates of z"]


class VAE(nnx.Module):
    """q(z|x) = N(m(x), diag s²(x)) and decoder outputs f(z), where m, log s² and f are multilayer perceptrons."""

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
        options = {"activation": activation, "normalization": "none", "residual": False, "statistics": "batch"}
        self.encoder = MLP(inputs, 2 * latent, widths[0], depth, **options, rngs=rngs)
        self.decoder = MLP(latent, outputs, widths[1], depth, **options, rngs=rngs)

    def encode(self, x: Float[Array, "N ..."]) -> tuple[Float[Array, "N L"], Float[Array, "N L"]]:
        mean, log_variance = jnp.split(self.encoder(x), 2, axis=-1)
        return mean, log_variance

    def decode(self, z: Float[Array, "N L"]) -> Float[Array, "N D"]:
        return self.decoder(z)


class LinearVAE(nnx.Module):
    """q(z|x) = N(V(x − μ), diag d) and a decoder Wz + μ, with one d for every x (Lucas et al. 2019, 1911.02469).

    Parameters: decoder kernel Wᵀ and bias μ, encoder kernel Vᵀ, log d. At W = V = 0 and d = 1 the posterior has
    collapsed: q(z|x) is the prior, and z is independent of x.
    """

    def __init__(self, inputs: int, latent: int, spread: float, rngs: nnx.Rngs) -> None:
        init = nnx.initializers.normal(spread / inputs**0.5)
        self.decoder = nnx.Linear(latent, inputs, kernel_init=init, rngs=rngs)
        self.encoder = nnx.Linear(inputs, latent, use_bias=False, kernel_init=init, rngs=rngs)
        self.log_variance = nnx.Param(jnp.zeros(latent))

    def encode(self, x: Float[Array, "N ..."]) -> tuple[Float[Array, "N L"], Float[Array, "N L"]]:
        bias = self.decoder.bias
        assert bias is not None
        mean = self.encoder(x.reshape(len(x), -1) - bias[None])
        return mean, jnp.broadcast_to(self.log_variance[None], mean.shape)

    def decode(self, z: Float[Array, "N L"]) -> Float[Array, "N D"]:
        return self.decoder(z)


class ClassifierDecoder(nnx.Module):
    """h = φ(xW + b), class outputs hA + a, and a reconstruction decoded from h. Both tasks share W."""

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
    depth: Annotated[int, Interval(ge=1, le=8), "hidden layers of encoder and decoder each"] = 1,
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
    spread: Annotated[
        float, Interval(ge=0, le=10), "root-mean-square norm of the columns of W at the start"
    ] = 0.1,
) -> nnx.Module:
    """The linear VAE, see `LinearVAE`: its optimum is probabilistic PCA.

    Raises:
        ValueError: unless there is one output for each input.
    """
    if outputs != prod(input_shape):
        raise ValueError(f"a linear VAE reconstructs its inputs; give {prod(input_shape)} outputs, not {outputs}")
    return LinearVAE(outputs, latent, spread, rngs)


def classifier_decoder(
    input_shape: tuple[int, ...],
    outputs: int,
    rngs: nnx.Rngs,
    *,
    width: Annotated[int, Interval(ge=1, le=1024), "units of the shared hidden layer"] = 16,
    decoder_width: Annotated[int, Interval(ge=1, le=1024), "hidden units of the decoder"] = 32,
    activation: Activation = "tanh",
) -> nnx.Module:
    """A classifier and a decoder with a shared hidden layer, see `ClassifierDecoder`."""
    return ClassifierDecoder(prod(input_shape), outputs, (width, decoder_width), activation, rngs)


_ANY = frozenset({"vector", "image"})
_AUTOENCODER = frozenset({"autoencoder"})
_ANY_TARGETS = frozenset({"classes", "values", "none"})

MODELS = {
    "vae": Model(vae, _ANY, _ANY_TARGETS, "Variational autoencoder", _AUTOENCODER),
    "linear-vae": Model(
        linear_vae,
        _ANY,
        _ANY_TARGETS,
        "Linear VAE (probabilistic PCA)",
        _AUTOENCODER | {"linear autoencoder"},
        has_fixed_start=fixed_without_spread,
    ),
    "classifier-decoder": Model(
        classifier_decoder,
        _ANY,
        frozenset({"classes"}),
        "Two-headed network (classifier and decoder)",
        frozenset({"classifier+decoder"}),
    ),
}
