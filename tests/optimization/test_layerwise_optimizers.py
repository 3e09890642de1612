"""Layerwise optimizers on a matrix beside a vector: what each does to a layer, from its step."""

import numpy as np
import pytest

from landscapes.optimization.trajectory import descend
from landscapes.problem import Problem

KERNEL, BIAS = np.array([[1.0, 2.0, -1.0], [0.5, -0.3, 2.0]]), np.array([0.1, -0.2, 0.3])
RATE = 0.05


def loss(params):
    return 0.5 * (params["kernel"] ** 4).sum() + 2 * (params["bias"] ** 2).sum()


@pytest.fixture(scope="module")
def problem() -> Problem:
    return Problem.from_loss(loss, {"bias": BIAS, "kernel": KERNEL})


def run(problem, name, steps=3, **settings):
    return descend(problem, (name, {"learning_rate": RATE, **settings}), steps).params


def first_step(path):
    return {name: np.diff(values, axis=0)[0] for name, values in path.items()}


@pytest.mark.parametrize(("name", "share"), [("lamb", 1.0), ("lars", 0.1)])
def test_first_step_is_a_share_of_the_norm_of_each_layer(problem, name, share):
    step = first_step(run(problem, name))
    for layer, values in {"kernel": KERNEL, "bias": BIAS}.items():
        assert np.linalg.norm(step[layer]) == pytest.approx(share * RATE * np.linalg.norm(values), rel=1e-9)


def test_adafactor_keeps_the_means_of_rows_and_columns(problem):
    squares = (2 * KERNEL**3) ** 2
    estimate = squares.mean(1, keepdims=True) * squares.mean(0) / squares.mean()
    direction = 2 * KERNEL**3 / np.sqrt(estimate)
    direction /= max(1, np.sqrt(np.mean(direction**2)))
    expected = -RATE * np.sqrt(np.mean(KERNEL**2)) * direction
    np.testing.assert_allclose(first_step(run(problem, "adafactor"))["kernel"], expected, rtol=1e-9)
    signs = first_step(run(problem, "adafactor", factored=False))
    np.testing.assert_allclose(signs["kernel"], -RATE * np.sqrt(np.mean(KERNEL**2)) * np.sign(KERNEL), rtol=1e-9)
