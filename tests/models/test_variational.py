"""Encoders, decoders and the collapsed start of variational models."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS


def test_linear_vae_matches_formula():
    graph, params, state = models.split(MODELS["linear-vae"].build((3,), 3, nnx.Rngs(0), latent=2, spread=0.0))
    np.testing.assert_array_equal(params["decoder"]["kernel"], np.zeros((2, 3)))
    params["decoder"] = {"kernel": jnp.array([[1.0, 0, 2], [0, 3, 0]]), "bias": jnp.array([1.0, 2, 3])}
    params["encoder"]["kernel"] = jnp.array([[1.0, 0], [0, 1], [1, 0]])
    params["log_variance"] = jnp.array([0.5, -0.5])
    mean, log_variance = models.apply(graph, params, state, jnp.array([[2.0, 4, 6]]), method="encode")
    np.testing.assert_array_equal(mean, [[4, 2]])
    np.testing.assert_array_equal(log_variance, [[0.5, -0.5]])
    decoded = models.apply(graph, params, state, jnp.array([[1.0, -1]]), method="decode")
    np.testing.assert_array_equal(decoded, [[2, -1, 5]])


def test_linear_vae_with_other_outputs_is_refused():
    with pytest.raises(ValueError, match="a linear VAE reconstructs its inputs; give 3 outputs, not 2"):
        MODELS["linear-vae"].build((3,), 2, nnx.Rngs(0))


def test_classifier_and_decoder_share_hidden_layer():
    module = MODELS["classifier-decoder"].build((2, 2), 3, nnx.Rngs(0), width=4, decoder_width=5)
    graph, params, state = models.split(module)
    x = jnp.arange(8.0).reshape(2, 2, 2)
    outputs, reconstruction = models.apply(graph, params, state, x)
    assert (outputs.shape, reconstruction.shape) == ((2, 3), (2, 4))
    params["trunk"] = {"kernel": jnp.zeros((4, 4)), "bias": jnp.ones(4)}
    for constant in models.apply(graph, params, state, x):  # both no longer depend on x
        np.testing.assert_array_equal(constant[0], constant[1])


def test_encoder_and_decoder_have_their_own_widths():
    module = MODELS["vae"].build((3,), 3, nnx.Rngs(0), latent=2, width=4, decoder_width=5, depth=1)
    _, params, _ = models.split(module)
    shapes = {part: {leaf.shape for leaf in jax.tree.leaves(params[part])} for part in ("encoder", "decoder")}
    assert shapes == {"encoder": {(3, 4), (4,), (4, 4)}, "decoder": {(2, 5), (5,), (5, 3), (3,)}}
