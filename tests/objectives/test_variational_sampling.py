"""Sampled bounds, and the data and models of variational inference."""

import re
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def linear(size, latent):
    """The graph of a linear VAE, whatever its numbers are."""
    build = MODELS["linear-vae"].build
    return models.split(nnx.eval_shape(lambda: build((size,), size, nnx.Rngs(0), latent=latent)))[0]


def tree(bias, decoder, encoder, log_variance):
    parts = {"decoder": {"bias": bias, "kernel": decoder}, "encoder": {"kernel": encoder}}
    return jax.tree.map(jnp.asarray, parts | {"log_variance": log_variance})


@partial(jax.jit, static_argnums=0)
def terms(graph, params, x, variance):
    forward = partial(models.apply, graph)
    return OBJECTIVES["linear-elbo"].terms(forward, params, {}, {"x": x}, None, variance=variance)


CLOUD = (
    np.random.default_rng(0).normal(size=(20, 3)) @ np.array([[2.0, 0.3, 0], [0, 1.2, -0.4], [0.1, 0, 0.5]]) + 1
)


def drawn(seed):
    rng = np.random.default_rng(seed)
    return tree(*(rng.normal(size=shape) for shape in ((3,), (2, 3), (3, 2), (2,))))


@partial(jax.jit, static_argnums=(0, 4))
def sampled(graph, params, x, key, knobs, variance):
    forward = partial(models.apply, graph)
    return OBJECTIVES["elbo"].terms(forward, params, {}, {"x": x}, key, variance=variance, **dict(knobs))


def test_draws_average_to_the_exact_bound_with_an_exact_kl():
    params, graph = drawn(1), linear(3, 2)
    exact = terms(graph, params, CLOUD, 0.7)
    keys = jax.random.split(jax.random.key(0), 40)
    runs = [sampled(graph, params, CLOUD, key, (("samples", 16),), 0.7) for key in keys]
    drawn_ = np.array([float(run["reconstruction"]) for run in runs])
    error = drawn_.std(ddof=1) / np.sqrt(len(drawn_))
    assert error < 0.02 * float(exact["reconstruction"])
    assert abs(drawn_.mean() - float(exact["reconstruction"])) < 3 * error
    assert float(runs[0]["kl"]) == pytest.approx(float(exact["kl"]), rel=1e-12)
    again = sampled(graph, params, CLOUD, keys[3], (("samples", 16),), 0.7)
    assert float(again["reconstruction"]) == drawn_[3]


def test_the_bernoulli_likelihood_is_of_pixels_that_are_on_or_off():
    x = np.array([[0.2, 0.9, 0.5], [1.0, 0.0, 0.6]])
    on = np.array([[0, 1, 0], [1, 0, 1]])
    odds = np.array([[0.3, -1.0, 40.0], [2.0, 0.0, -0.4]])

    def forward(params, state, arguments, method):
        if method == "decode":
            return jnp.asarray(odds)
        np.testing.assert_array_equal(arguments, on)
        return jnp.zeros((2, 1)), jnp.zeros((2, 1))

    result = OBJECTIVES["elbo"].terms(
        forward, {}, {}, {"x": jnp.asarray(x)}, jax.random.key(0), likelihood="bernoulli"
    )
    likelihood = -np.log(np.where(on == 1, 1 / (1 + np.exp(-odds)), 1 / (1 + np.exp(odds)))).sum(1).mean()
    assert float(result["reconstruction"]) == pytest.approx(likelihood, rel=1e-12)
    assert float(result["kl"]) == 0


@pytest.mark.parametrize("seed", range(2))
def test_the_cloud_has_exactly_the_variances_asked_for(seed):
    data = DATASETS["gaussian-cloud"].load(seed, examples=12, dimensions=3, variance=4.0, decay=0.25)
    x = data.train["x"].astype(np.float64)
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(x.T @ x / 12, np.diag([4, 1, 0.25]), atol=1e-5)
    assert set(data.train) == {"x"}
    assert np.any(data.test["x"] != data.train["x"])
    with pytest.raises(ValueError, match="12 dimensions need more examples; give at least 13"):
        DATASETS["gaussian-cloud"].load(0, examples=12, dimensions=12)


def test_a_linear_vae_that_starts_collapsed_knows_nothing_of_x():
    module = MODELS["linear-vae"].build((2, 2, 1), 4, nnx.Rngs(0), latent=2, spread=0.0)
    graph, params, state = models.split(module)
    mean, log_variance = models.apply(graph, params, state, jnp.ones((3, 2, 2, 1)), method="encode")
    assert mean.shape == log_variance.shape == (3, 2)
    assert not np.any(mean)
    assert not np.any(log_variance)
    with pytest.raises(ValueError, match="give 4 outputs, not 3"):
        MODELS["linear-vae"].build((4,), 3, nnx.Rngs(0))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"objective": Choice("linear-elbo"), "model": Choice("vae")},
         "linear-elbo needs a linear autoencoder, but vae is an autoencoder; choose linear-vae"),
        ({"model": Choice("softmax")}, "elbo needs an autoencoder, but softmax is a predictor; choose vae"),
        ({"objective": Choice("cross-entropy"), "data": Choice("gaussian-cloud")},
         "cross-entropy needs class labels, but gaussian-cloud has no targets; choose elbo, linear-elbo"),
        ({"objective": Choice.of("elbo", variance=0.0)},
         "elbo: variance = 0.0 is out of range; give a number above 0 up to 100"),
        ({"weights": (("kl", 0.0),)}, "weight.kl = 0 is on the wrong side of 0; give a number above 0"),
        ({"objective": Choice.of("elbo", samples=0)},
         "elbo: samples = 0 is out of range; give a whole number from 1 up to 64"),
    ],
)  # fmt: skip
def test_what_does_not_fit_gets_a_sentence(change, sentence):
    base = {"objective": Choice("elbo"), "model": Choice("vae"), "data": Choice("digits")}
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        catalog.complete(Recipe(**(base | change)))
