"""Newton's method for a gradient of zero, with known points deflated."""

import numpy as np
import pytest

from landscapes import Problem
from landscapes.curvature.newton_search import NewtonSearch, batches, newton_steps
from landscapes.precision import precision

BOUNDS = np.array([[-2.0, 2.0], [-1.0, 1.0]])


def _double_well(p):
    return (p[0] ** 2 - 1) ** 2 + 3 * p[1] ** 2


def test_search_finds_the_three_critical_points():
    """(x² − 1)² + 3y² has the critical points (−1, 0), (0, 0) and (1, 0)."""
    problem = Problem.from_loss(_double_well, np.zeros(2))
    starts = np.array([[-1.2, 0.3], [-0.9, 0.1], [0.1, -0.5], [1.1, 0.2], [0.9, 0.4]])
    with precision(problem.params):
        search = NewtonSearch(problem, BOUNDS, lambda fraction, part: None, batch=4)
        result = search.run(starts, np.zeros((0, 2)), (0.0, 1.0))
        gradient, values = search.local(np.array([[1.0, 0.5]] * 4))
    np.testing.assert_allclose(result[np.argsort(result[:, 0])], [[-1, 0], [0, 0], [1, 0]], atol=1e-9)
    np.testing.assert_allclose(gradient[0], [0, 3])
    np.testing.assert_allclose(values[0], [6, 8])


def _bowl(p):
    return 0.5 * (p[0] ** 2 + p[1] ** 2)


@pytest.mark.parametrize(("used", "end"), [(0, 0.0), (1, 0.3 + 0.3 / (2 / 1.09 - 1))])
def test_a_step_leads_away_from_a_deflated_point(used, end):
    """At 0.3 the factor 1 + 1/x² turns the step −0.3 into −0.3/(1 − 2/1.09)."""
    problem = Problem.from_loss(_bowl, np.zeros(2))
    with precision(problem.params):
        points, step = newton_steps(problem, np.array([[0.3, 0.0]]), np.zeros((16, 2)), used, 1.0, 1)
    np.testing.assert_allclose(points, [[end, 0]], atol=1e-12)
    np.testing.assert_allclose(step, [abs(end - 0.3)], atol=1e-12)


def test_last_batch_repeats_its_last_point():
    parts = list(batches(np.arange(10.0).reshape(5, 2), 3))
    assert [part.shape for part in parts] == [(3, 2), (3, 2)]
    np.testing.assert_array_equal(parts[1], [[6, 7], [8, 9], [8, 9]])
