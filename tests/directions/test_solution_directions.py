"""Directions through the end points of optimizers."""

import jax
import numpy as np
import pytest

from landscapes import Problem, span
from tests import problems
from tests.direction_helpers import directions, flat, path_through, problem_over


def test_plane_contains_start_and_two_best_ends(network):
    problem, runs = network
    three = {
        **runs,
        "worse": path_through(
            jax.tree.map(lambda p: np.stack([p, np.zeros(p.shape)]), problem.params), [1.0, 99.0]
        ),
    }
    best = min(runs.values(), key=lambda run: run.loss[-1])
    centre = jax.tree.map(lambda leaf: leaf[-1], best.params)
    problem = Problem.from_loss(problem.objective.loss, centre, problem.data)
    plane = span(centre, directions("solutions", problem, 2, three.values()))
    for run in runs.values():
        for row in (0, -1):
            _, distance = plane.project(jax.tree.map(lambda leaf, row=row: leaf[row], run.params))
            np.testing.assert_allclose(distance, 0, atol=1e-13)
    _, distance = plane.project(jax.tree.map(lambda leaf: leaf[-1], three["worse"].params))
    assert float(distance) > 0.1


def test_best_solution_of_reward_is_the_largest():
    problem = problem_over(np.zeros(3))
    ends = {"low": np.array([1.0, 0, 0]), "high": np.array([0, 1.0, 0]), "nan": np.array([0, 0, 1.0])}
    losses = {"low": 1.0, "high": 2.0, "nan": np.nan}
    paths = [path_through(np.stack([np.zeros(3), end]), [0.0, losses[name]]) for name, end in ends.items()]
    np.testing.assert_array_equal(directions("solutions", problem, 2, paths), [ends["low"], ends["high"]])
    reward = problems.maximized(problem)
    np.testing.assert_array_equal(directions("solutions", reward, 2, paths), [ends["high"], ends["low"]])


CURVED = np.array([[3.0, 0, 0, 0], [2.0, 1.0, 0, 0], [1.0, 2.0, 0.5, 0], [0.5, 0.25, 0, -0.25], [0, 0, 0, 0]])


@pytest.mark.parametrize("runs", [1, 2])
def test_one_end_adds_leading_residual_direction(runs):
    """From (3, 0, 0, 0) to the centre 0: the residuals lie in the last three coordinates."""
    problem = problem_over({"a": np.zeros(1), "b": np.zeros(3)})
    # The second run ends at the same point but takes another path.
    snapshots = [CURVED, CURVED * [1, 0.5, -1, 2]][:runs]
    paths = [path_through({"a": rows[:, :1], "b": rows[:, 1:]}) for rows in snapshots]
    first, second = flat(directions("solutions", problem, 2, paths), 1)
    np.testing.assert_array_equal(first, [3, 0, 0, 0])
    expected = np.linalg.svd(np.concatenate(snapshots)[:, 1:])[2][0]
    np.testing.assert_allclose(abs(second[1:] @ expected), np.linalg.norm(second), rtol=1e-12)
    assert second[0] == pytest.approx(0, abs=1e-12)
    np.testing.assert_array_equal(flat(directions("solutions", problem, 1, paths), 1), [first])


def test_straight_path_lies_in_plane():
    problem = problem_over(np.array([1.0, -2.0, 0.5]))
    straight = path_through(np.linspace([4.0, -2.0, 1.5], [1.0, -2.0, 0.5], 5))
    plane = span(problem.params, directions("solutions", problem, 2, [straight]))
    for point in straight.params:
        np.testing.assert_allclose(plane.project(point)[1], 0, atol=1e-14)


def test_optimizers_that_never_move_are_refused():
    problem = problem_over(np.ones(3))
    for paths in ([], [path_through(np.ones((2, 3)))]):
        with pytest.raises(ValueError, match="no optimizer has left the start; lower a learning rate that"):
            directions("solutions", problem, 1, paths)
