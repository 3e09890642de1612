"""Denoisers: the Gaussian one against Bayes' rule, and a network whose inputs keep their size at every level."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS

RNG = np.random.default_rng(0)
NOISY, ALPHA, SIGMA = RNG.normal(size=(5, 2)), RNG.uniform(0.1, 1, (5, 1)), RNG.uniform(0.1, 1, (5, 1))


def predictor(name, **knobs):
    graph, params, state = models.split(MODELS[name].build((2,), 2, nnx.Rngs(0), **knobs))
    return lambda *inputs: np.asarray(
        models.apply(graph, params, state, *map(jnp.asarray, inputs), method="predict")
    )


def test_gaussian_denoiser_is_the_posterior_of_noise_and_data():
    """(x, ε, x_t) are jointly normal, so that E[x|x_t] = μ + Cov(x, x_t)Var(x_t)⁻¹(x_t − αμ), and ε likewise."""
    mean, deviation = 0.7, 1.3
    predict = predictor("gaussian-denoiser", location=mean, deviation=deviation)
    residual = (NOISY - ALPHA * mean) / (ALPHA**2 * deviation**2 + SIGMA**2)
    clean, noise = mean + ALPHA * deviation**2 * residual, SIGMA * residual
    one = np.ones((5, 1))
    for a, b in ((0 * one, one), (one, -one), (-SIGMA, ALPHA)):
        found = predict(NOISY, ALPHA, SIGMA, a, b)
        np.testing.assert_allclose(found, a * clean + b * noise, rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(ALPHA * clean + SIGMA * noise, NOISY, rtol=1e-12)


def test_network_depends_on_direction_of_level_and_scaled_example():
    predict = predictor("denoiser", width=4, depth=1)
    found = predict(NOISY, ALPHA, SIGMA, ALPHA, SIGMA)
    np.testing.assert_allclose(found, predict(3 * NOISY, 3 * ALPHA, 3 * SIGMA, ALPHA, SIGMA), rtol=1e-4)
    assert np.all(np.abs(found - predict(NOISY, SIGMA, ALPHA, ALPHA, SIGMA)) > 1e-6)
    assert jax.eval_shape(lambda: found).shape == (5, 2)
