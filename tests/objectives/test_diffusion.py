"""Diffusion losses of a Gaussian against their closed forms, the memorizing denoiser, and ancestral sampling."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.diffusion import (
    TERMS,
    by_level,
    draw_by_ancestors,
    memorized_errors,
    noise_levels,
)

VARIANCES = np.array([4.0, 1.0])
DATA = DATASETS["gaussian-cloud"].load(0, examples=4000, dimensions=2, variance=4.0, decay=0.25)
GRAPH = models.split(nnx.eval_shape(lambda: MODELS["gaussian-denoiser"].build((2,), 2, nnx.Rngs(0))))[0]


def at(variances):
    return {"mean": jnp.zeros(2), "log_deviation": jnp.asarray(0.5 * np.log(variances), jnp.float32)}


@pytest.mark.parametrize("name", ["noise-prediction", "v-prediction"])
def test_loss_of_a_gaussian_is_its_closed_form_at_every_third_of_the_levels(name):
    """With ε̂ = c·x_t the error of ε is (1 − cσ)² + c²α²s², the smallest for c = σ/(α²s² + σ²); v − f is
    (ε − ε̂)/α."""
    terms = OBJECTIVES[name].terms
    loss = jax.jit(lambda params: terms(partial(models.apply, GRAPH), params, {}, DATA.train, jax.random.key(0)))
    alpha, sigma = (level[:, None] for level in noise_levels(16))
    totals = []
    for model in (VARIANCES, 2 * VARIANCES, np.ones(2)):
        c = sigma / (alpha**2 * model + sigma**2)
        errors = (1 - c * sigma) ** 2 + c**2 * alpha**2 * VARIANCES
        errors = np.sum(errors / (alpha**2 if name == "v-prediction" else 1), axis=1)
        found = loss(at(model))
        for term, value in by_level(jnp.asarray(errors)).items():
            assert float(found[term]) == pytest.approx(float(value), rel=0.03)
        totals.append(sum(float(value) for value in found.values()))
    assert totals[0] < min(totals[1:])


def test_thirds_of_the_levels_sum_to_the_mean():
    shares = by_level(jnp.arange(5.0))
    assert list(shares) == list(TERMS)
    assert [float(share) for share in shares.values()] == pytest.approx([0.0, 3 / 5, 7 / 5])


def test_memorizing_denoiser_finds_far_points_and_equals_the_gaussian_one_for_many():
    alphas, sigmas = noise_levels(16)
    far = memorized_errors(np.array([[-1000.0], [1000.0]]), alphas, sigmas)
    np.testing.assert_allclose(far, 0, atol=1e-12)
    high = slice(8, None)
    found = memorized_errors(DATA.train["x"], alphas[high], sigmas[high])
    alpha, sigma = alphas[high, None], sigmas[high, None]
    expected = np.sum(VARIANCES * sigma**2 / (alpha**2 * VARIANCES + sigma**2), axis=1)
    np.testing.assert_allclose(found, expected, rtol=0.15)


@pytest.mark.parametrize("target", ["noise", "v"])
def test_ancestral_samples_of_the_best_denoiser_have_the_variance_of_the_data(target):
    draw = draw_by_ancestors(target)
    sampled = jax.jit(
        lambda params: draw(partial(models.apply, GRAPH), params, {}, jnp.zeros((1, 2)), 4000, levels=64)
    )(at(VARIANCES))
    np.testing.assert_allclose(np.std(sampled, axis=0), np.sqrt(VARIANCES), rtol=0.05)
    np.testing.assert_allclose(np.mean(sampled, axis=0), 0, atol=0.1)
