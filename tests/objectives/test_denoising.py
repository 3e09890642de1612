"""Shares of noise levels, and the memorizing denoiser."""

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives.denoising import TERMS, Path, by_level, memorized, memorized_errors
from landscapes.objectives.diffusion import noise_path, v_path
from tests.objectives.gaussian_denoising import DATA, VARIANCES, closed_form


def test_thirds_of_the_levels_sum_to_the_mean():
    shares = by_level(jnp.arange(5.0))
    assert list(shares) == list(TERMS)
    assert [float(share) for share in shares.values()] == pytest.approx([0.0, 3 / 5, 7 / 5])
    weights: dict[str, float] = dict(zip(TERMS, (1.0, 2.0, 0.0), strict=True))
    assert list(memorized(None, weights, shares).values()) == pytest.approx([6 / 5])


def test_memorizing_denoiser_finds_far_points_and_equals_the_gaussian_one_for_many():
    far = memorized_errors(np.array([[-1000.0], [1000.0]]), noise_path(16))
    np.testing.assert_allclose(far, 0, atol=1e-9)
    for path in (noise_path(16), v_path(16)):
        high = Path(*(each[8:] for each in path))
        np.testing.assert_allclose(memorized_errors(DATA.train["x"], high), closed_form(high, VARIANCES), rtol=0.2)
