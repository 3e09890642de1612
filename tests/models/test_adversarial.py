"""Samples and logits of adversarial models."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS

KEY = jax.random.key(3)
apply = jax.jit(models.apply, static_argnums=0, static_argnames=("method", "count"))


def test_dirac_gan_outputs_match_formula():
    graph, params, state = models.split(MODELS["dirac-gan"].build((1,), 1, nnx.Rngs(0), location=1.5, slope=-2.0))
    samples = apply(graph, params, state, KEY, method="sample", count=4)
    np.testing.assert_array_equal(samples, np.full((4, 1), 1.5))
    logits = apply(graph, params, state, jnp.array([[1.0], [3.0]]), method="discriminate")
    np.testing.assert_array_equal(logits, [-2.0, -6.0])


def test_dirac_gan_refuses_examples_of_two_numbers():
    with pytest.raises(ValueError, match="generates one number; choose gan-mlp for other data"):
        MODELS["dirac-gan"].build((2,), 1, nnx.Rngs(0))


def test_latent_points_are_equal_in_both_precisions():
    graph, params, state = models.split(MODELS["gan-mlp"].build((2, 3), 1, nnx.Rngs(0), width=3, output="sigmoid"))
    single = apply(graph, params, state, KEY, method="sample", count=5)
    with jax.enable_x64(True):
        wide = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), params)
        double = apply(graph, wide, state, KEY, method="sample", count=5)
        assert double.dtype == jnp.float64
        np.testing.assert_allclose(double, single, rtol=1e-5)
    assert single.shape == (5, 2, 3)
    assert np.all((np.asarray(single) > 0) & (np.asarray(single) < 1))
