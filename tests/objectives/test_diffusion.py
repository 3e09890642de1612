"""Diffusion losses of a Gaussian against their closed forms, and ancestral sampling."""

import numpy as np
import pytest

from landscapes.objectives.denoising import by_level
from landscapes.objectives.diffusion import draw_by_ancestors, noise_path, v_path
from tests.objectives.gaussian_denoising import MODELED, VARIANCES, closed_form, losses, sampled

PATHS = {"noise-prediction": noise_path, "v-prediction": v_path}


@pytest.mark.parametrize("name", PATHS)
def test_loss_of_a_gaussian_is_its_closed_form_at_every_third_of_the_levels(name):
    found = losses(name, levels=6)
    for variances, terms in zip(MODELED, found, strict=True):
        for term, value in by_level(closed_form(PATHS[name](6), variances)).items():
            assert terms[term] == pytest.approx(float(value), rel=0.03)
    few, default = (np.array([*by_level(closed_form(PATHS[name](n), VARIANCES)).values()]) for n in (6, 16))
    assert np.max(np.abs(few / default - 1)) > 0.06
    totals = [sum(terms.values()) for terms in found]
    assert totals[0] < min(totals[1:])


@pytest.mark.parametrize("path", PATHS.values())
def test_ancestral_samples_of_the_best_denoiser_have_the_variance_of_the_data(path):
    x = sampled(draw_by_ancestors(path), levels=64)
    np.testing.assert_allclose(np.std(x, axis=0), np.sqrt(VARIANCES), rtol=0.05)
    np.testing.assert_allclose(np.mean(x, axis=0), 0, atol=0.1)
