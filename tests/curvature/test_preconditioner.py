"""The divisors of adaptive optimizers are those of the steps that they take."""

import numpy as np
import pytest

from landscapes.curvature.edge_of_stability import STABILITY_LIMITS
from landscapes.curvature.preconditioner import DIVISORS, preconditioner_scales
from landscapes.knobs import check_knobs
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.step_vectors import step_vectors
from landscapes.optimization.trajectory import descend
from landscapes.plane import span
from landscapes.precision import precision
from tests.bowl import bowl

RMSPROP = {"bias_correction": True, "eps_in_sqrt": False, "eps": 0.5}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("adam", {}),
        ("adamw", {"weight_decay": 0.3}),
        ("rmsprop", {"eps": 0.05}),
        ("rmsprop", RMSPROP),
        ("rmsprop", {"eps": 0.5, "bias_correction": True, "centered": True}),
        ("lion", {"weight_decay": 0.3}),
    ],
)
def test_divisor_is_that_of_the_step(name, settings):
    problem, steps, rate = bowl((3.0, 11.0), (1.0, -0.7)), 6, 0.07
    knobs = check_knobs(name, OPTIMIZERS[name], {"learning_rate": rate, **settings})
    found = step_vectors(problem, span(problem.params, np.eye(2)), (name, knobs), steps)
    vectors = found.components
    if name == "lion":
        expected = np.abs(vectors["c_t"])
    else:
        average = r"\hat m_t" if r"\hat m_t" in vectors else "g_t"
        expected = vectors[average] / vectors["d_t"]
    run, rows = descend(problem, (name, knobs), steps), np.array([0, 1, 5])
    with precision(problem.params):
        rates = np.full(steps + 1, rate)
        scales = list(preconditioner_scales(problem, name, knobs, rates, run, rows, lambda: None))
    np.testing.assert_allclose(np.stack(scales) ** -2.0, expected[rows], rtol=1e-9)
    assert set(DIVISORS) == {name for name, limit in STABILITY_LIMITS.items() if limit.preconditioner}
