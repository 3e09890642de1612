"""Textures: a class shows in the spectrum of an image and not in its pixels."""

import numpy as np

from landscapes.objectives.textures import textures


def test_class_of_texture_is_angle_and_period_of_its_spectrum():
    data = textures(1, examples=100, side=32, noise=0.3)
    again = textures(1, examples=100, side=32, noise=0.3)
    np.testing.assert_array_equal(data.train["x"], again.train["x"])
    assert data.train["x"].shape == (100, 32, 32, 3)
    y = data.train["y"]
    np.testing.assert_array_equal(np.bincount(y), np.full(10, 10))
    power = np.sum(np.abs(np.fft.fft2(data.train["x"], axes=(1, 2))) ** 2, axis=-1).reshape(100, -1)
    row, column = (
        each.ravel()[power.argmax(axis=1)] for each in np.meshgrid(*[np.fft.fftfreq(32)] * 2, indexing="ij")
    )
    np.testing.assert_array_equal(np.hypot(row, column) > 0.18, y >= 5)  # 1/8 and 1/4 of a cycle per pixel
    off = (np.arctan2(row, column) / np.pi * 5 - y % 5 + 2.5) % 5 - 2.5
    assert np.max(np.abs(off)) < 0.5


def test_linear_functions_of_pixels_misclassify_most_new_textures():
    data = textures(0, examples=400, side=16)
    x, y = data.train["x"].reshape(400, -1).astype(np.float64), np.eye(10)[data.train["y"]]
    ridge = np.linalg.solve(x @ x.T + 100 * np.eye(400), y)
    scores = data.test["x"].reshape(400, -1) @ x.T @ ridge
    assert np.mean(scores.argmax(axis=1) == data.test["y"]) < 0.4


def test_noise_is_as_strong_as_stated_and_all_images_have_one_contrast():
    plain, noisy = (textures(2, examples=200, side=12, noise=noise).train["x"] for noise in (0.0, 0.5))
    # Of standardized pixels s and (s + n)/√(1 + ¼), as the stripes have variance 1.
    assert abs(np.mean(plain * noisy) - 1.25**-0.5) < 0.01
    contrast = np.mean(plain**2, axis=(1, 2, 3))
    assert contrast.min() > 0.7
    assert contrast.max() < 1.4
