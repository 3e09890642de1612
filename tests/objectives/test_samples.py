"""Samples for a generator: where the modes lie, and how many samples each has."""

import numpy as np
import pytest

from landscapes.objectives.samples import DATASETS


def test_ring_has_equally_many_samples_around_each_mode():
    """Modes at angles 2πk/5 on the circle of radius 1."""
    data = DATASETS["ring"].load(1, examples=50, modes=5, noise=0.01)
    for part in (data.train, data.test):
        angle = np.arctan2(part["x"][:, 1], part["x"][:, 0]) / (2 * np.pi / 5)
        np.testing.assert_allclose(angle, np.round(angle), atol=0.05)
        assert list(np.bincount(np.round(angle).astype(int) % 5)) == [10] * 5
        np.testing.assert_allclose(np.hypot(*part["x"].T), 1, atol=0.05)
    wide = DATASETS["ring"].load(1, examples=5000, modes=1, noise=0.3).train["x"] - [1, 0]
    assert np.std(wide) == pytest.approx(0.3, rel=0.05)


def test_entropy_of_separate_modes_is_that_of_one_and_of_their_number():
    for modes, noise in ((1, 0.3), (4, 0.02)):
        data = DATASETS["ring"].load(1, examples=10, modes=modes, noise=noise)
        assert data.entropy == pytest.approx(np.log(modes) + 1 + np.log(2 * np.pi * noise**2), rel=1e-9)
    assert DATASETS["ring"].load(1, examples=10, noise=0.0).entropy is None


def test_point_is_zero_whatever_the_seed():
    data = DATASETS["point"].load(4, examples=3)
    np.testing.assert_array_equal(data.train["x"], np.zeros((3, 1)))


def test_points_of_the_plane_are_standardized_and_have_no_labels():
    for shape in ("moons", "circles", "blobs", "spirals"):
        data = DATASETS["plane-samples"].load(2, examples=40, shape=shape)
        assert set(data.train) == {"x"}
        np.testing.assert_allclose(data.train["x"].mean(axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(data.train["x"].std(axis=0), 1, rtol=1e-5)
