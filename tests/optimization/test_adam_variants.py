"""Variants of Adam: the recursions of NAdam and RAdam, and what Prodigy's estimate is an estimate of."""

import numpy as np
import pytest

from landscapes.optimization.step_vectors import step_vectors
from landscapes.optimization.trajectory import descend
from landscapes.plane import span
from tests.bowl import bowl


def recursion(name, steps, rate=1e-3, b1=0.9, b2=0.99, eps=1e-8):
    """The path on 500x² from 1, from the publications' formulas."""
    x, m, v, path = 1.0, 0.0, 0.0, [1.0]
    limit = 2 / (1 - b2) - 1
    for t in range(1, steps + 1):
        g = 1000.0 * x
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        root = np.sqrt(v / (1 - b2**t)) + eps
        if name == "nadam":
            step = (b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * g / (1 - b1**t)) / root
        else:
            length = limit - 2 * t * b2**t / (1 - b2**t)
            step = m / (1 - b1**t)
            if length >= 5:
                ratio = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
                step = np.sqrt(ratio) * step / root
        x -= rate * step
        path.append(x)
    return path


@pytest.mark.parametrize("name", ["nadam", "radam"])
def test_path_is_that_of_the_published_recursion(name):
    settings = {"learning_rate": 1e-3, "b2": 0.99}
    path = descend(bowl((1000.0, 1.0), (1.0, 0.0)), (name, settings), 12).params[:, 0]
    np.testing.assert_allclose(path, recursion(name, 12), rtol=1e-11)


def test_prodigy_estimate_rises_from_below_the_distance_to_the_minimum():
    problem = bowl((1.0, 4.0), (3.0, -2.0))
    found = step_vectors(problem, span(problem.params, np.eye(2)), "prodigy", 300)
    estimate = found.numbers["d_{t+1}"]
    assert np.all(np.diff(estimate) >= 0)
    assert 0.3 < estimate[-1] <= 3.0  # the largest coordinate's distance from the start
    assert found.loss[-1] < 1e-2 * found.loss[0]
