"""Score matching of a Gaussian against its closed form at each level, and Langevin samples."""

from typing import Any

import numpy as np
import pytest

from landscapes.objectives.denoising import TERMS
from landscapes.objectives.score_matching import added_noise, draw_by_langevin
from tests.objectives.gaussian_denoising import MODELED, VARIANCES, closed_form, losses, sampled

LEVELS: dict[str, Any] = {"noise": 0.3, "ratio": 3.0}


def test_loss_of_a_gaussian_is_its_closed_form_at_every_level():
    """At the best score −x/(s² + σ²) each level has Σ s²/(s² + σ²)."""
    found, path = losses("score-matching", draws=4, **LEVELS), added_noise(**LEVELS)
    for variances, terms in zip(MODELED, found, strict=True):
        for term, value in zip(TERMS, closed_form(path, variances), strict=True):
            assert terms[term] == pytest.approx(value, rel=0.03)
    best = [np.sum(VARIANCES / (VARIANCES + sigma**2)) for sigma in np.asarray(path.sigma)]
    np.testing.assert_allclose(closed_form(path, VARIANCES), best, rtol=1e-5)


def test_langevin_samples_of_the_best_score_have_the_variance_of_the_data():
    x = sampled(draw_by_langevin, noise=0.2, ratio=4.0)
    np.testing.assert_allclose(np.std(x, axis=0), np.sqrt(VARIANCES), rtol=0.1)
    np.testing.assert_allclose(np.mean(x, axis=0), 0, atol=0.1)
