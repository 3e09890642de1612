"""The shapes of generated data before they are standardized, and which class is where."""

import numpy as np
import pytest

from landscapes.objectives import generated
from landscapes.objectives.data import Data


@pytest.fixture(autouse=True)
def raw(monkeypatch):
    """The drawn examples themselves."""
    monkeypatch.setattr(
        generated, "standardized", lambda train, test, classes, **kwargs: Data(train, test, classes)
    )


def drawn(name, **knobs):
    data = generated.DATASETS[name].load(3, examples=30, **knobs)
    return data.train["x"], data.train["y"], data.classes


def test_moons_are_half_circles_of_which_the_second_is_moved_and_turned():
    x, y, _ = drawn("moons", noise=0.0)
    for label, centre, side in ((0, (0.0, 0.0), 1), (1, (1.0, 0.5), -1)):
        offset = x[y == label] - centre
        np.testing.assert_allclose(np.hypot(*offset.T), 1, rtol=1e-12)
        assert np.all(side * offset[:, 1] >= 0)
        assert np.ptp(offset[:, 0]) > 1.5


def test_inner_circle_has_class_one_and_the_radius_of_its_knob():
    x, y, _ = drawn("circles", noise=0.0, factor=0.25)
    np.testing.assert_allclose(np.hypot(*x.T), np.where(y == 1, 0.25, 1.0), rtol=1e-12)


def test_blobs_lie_at_the_corners_of_a_polygon_in_the_order_of_their_classes():
    x, y, classes = drawn("blobs", noise=0.0, clusters=5)
    np.testing.assert_allclose(x, np.stack([np.cos(2 * np.pi * y / 5), np.sin(2 * np.pi * y / 5)], 1), atol=1e-12)
    assert classes == 5


def test_spirals_turn_with_their_radius_half_a_revolution_apart():
    x, y, _ = drawn("spirals", noise=0.0, turns=1.25)
    radius = np.hypot(*x.T)
    assert 0.1 <= radius.min() < 0.4 < 0.9 < radius.max() <= 1
    angle = 2 * np.pi * 1.25 * radius + np.pi * y
    np.testing.assert_allclose(x, radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), atol=1e-12)


def test_sine_has_its_periods_over_x_from_minus_one_to_one():
    x, y, classes = drawn("sine", noise=0.0, periods=2.5)
    np.testing.assert_allclose(y, np.sin(2.5 * np.pi * x), atol=1e-12)
    assert -1 <= x.min() < -0.8 < 0.8 < x.max() <= 1
    assert classes is None


def test_noise_is_the_standard_deviation_of_the_points_or_of_the_targets():
    clean, noisy = (generated.DATASETS["xor"].load(1, examples=2000, noise=noise).train for noise in (0.0, 0.5))
    np.testing.assert_array_equal(clean["y"], noisy["y"])
    assert np.std(noisy["x"] - clean["x"]) == pytest.approx(0.5, rel=0.1)
    train = generated.DATASETS["sine"].load(1, examples=2000, noise=0.5).train
    assert np.std(train["y"] - np.sin(np.pi * train["x"])) == pytest.approx(0.5, rel=0.1)


def test_counts_have_the_logarithm_of_their_rate_linear_in_x():
    """The mean of x·(y − e·e^{s²/2}) is e^{1 + s²/2}·w for Poisson counts of rate exp(1 + w·x), |w| = s."""
    train = generated.DATASETS["counts"].load(2, examples=10_000, spread=0.5).train
    mean = np.exp(1 + 0.5**2 / 2)
    assert np.mean(train["y"]) == pytest.approx(mean, rel=0.05)
    weight = np.mean(train["x"] * train["y"], axis=0) / mean
    assert np.linalg.norm(weight) == pytest.approx(0.5, rel=0.15)


def test_both_parts_are_independent_draws_with_even_classes():
    data = generated.DATASETS["blobs"].load(5, examples=31)
    assert not np.array_equal(data.train["x"], data.test["x"])
    for part in (data.train, data.test):
        assert sorted(np.bincount(part["y"])) == [10, 10, 11]
