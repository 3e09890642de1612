"""The quadratic bound against matrices whose eigenvalues and residuals are known."""

from itertools import product

import numpy as np
import pytest

from landscapes.curvature.ritz_bounds import quadratic
from tests.problems import normal


@pytest.mark.parametrize("end", [0, -1])
@pytest.mark.parametrize("size", [1e-6, 1e-2, 0.05])
def test_it_holds_the_eigenvalue_and_is_quadratic_in_the_residual(end, size):
    # A gap that is wide below and narrow above, seen from vectors that are off by `size`.
    exact = np.array([-3.0, 0.1, 0.4, 0.7, 1.0])
    for seed in range(50):
        basis = np.linalg.qr(np.eye(5) + size * normal(seed, 5, 5))[0]
        vectors = basis[:, :3] if end == 0 else basis[:, 2:]
        values, mix = np.linalg.eigh(vectors.T * exact @ vectors)
        vectors = vectors @ mix
        residuals = np.linalg.norm(exact[:, None] * vectors - vectors * values, axis=0)
        bar = quadratic(values, residuals, end, residual=residuals[end], noise=0.0)
        # Beside it stands the rounding of the decomposition.
        assert abs(values[end] - exact[end]) <= bar + 1e-15
        assert bar <= residuals[end]
        if size == 1e-6:
            assert bar <= 100 * residuals[end] ** 2


def test_without_a_gap_it_is_the_residual():
    values, residuals = np.array([1.0, 1.0, 2.0]), np.array([0.1, 0.1, 0.1])
    assert quadratic(values, residuals, 0, residual=0.1, noise=0.0) == 0.1
    assert quadratic(values[:1], residuals[:1], -1, residual=0.1, noise=0.0) == 0.1
    assert quadratic(values, 0 * residuals, -1, residual=0.0, noise=0.0) == 0
    # What rounding adds to the next value is taken from the gap.
    clean, noisy = (quadratic(values, residuals, -1, residual=0.1, noise=noise) for noise in (0.0, 0.2))
    assert clean < noisy <= 0.1


@pytest.mark.parametrize("end", [0, -1])
def test_vectors_that_noise_turned_into_each_other_hold_the_outermost_all_the_same(end):
    """Two or three eigenvalues closer than the noise, seen from any mixture of their vectors: turned half way the
    outer vector is the inner one, whose residual is nothing."""
    exact = np.array([0.0, 3e-7, 5e-7, 0.5, 1.0]) * (1 if end == 0 else -1)
    exact = exact if end == 0 else exact[::-1]
    places, noise = ([0, 1, 2] if end == 0 else [4, 3, 2]), 1e-6
    missed = 0
    for count, seed in product((2, 3), range(50)):
        turned = np.eye(5)
        block = np.ix_(places[:count], places[:count])
        turned[block] = np.linalg.qr(normal(seed, count, count))[0]
        outer = turned[:, places[0]]
        value = outer @ (exact * outer)
        residual = float(np.linalg.norm(exact * outer - value * outer))
        # The chain saw the true ends, but for its noise.
        seen = np.sort(exact + noise * np.random.default_rng(seed).uniform(-1, 1, 5))
        error = abs(value - exact[places[0]])
        missed += error > residual
        assert error <= quadratic(seen, np.zeros(5), end, residual=residual, noise=noise)
    assert missed > 20
