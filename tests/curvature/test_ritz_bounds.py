"""The bound on Ritz values, for matrices whose eigenvalues and residuals are known."""

from itertools import product

import numpy as np
import pytest

from landscapes.curvature.ritz_bounds import ritz_value_bound
from tests.problems import normal


@pytest.mark.parametrize("end", [0, -1])
@pytest.mark.parametrize("size", [1e-6, 1e-2, 0.05])
def test_bound_holds_and_is_quadratic_in_the_residual(end, size):
    # A wide gap below and a narrow one above; `size` is the error of the vectors.
    exact = np.array([-3.0, 0.1, 0.4, 0.7, 1.0])
    for seed in range(50):
        basis = np.linalg.qr(np.eye(5) + size * normal(seed, 5, 5))[0]
        vectors = basis[:, :3] if end == 0 else basis[:, 2:]
        values, coefficients = np.linalg.eigh(vectors.T * exact @ vectors)
        vectors = vectors @ coefficients
        residuals = np.linalg.norm(exact[:, None] * vectors - vectors * values, axis=0)
        bound = ritz_value_bound(values, residuals, end, residual=residuals[end], noise=0.0)
        # 1e-15 allows for the rounding of the decomposition.
        assert abs(values[end] - exact[end]) <= bound + 1e-15
        assert bound <= residuals[end]
        if size == 1e-6:
            assert bound <= 100 * residuals[end] ** 2


def test_bound_without_a_gap_is_the_residual():
    values, residuals = np.array([1.0, 1.0, 2.0]), np.array([0.1, 0.1, 0.1])
    assert ritz_value_bound(values, residuals, 0, residual=0.1, noise=0.0) == 0.1
    assert ritz_value_bound(values[:1], residuals[:1], -1, residual=0.1, noise=0.0) == 0.1
    assert ritz_value_bound(values, 0 * residuals, -1, residual=0.0, noise=0.0) == 0
    # The noise of the next value reduces the gap.
    clean, noisy = (ritz_value_bound(values, residuals, -1, residual=0.1, noise=noise) for noise in (0.0, 0.2))
    assert clean < noisy <= 0.1


@pytest.mark.parametrize("end", [0, -1])
def test_bound_holds_when_noise_mixes_eigenvectors(end):
    """Two or three eigenvalues closer than the noise, with random mixtures of their vectors. A rotation by 90°
    makes the outer vector the inner one, whose residual is zero."""
    exact = np.array([0.0, 3e-7, 5e-7, 0.5, 1.0]) * (1 if end == 0 else -1)
    exact = exact if end == 0 else exact[::-1]
    mixed, noise = ([0, 1, 2] if end == 0 else [4, 3, 2]), 1e-6
    beyond_residual = 0
    for count, seed in product((2, 3), range(50)):
        rotation = np.eye(5)
        block = np.ix_(mixed[:count], mixed[:count])
        rotation[block] = np.linalg.qr(normal(seed, count, count))[0]
        outer = rotation[:, mixed[0]]
        value = outer @ (exact * outer)
        residual = float(np.linalg.norm(exact * outer - value * outer))
        # The Ritz values are the true eigenvalues plus noise.
        ritz_values = np.sort(exact + noise * np.random.default_rng(seed).uniform(-1, 1, 5))
        error = abs(value - exact[mixed[0]])
        beyond_residual += error > residual
        assert error <= ritz_value_bound(ritz_values, np.zeros(5), end, residual=residual, noise=noise)
    assert beyond_residual > 20
