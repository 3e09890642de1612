"""Noise contrast and contrastive divergence of a Gaussian energy against quadrature and closed forms."""

from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.energies import langevin, partition

VARIANCES = np.array([2.0, 0.5])
DATA = DATASETS["gaussian-cloud"].load(0, examples=4000, dimensions=2, variance=2.0, decay=0.25).train
LOG_Z = np.log(2 * np.pi) + 0.5 * np.sum(np.log(VARIANCES))
BEST = {"log_variance": jnp.asarray(np.log(VARIANCES), jnp.float32), "offset": jnp.float32(LOG_Z)}
ENTROPY = 1 + LOG_Z


def forward(params, state, x, method):
    """E(x) = Σ x²/2v + offset."""
    assert method == "energy"
    return 0.5 * jnp.sum(x**2 * jnp.exp(-params["log_variance"])[None], axis=-1) + params["offset"]


def terms(name, params, **knobs):
    found = OBJECTIVES[name].terms
    return jax.jit(lambda params: found(forward, params, {}, DATA, jax.random.key(1), **knobs))(params)


def moved(**steps):
    return {name: value + steps.get(name, 0.0) for name, value in BEST.items()}


@pytest.mark.parametrize("size", [1, 2, 5])
def test_partition_function_of_a_gaussian_is_its_closed_form(size):
    """Up to two dimensions on a grid, then from draws."""
    log_variance = jnp.log(jnp.linspace(0.3, 1.5, size))
    params = {"log_variance": log_variance, "offset": jnp.float32(0.7)}
    y = 1.5 * jax.random.normal(jax.random.key(0), (4000, size))
    found = partition(forward, params, {}, y, forward(params, {}, y, "energy"), jnp.float32(1.5))
    closed = 0.5 * float(jnp.sum(log_variance)) + size / 2 * np.log(2 * np.pi) - 0.7
    assert float(found) == pytest.approx(closed, abs=1e-4 if size <= 2 else 0.15)


def test_noise_contrast_is_least_at_the_density_with_its_constant():
    """There it is −E log σ(h) − E log σ(−h), here by quadrature, and log Z is 0."""
    best = terms("noise-contrastive", BEST)
    side = (np.arange(400) + 0.5) / 400 * 18 - 9
    x, y = np.meshgrid(side, side)
    data = np.exp(-(x**2 / VARIANCES[0] + y**2 / VARIANCES[1]) / 2 - LOG_Z)
    noise = np.exp(-(x**2 + y**2) / (2 * 1.5**2)) / (2 * np.pi * 1.5**2)
    value = -np.sum(data * np.log(data / (data + noise)) + noise * np.log(noise / (data + noise)))
    assert float(best["contrast"]) == pytest.approx(value * (side[1] - side[0]) ** 2, rel=0.02)
    assert float(best["log-partition"]) == pytest.approx(0, abs=1e-4)
    assert float(best["nll"]) == pytest.approx(ENTROPY, abs=1e-3)
    for steps in ({"offset": 0.5}, {"offset": -0.5}, {"log_variance": 0.4}, {"log_variance": -0.4}):
        assert float(terms("noise-contrastive", moved(**steps))["contrast"]) > float(best["contrast"]) + 0.005


def test_reference_is_the_weighted_sum_at_the_density_of_the_noise():
    variance = jnp.full(2, 2 * np.log(1.5), jnp.float32)
    noise = {"log_variance": variance, "offset": jnp.float32(np.log(2 * np.pi * 1.5**2))}
    found, weights = (
        terms("noise-contrastive", noise, scale=1.5),
        {"contrast": 3.0, "nll": 0.5, "log-partition": 2.0},
    )
    data = SimpleNamespace(train=DATA, entropy=None)
    references: Any = OBJECTIVES["noise-contrastive"].known.references
    (value,) = references(data, weights=weights, scale=1.5).values()
    assert value == pytest.approx(sum(weight * float(found[name]) for name, weight in weights.items()), rel=1e-4)


def test_contrastive_divergence_of_long_chains_is_the_gradient_of_the_likelihood():
    """∂/∂ log v of −E log p is (1 − Var/v)/2. The chain of a Gaussian, x ← (1 − η/2v)x + √η·z, has the stationary
    variance v/(1 − η/4v)."""
    params, eta = moved(log_variance=0.3), 0.1
    loss = OBJECTIVES["contrastive-divergence"].terms

    def value(params, steps):
        return loss(forward, params, {}, DATA, jax.random.key(1), steps=steps, step_size=eta)["nll"]

    long, short = (jax.jit(jax.grad(value), static_argnums=1)(params, steps) for steps in (100, 1))
    model = VARIANCES * np.exp(0.3)
    stationary = model / (1 - eta / (4 * model))
    expected = 0.5 * (stationary - VARIANCES) / model
    np.testing.assert_allclose(long["log_variance"], expected, atol=0.03)
    assert np.all(np.abs(np.asarray(short["log_variance"])) < 0.5 * expected)
    assert float(value(params, 1)) == pytest.approx(ENTROPY + 0.3 + np.exp(-0.3) - 1, abs=1e-3)


def test_contrastive_divergence_follows_the_gradient_of_no_loss():
    """Its Jacobian is not symmetric. Where it were a gradient it would be its Hessian."""

    def coupled(params, state, x, method):
        return params[0] * x[:, 0] ** 2 + params[1] * jnp.cos(x[:, 0]) + 0.5 * jnp.sum(x**2, axis=-1)

    @jax.jit
    @jax.jacfwd
    @jax.grad
    def jacobian(params):
        batch, key = {"x": DATA["x"][:50]}, jax.random.key(0)
        terms = OBJECTIVES["contrastive-divergence"].terms
        return terms(coupled, params, {}, batch, key, steps=3, step_size=0.5)["nll"]

    found = np.asarray(jacobian(jnp.array([0.3, 2.0])))
    assert abs(found[0, 1] - found[1, 0]) > 0.02 * np.max(np.abs(found))


def test_langevin_step_follows_its_formula():
    x, z = jnp.array([[1.0, -2.0]]), jnp.array([[[0.5, 1.0]]])
    found = langevin(forward, BEST, {}, x, z, jnp.float32(0.1))
    np.testing.assert_allclose(found, x - 0.05 * x / VARIANCES[None] + np.sqrt(0.1) * z[0], rtol=1e-5)
