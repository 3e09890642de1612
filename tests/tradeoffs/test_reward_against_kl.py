"""The true reward against √KL: fits of curves that have the forms, and of some that cannot be fitted."""

import numpy as np
import pytest

from landscapes.tradeoffs.reward_against_kl import reward_curve

DISTANCE = np.linspace(0, 3, 40)


@pytest.mark.parametrize(
    ("form", "bend", "peak"),
    [
        ("best-of-n", DISTANCE**2, 2 / (2 * 0.8)),
        ("policy", DISTANCE * np.log(np.maximum(DISTANCE, 1e-300)), np.exp(2 / 0.8 - 1)),
    ],
)
def test_fit_recovers_both_numbers_and_the_peak(form, bend, peak):
    curve = reward_curve(DISTANCE**2, 2 * DISTANCE - 0.8 * bend, form)
    assert curve.fit is not None
    np.testing.assert_allclose((curve.fit.alpha, curve.fit.beta), (2, 0.8))
    np.testing.assert_allclose(curve.fit.peak, peak)
    np.testing.assert_allclose(curve.fit(DISTANCE), curve.truth, atol=1e-12)
    assert curve.fit.misfit < 1e-12


def test_curve_keeps_finite_points_and_counts_kl_below_zero_as_zero():
    curve = reward_curve(
        np.array([-1e-9, 1.0, 4.0, np.nan]), np.array([0.0, 1.0, 2.0, 5.0]), "policy", proxy=np.arange(4.0)
    )
    np.testing.assert_array_equal(curve.distance, [0, 1, 2])
    np.testing.assert_array_equal(curve.proxy, [0, 1, 2])
    assert curve.fit is None


def test_form_that_never_falls_has_no_peak():
    curve = reward_curve(DISTANCE**2, 2 * DISTANCE + DISTANCE**2, "best-of-n")
    assert curve.fit is not None
    assert curve.fit.peak == np.inf
