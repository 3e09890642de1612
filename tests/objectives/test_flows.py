"""Flow matching of a Gaussian against its closed form, and the flow of the best field."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from landscapes.objectives.denoising import by_level
from landscapes.objectives.flows import draw_by_flow, flow_ends, rectified_flow, straight_path
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


def test_reflow_on_a_line_has_loss_0_at_the_monotone_map_of_a_gaussian():
    """Gaussian data on a line: the flow of round one has the monotone map z ↦ m + sz, and the field of the
    straight lines of that map has no loss in round two. In round one its loss is at least the mean over times of
    Var(x − ε|x_t) = s²/(t²s² + (1 − t)²)."""
    mean, deviation, count = 0.7, 2.0, 400
    noise = norm.ppf((np.arange(count) + 0.5) / count)[:, None].astype(np.float32)
    x = jnp.asarray(mean + deviation * noise)
    ends = np.asarray(jax.jit(flow_ends)(jnp.asarray(noise), x))
    assert np.all(np.diff(ends[:, 0]) >= 0)
    assert np.mean((ends - x) ** 2) < 0.01 * deviation**2

    def straight(params, state, x, alpha, sigma, a, b, method):
        return mean + (deviation - 1) * (x - alpha * mean) / (alpha * deviation + sigma)

    first, second = (
        {
            k: float(v)
            for k, v in rectified_flow(straight, {}, {}, {"x": x}, jax.random.key(0), reflow=each).items()
        }
        for each in (False, True)
    )
    t = straight_path(16).alpha
    assert first["velocity"] > np.mean(deviation**2 / (t**2 * deviation**2 + (1 - t) ** 2)) > 1
    assert second["velocity"] < 0.01
    assert second["bend"] == pytest.approx(0, abs=1e-9)
    assert first["bend"] == second["bend"]
