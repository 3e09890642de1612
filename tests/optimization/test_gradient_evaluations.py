"""What a step of each optimizer costs in gradients."""

import numpy as np
import pytest

from landscapes.optimization import descend
from landscapes.optimization.gradient_evaluations import GRADIENTS_PER_STEP, steps_within
from tests.problems import game, rosenbrock


@pytest.mark.parametrize(("optimizer", "steps"), [("sgd", 7), ("sam", 3), ("extragradient", 3), ("lbfgs", 3)])
def test_a_budget_of_seven_gradients(optimizer, steps):
    assert steps_within(7, optimizer) == steps
    assert steps_within(1, optimizer) == 1


@pytest.mark.parametrize(
    ("optimizer", "problem"), [("sgd", rosenbrock), ("sam", rosenbrock), ("extragradient", game)]
)
def test_gradients_are_counted_along_a_run(optimizer, problem):
    run = descend(problem(), (optimizer, {"learning_rate": 1e-4}), 5)
    assert run.evaluations is not None
    per_step = GRADIENTS_PER_STEP.get(optimizer, 1)
    np.testing.assert_array_equal(np.diff(run.evaluations), per_step)
