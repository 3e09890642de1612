"""Flow matching of a Gaussian against its closed form, and the flow of the best field."""

import numpy as np
import pytest

from landscapes.objectives.denoising import by_level
from landscapes.objectives.flows import draw_by_flow, straight_path
from tests.objectives.gaussian_denoising import MODELED, VARIANCES, closed_form, losses, sampled


def test_loss_of_a_gaussian_is_its_closed_form_at_every_third_of_the_times():
    for variances, terms in zip(MODELED, losses("flow-matching", width=0.2, levels=6), strict=True):
        for term, value in by_level(closed_form(straight_path(6, 0.2), variances)).items():
            assert terms[term] == pytest.approx(float(value), rel=0.03)


def test_rectified_flow_is_flow_matching_without_width_and_its_bend_is_that_of_the_gaussian_flow():
    """The flow of the best field is z_t = z₀g(t) with g² = t²s² + (1 − t)², so that the bend is
    Σ ∫(s − 1 − g′)²dt."""
    best, *_ = losses("rectified-flow", steps=64)
    plain, *_ = losses("flow-matching", width=0.0)
    assert best["velocity"] == pytest.approx(sum(plain.values()), rel=1e-5)
    t = (np.arange(1000)[:, None] + 0.5) / 1000
    slope = (t * VARIANCES - (1 - t)) / np.sqrt(t**2 * VARIANCES + (1 - t) ** 2)
    expected = np.sum(np.mean((np.sqrt(VARIANCES) - 1 - slope) ** 2, axis=0))
    assert best["bend"] == pytest.approx(expected, rel=0.08)


def test_flow_of_the_best_field_carries_noise_to_the_variance_of_the_data():
    x = sampled(draw_by_flow, levels=64, width=0.0)
    np.testing.assert_allclose(np.std(x, axis=0), np.sqrt(VARIANCES), rtol=0.05)
