"""The Dice loss of constant and of perfect predictions, and the disc."""

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.objectives import DATASETS, OBJECTIVES


def dice(p, y):
    outputs = jnp.log(jnp.stack([1 - p, p], axis=1) + 1e-30)
    batch = {"x": jnp.zeros((len(y), 1)), "y": jnp.asarray(y)}
    return float(OBJECTIVES["dice"].terms(lambda q, *_: q["w"], {"w": outputs}, {}, batch, None)["dice"])


def test_dice_of_constant_right_and_wrong_predictions():
    y, p = np.arange(100) < 8, 0.3
    assert dice(np.full(100, p), y.astype(int)) == pytest.approx(1 - (2 * 8 * p + 1) / (100 * p + 8 + 1), rel=1e-5)
    assert dice(y.astype(float), y.astype(int)) == pytest.approx(0, abs=1e-6)
    assert dice(1.0 - y, y.astype(int)) == pytest.approx(1 - 1 / 101, rel=1e-5)
    assert dice(np.zeros(100), y.astype(int)) == pytest.approx(1 - 1 / 9, rel=1e-5)


def test_disc_covers_its_share_of_the_picture():
    data = DATASETS["disc"].load(0, radius=0.4, noise=0.0, examples=4096)
    for part in (data.train, data.test):
        assert np.mean(part["y"]) == pytest.approx(np.pi * 0.4**2 / 4, abs=0.03)
    assert np.mean(DATASETS["disc"].load(0, noise=0.1).train["y"]) > 0.12
