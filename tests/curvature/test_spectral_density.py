"""The spectral density from random probes, against known spectra."""

import importlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.hessian_spectrum import spectrum
from landscapes.curvature.spectral_density import density
from tests import problems

KEY = jax.random.key(1)


def _diagonal(p, diagonal):
    return 0.5 * jnp.sum(diagonal * p**2)


def diagonal(values, dtype: Any = np.float32):
    values = np.asarray(values, dtype)
    return Problem.from_loss(_diagonal, np.zeros(len(values), dtype), values)


CLUSTERS = np.r_[np.linspace(-1, 0, 200), np.linspace(3, 4, 100)]


@pytest.fixture(scope="module", autouse=True)
def lanczos():
    """Uses Lanczos for these small problems as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            importlib.import_module("landscapes.curvature.hessian_spectrum"), "MAX_DENSE_PARAMETERS", 100
        )
        yield


@pytest.fixture(scope="module")
def clusters(lanczos):
    return spectrum(diagonal(CLUSTERS), KEY, top=1, bottom=1, density=8, tolerance=1e-2)


def test_density_integrates_to_one_and_shows_the_gap(clusters):
    assert clusters.nodes.shape == clusters.weights.shape == (8, 80)
    assert len(np.unique(clusters.nodes, axis=0)) == 8, "no two probes are the same"
    np.testing.assert_allclose(clusters.weights.sum(axis=1), 1, rtol=1e-6)
    grid = np.linspace(-2, 5, 1401)
    rows = density(clusters, grid, 0.1)
    np.testing.assert_allclose(np.trapezoid(rows, grid, axis=1), 1, rtol=1e-6)
    mean = rows.mean(axis=0)
    assert np.max(mean[(grid > 0.6) & (grid < 2.4)]) < 1e-3
    assert np.min(mean[(grid > -0.9) & (grid < -0.1)]) > 0.4
    # Two thirds of the mass lie below the gap.
    below = np.sum(clusters.weights * (clusters.nodes < 1.5), axis=1)
    assert abs(below.mean() - 2 / 3) < 3 * below.std(ddof=1) / np.sqrt(8)


@pytest.mark.parametrize("power", [1, 2, 3, 4])
def test_t21_quadrature_matches_the_moments(clusters, power):
    moments = np.sum(clusters.weights * clusters.nodes**power, axis=1)
    error = moments.std(ddof=1) / np.sqrt(len(moments))
    assert abs(moments.mean() - np.mean(CLUSTERS**power)) < 3 * error
    # Other weights, such as the mean of all components, give wrong moments.
    assert abs(np.mean(clusters.nodes**power) - np.mean(CLUSTERS**power)) > 3 * error


def test_quadrature_is_exact_after_breakdown():
    # Two eigenvalues: every chain breaks down after two steps, with all the weight on two nodes. Five probes take
    # two groups of four.
    result = spectrum(diagonal(np.r_[np.ones(150), np.full(150, 5.0)]), KEY, density=5, tolerance=1e-2)
    assert result.nodes.shape == (5, 80)
    heavy = result.weights > 1e-6
    np.testing.assert_array_equal(heavy.sum(axis=1), 2)
    np.testing.assert_allclose(np.sort(result.nodes[heavy]), np.repeat([1, 5], 5), rtol=1e-5)


def test_dense_spectrum_is_its_own_density():
    result = spectrum(problems.quadratic(), KEY, top=1, bottom=0)
    np.testing.assert_allclose(result.nodes, problems.EIGENVALUES[None], atol=1e-12)
    np.testing.assert_allclose(result.weights, 1 / 6)


def test_invalid_arguments_raise():
    result = spectrum(diagonal(np.ones(300)), KEY, top=1, bottom=0)
    with pytest.raises(ValueError, match="density=8"):
        density(result, np.zeros(3), 0.1)
    with pytest.raises(ValueError, match="positive"):
        density(spectrum(problems.quadratic(), KEY), np.zeros(3), 0.0)
    with pytest.raises(ValueError, match="number of probes"):
        spectrum(problems.quadratic(), KEY, density=-1)
