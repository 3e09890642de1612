"""The largest increase of a loss within a ball."""

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.perturbations import worst_perturbation
from landscapes.precision import precision


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_ascent_from_a_minimum_finds_the_steeper_of_two_sides(side):
    # ½x² + ¼y² − ½x³ at 0, where the gradient is 0: it rises more to the left, whichever way the vector points.
    problem = Problem.from_loss(lambda p: p[0] ** 2 / 2 + p[1] ** 2 / 4 - p[0] ** 3 / 2, np.zeros(2))
    with precision(problem.params):
        perturbation = worst_perturbation(problem, jnp.zeros(2), jnp.array([side, 0.0]), 0.3)
    assert perturbation.first_order == 0
    assert perturbation.increase == pytest.approx(0.3**2 / 2 + 0.3**3 / 2, rel=1e-9)
    np.testing.assert_allclose(perturbation.perturbation, [-0.3, 0], atol=1e-9)
