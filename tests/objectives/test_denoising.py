"""Shares of noise levels, and the memorizing denoiser."""

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives import DATASETS, OBJECTIVES
from landscapes.objectives.denoising import TERMS, Path, by_level, memorized, memorized_errors
from landscapes.objectives.diffusion import noise_path, v_path
from landscapes.objectives.flows import straight_path
from landscapes.objectives.score_matching import added_noise
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


def test_references_are_the_weighted_terms_of_the_memorizing_denoiser():
    data = DATASETS["gaussian-cloud"].load(0, examples=50, dimensions=2)
    weights = dict(zip(TERMS, (0.3, 1.7, 0.6), strict=True))
    scores = memorized_errors(data.train["x"], added_noise(noise=0.3, ratio=3.0))
    cases = [
        ("noise-prediction", noise_path(7), {"levels": 7}),
        ("v-prediction", v_path(7), {"levels": 7}),
        ("flow-matching", straight_path(7, 0.2), {"levels": 7, "width": 0.2}),
        ("score-matching", scores, {"noise": 0.3, "ratio": 3.0, "draws": 2}),
    ]
    for name, path, settings in cases:
        terms = (
            by_level(jnp.asarray(memorized_errors(data.train["x"], path))).values() if path is not scores else path
        )
        expected = sum(weight * term for weight, term in zip(weights.values(), terms, strict=True))
        references = OBJECTIVES[name].known.references
        assert references is not None
        assert list(references(data, weights, **settings).values()) == [
            pytest.approx(float(expected), rel=1e-5)
        ], name
    rectified = OBJECTIVES["rectified-flow"].known.references
    assert rectified is not None
    velocity = 1.7 * np.mean(memorized_errors(data.train["x"], straight_path(7)))
    weights = {"velocity": 1.7, "bend": 0.0}
    found = rectified(data, weights, levels=7, steps=3, reflow=False)
    assert list(found.values()) == [pytest.approx(velocity)]
    assert rectified(data, {**weights, "bend": 0.1}, levels=7, steps=3, reflow=False) == {}
    assert rectified(data, weights, levels=7, steps=3, reflow=True) == {}  # the pairs are no longer the examples
