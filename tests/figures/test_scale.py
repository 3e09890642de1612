"""The log scale: formula, inverse, floor, and losses that are negative or maximized."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landscapes import figures
from landscapes.figures.scale import FLOOR_SHARE, Scale
from tests.figures.scenes import asymmetric, role

values = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20, unique=True).map(np.array)


@settings(deadline=None, max_examples=50)
@given(values, st.sampled_from(["minimize", "maximize"]))
def test_heights_are_monotone_and_invertible(losses, sense):
    scale = Scale.of(losses, "log", sense)
    heights = scale(np.sort(losses))
    assert np.all(np.isfinite(heights))
    assert np.all(np.diff(heights) >= 0)
    assert np.ptp(heights) <= np.log10((1 + FLOOR_SHARE) / FLOOR_SHARE) + 1e-9
    np.testing.assert_allclose(scale.inverse(heights), np.sort(losses), atol=1e-6 * max(np.ptp(losses), 1))


def test_t32_the_log_scale_is_defined_below_zero():
    scale = Scale.of(np.array([-3.0, 7.0]), "log")
    assert scale.floor == pytest.approx(0.01)
    np.testing.assert_allclose(scale(np.array([-3.0, -2.0, 7.0])), np.log10([0.01, 1.01, 10.01]))
    reward = Scale.of(np.array([-3.0, 7.0]), "log", "maximize")
    np.testing.assert_allclose(reward(np.array([7.0, 6.0])), -np.log10([0.01, 1.01]))


def test_nonfinite_values_do_not_affect_the_scale():
    losses = np.array([1.0, np.inf, 2.0, np.nan, -np.inf])
    for kind in ("linear", "log"):
        scale = Scale.of(losses, kind)
        assert (scale.low, scale.high) == (1, 2)
        assert np.isnan(scale(losses)).tolist() == [False, True, False, True, True]


def test_constant_or_empty_values_have_a_scale():
    for losses in (np.full(4, 5.0), np.full(4, np.nan)):
        scale = Scale.of(losses, "log")
        low, high = scale.range
        assert low < high
        assert scale.levels(10)["size"] > 0


def test_numbers_have_no_digits_below_error():
    scale = Scale.of(np.array([-0.0011, 890.123]), "log", error=0.19)
    texts = scale.ticks()["ticktext"]
    assert (texts[0], texts[-1]) == ("0", "890")
    assert scale.gap == "L + 0.89"
    assert scale.note == "error on this log scale: about a factor of 1.21"
    assert Scale.of(np.array([-3.14159, 7.0]), "log", "maximize").gap == "7 − L + 0.01"
    assert Scale.of(np.array([2.5, 1e3]), "log", error=0.1).gap == "L − 2.5 + 1"
    assert not Scale.of(np.array([0.0, 1.0]), "log", error=np.inf).note
    assert not Scale.of(np.array([0.0, 1.0]), "log", error=1e-14).note


@settings(deadline=None, max_examples=50)
@given(values)
def test_contour_levels_are_round_and_in_range(losses):
    scale = Scale.of(losses)
    levels = scale.levels(12)
    low, high = scale.range
    # A level at the lowest or the highest value would outline plateaus.
    assert scale.low < levels["start"] <= high
    assert levels["end"] < scale.high or levels["end"] == levels["start"]
    assert scale.high <= levels["end"] + levels["size"] * 1.001
    assert 4.5 <= (high - low) / levels["size"] <= 12.1
    mantissa = levels["size"] / 10.0 ** np.floor(np.log10(levels["size"] * 1.0001))
    assert min(abs(mantissa - m) for m in (1, 2, 5, 10)) < 1e-6


@pytest.mark.parametrize("kind", ["linear", "log"])
@pytest.mark.parametrize(
    ("draw", "ends"), [(figures.surface, ("cmin", "cmax")), (figures.contour, ("zmin", "zmax"))]
)
def test_span_argument_extends_the_scale(draw, ends, kind):
    wide, narrow = asymmetric(), asymmetric(weights={"square": 1.0, "slope": 4.0})
    span = (-20.0, 24.0)  # of the wide one
    result = [
        role(draw(surface, scale=kind, span=span, resolution=None), "surface")[0] for surface in (wide, narrow)
    ]
    assert [getattr(result[0], end) for end in ends] == [getattr(result[1], end) for end in ends]
    (single,) = role(draw(narrow, scale=kind, resolution=None), "surface")
    assert getattr(single, ends[1]) != getattr(result[1], ends[1])
