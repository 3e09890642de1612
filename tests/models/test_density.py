"""Densities integrate to 1, are those of their samples, and begin near a Gaussian."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS

SIDE = np.linspace(-9, 9, 181)
GRID = np.stack(np.meshgrid(SIDE, SIDE, indexing="ij"), -1).reshape(-1, 2).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "knobs"), [("coupling-flow", {"layers": 3}), ("autoregressive", {"components": 2})]
)
def test_density_integrates_to_one_and_has_the_moments_of_its_samples(name, knobs):
    graph, params, state = models.split(MODELS[name].build((2,), 2, nnx.Rngs(1), width=4, **knobs))
    params = jax.tree.map(lambda leaf: jnp.asarray(1.3 * leaf + 0.05), params)

    @jax.jit
    def found(params):
        log_density = models.apply(graph, params, state, GRID, method="log_density")
        return log_density, models.apply(graph, params, state, jax.random.key(2), method="sample", count=20_000)

    log_density, sampled = map(np.asarray, found(params))
    mass = np.exp(log_density.astype(float)) * (SIDE[1] - SIDE[0]) ** 2
    assert mass.sum() == pytest.approx(1, abs=2e-3)
    mean = mass @ GRID
    covariance = (GRID - mean).T @ (mass[:, None] * (GRID - mean))
    np.testing.assert_allclose(sampled.mean(axis=0), mean, atol=0.05)
    np.testing.assert_allclose(np.cov(sampled.T), covariance, atol=0.06 * np.max(covariance))


def test_density_of_one_number_is_normal_under_the_flow():
    """There is no other coordinate to read, so that the flow is affine."""
    graph, params, state = models.split(MODELS["coupling-flow"].build((1,), 1, nnx.Rngs(0), layers=2))
    params = jax.tree.map(lambda leaf: jnp.asarray(leaf + 0.1), params)
    x = jnp.linspace(-2, 2, 5)[:, None]
    values = models.apply(graph, params, state, x, method="log_density")
    third = np.diff(np.asarray(values, float), 3)
    np.testing.assert_allclose(third, 0, atol=1e-5)
