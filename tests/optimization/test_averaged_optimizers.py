"""Schedule-free optimizers as registered: their path is that of the average."""

import numpy as np
import optax
import pytest

from landscapes.optimization.averaged_optimizers import averaged_point, schedule_free
from landscapes.optimization.trajectory import descend
from tests.bowl import bowl


@pytest.mark.parametrize("name", ["schedule-free-sgd", "schedule-free-adamw"])
def test_path_is_the_average_and_its_note_says_so(name):
    problem, rate, beta = bowl((3.0, 11.0), (1.0, -0.7)), 0.05, 0.8
    run = descend(problem, (name, {"learning_rate": rate, "b1": beta}), 30)
    x = z = np.array([1.0, -0.7])
    v, path = 0.0, [x]
    for t in range(1, 31):
        g = np.array([3.0, 11.0]) * ((1 - beta) * z + beta * x)
        v = 0.999 * v + 0.001 * g**2
        z = z - rate * (g if name.endswith("sgd") else g / (np.sqrt(v / (1 - 0.999**t)) + 1e-8))
        x = x + (z - x) / t
        path.append(x)
    np.testing.assert_allclose(run.params, path, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(run.loss, 0.5 * np.sum(np.array([3.0, 11.0]) * run.params**2, 1), rtol=1e-12)
    assert "the average x" in run.outcome.note


def test_other_optimizers_have_one_point():
    params = np.ones(3, np.float32)
    state = optax.adam(0.1).init(params)
    assert schedule_free(state) is None
    assert averaged_point(state, params) is params
