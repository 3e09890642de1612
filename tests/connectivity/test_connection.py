"""The connection between two solutions, as one report."""

import jax
import numpy as np
import pytest

from landscapes import descend
from landscapes.connectivity.connection import connect_solutions
from landscapes.curvature.symmetries import Units, permute_units
from tests import problems

HIDDEN = Units(("first/kernel", "first/bias"), ("second/kernel",))


def test_permuted_copy_connects_without_barrier_after_matching():
    problem = problems.mlp()
    first = jax.tree.map(lambda leaf: leaf[-1], descend(problem, ("sgd", {"learning_rate": 0.1}), 300).params)
    second = permute_units(first, HIDDEN, np.array([2, 3, 1, 0]))
    reports = []
    connection = connect_solutions(
        problem,
        first,
        second,
        units=[HIDDEN],
        steps=60,
        learning_rate=0.1,
        tolerance=0.1,
        progress=lambda f, c: reports.append((f, c)),
    )
    straight, matched, curve = (
        connection.straight_profile,
        connection.matched_profile,
        connection.curve_profile,
    )
    assert straight is not None
    assert matched is not None
    assert curve is not None
    assert connection.matching is not None
    # The midpoint is worse than both copies: the loss of a network whose hidden units differ is not convex.
    assert straight.loss[0] == pytest.approx(straight.loss[-1], rel=1e-12)
    assert straight.barrier.above_mean > 0.1
    assert connection.matching.distance_after == 0
    assert matched.barrier.above_mean == 0
    assert curve.barrier.above_mean < 0.5 * straight.barrier.above_mean
    np.testing.assert_allclose(curve.loss[[0, -1]], straight.loss[[0, -1]], rtol=1e-10)
    assert connection.surface is not None
    extent = [(axis[0], axis[-1]) for axis in connection.surface.axes]
    assert connection.path is not None
    assert connection.plane is not None
    assert connection.curve is not None
    assert connection.control_points is not None
    # The first solution, the bend and the second, all of which the picture shows.
    for point, place in zip((first, connection.curve.bend, second), connection.control_points, strict=True):
        for one, other in zip(*map(jax.tree.leaves, (connection.plane.point(place), point)), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-10)
    points = np.concatenate([connection.path, connection.control_points])
    margin = 0.25 * np.ptp(points, axis=0).max()
    expected = np.stack([points.min(axis=0) - margin, points.max(axis=0) + margin], axis=1)
    np.testing.assert_allclose(extent, expected)
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert reports[-1][1].pending == ""


def test_equal_solutions_are_refused():
    problem = problems.mlp()
    with pytest.raises(ValueError, match="the two solutions are one point; choose another seed"):
        connect_solutions(problem, problem.params, problem.params)


def test_units_that_change_function_are_refused():
    problem = problems.mlp()
    other = jax.tree.map(lambda leaf: np.asarray(leaf) + 1, problem.params)
    wrong = Units(("first/kernel",), ())  # lacks the bias and the kernel that reads the units
    second = permute_units(other, wrong, np.array([1, 0, 3, 2]))
    with pytest.raises(ValueError, match="name the arrays that do write and read the units"):
        connect_solutions(problem, problem.params, second, units=[wrong])
