"""Maximum likelihood of Gaussians, and the entropies that it is compared with."""

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.likelihood import references


def test_loss_of_the_best_gaussian_is_the_entropy_of_a_cloud_of_its_covariance():
    data = DATASETS["gaussian-cloud"].load(0, examples=50, dimensions=2, variance=4.0, decay=0.25)
    known = references(data, {"nll": 1.0})
    closed = np.log(2 * np.pi * np.e) + 0.5 * np.log(4.0)
    assert known == pytest.approx({"entropy of the distribution": closed, "best Gaussian": closed}, rel=1e-5)

    def forward(params, state, x, method):
        assert method == "log_density"
        variance = params[None]
        return -jnp.sum(x**2 / variance + jnp.log(2 * jnp.pi * variance), axis=-1) / 2

    terms = OBJECTIVES["maximum-likelihood"].terms
    best, other = (
        terms(forward, jnp.array(variances), {}, data.train, None)["nll"] for variances in ([4.0, 1.0], [1.0, 1.0])
    )
    assert float(best) == pytest.approx(closed, rel=1e-5)
    assert float(other) == pytest.approx(closed + (4 - 1 - np.log(4)) / 2, rel=1e-5)  # KL between the two


def test_entropy_of_a_ring_of_gaussians_has_its_limits():
    def entropy(modes, noise):
        return DATASETS["ring"].load(0, examples=10, modes=modes, noise=noise).entropy

    gaussian = 1 + np.log(2 * np.pi * 0.05**2)
    assert entropy(1, 0.05) == pytest.approx(gaussian, rel=1e-9)
    assert entropy(8, 0.05) == pytest.approx(np.log(8) + gaussian, abs=1e-3)
    assert entropy(8, 0.0) is None
    side = np.linspace(-6, 6, 401)
    x, y = np.meshgrid(side, side)
    density = sum(
        np.exp(-((x - np.cos(a)) ** 2 + (y - np.sin(a)) ** 2) / (2 * 0.6**2)) for a in 2 * np.pi * np.arange(3) / 3
    ) / (3 * 2 * np.pi * 0.6**2)
    brute = -np.sum(density * np.log(density)) * (side[1] - side[0]) ** 2
    assert entropy(3, 0.6) == pytest.approx(brute, abs=1e-5)


def test_references_of_equal_examples_have_no_gaussian():
    assert "best Gaussian" not in references(
        DATASETS["ring"].load(0, examples=10, modes=1, noise=0.0), {"nll": 1.0}
    )
