"""Dominance by its definition, and a Pareto front that is known in closed form."""

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.problem import Problem
from landscapes.tradeoffs.pareto import nondominated, pareto_front
from tests.problems import game, maximized, skewed

# (x − a)ᵀA(x − a) against 10·(x − b)ᵀB(x − b): the Pareto-optimal points lie on a curve from a to b.
A, B = np.array([[1.0, 0.3], [0.3, 0.5]]), np.array([[0.4, -0.2], [-0.2, 1.5]])
a, b = np.array([1.0, -2.0]), np.array([-0.5, 0.7])
START = np.array([0.3, 1.1])


TRACES = []


def _compromise(p):
    TRACES.append(1)
    return {
        "left": (p["x"] - a) @ A @ (p["x"] - a),
        "right": 10 * (p["x"] - b) @ B @ (p["x"] - b),
        "rest": jnp.sum(p["x"]) ** 4,
    }


def values(x):
    return np.array([(x - a) @ A @ (x - a), 10 * (x - b) @ B @ (x - b)])


@pytest.fixture(scope="module")
def problem():
    return Problem.from_loss(_compromise, {"x": START})


@pytest.fixture(scope="module")
def front(problem):
    result = pareto_front(problem, "left", "right", ("sgd", {"learning_rate": 0.03}), 1500, weightings=5, points=9)
    assert result.terms == ("left", "right")
    return result


def test_dominance_needs_one_better_and_none_worse():
    rows = np.array([[0, 3], [1, 1], [1, 2], [1, 1], [3, 0], [2, np.nan], [np.inf, -9], [4, 0]])
    expected = [True, True, False, True, True, False, False, False]
    assert nondominated(rows).tolist() == expected
    assert nondominated(-rows, "maximize").tolist() == expected
    assert nondominated(np.zeros((0, 2))).tolist() == []


def test_solutions_minimize_weighted_sums_in_closed_form(front):
    gaps = np.abs(values(a) - values(b))
    assert [solution.share for solution in front.solutions] == [0, 0.25, 0.5, 0.75, 1]
    for solution in front.solutions:
        one, other = (1 - solution.share) / gaps[0], solution.share / gaps[1]
        x = np.linalg.solve(one * A + 10 * other * B, one * A @ a + 10 * other * B @ b)
        np.testing.assert_allclose(solution.values, values(x), rtol=1e-6, atol=1e-9)
        assert sum(solution.weights) == pytest.approx(2)
        assert solution.weights[1] * one == pytest.approx(solution.weights[0] * other)
        assert solution.gradient_norm < 1e-6
    np.testing.assert_allclose(front.start, values(START))
    assert front.length == pytest.approx(np.linalg.norm(a - b))
    line = [values(a + t * (b - a)) for t in np.linspace(0, 1, 9)]
    np.testing.assert_allclose(front.line, line, rtol=1e-6, atol=1e-9)


def test_weighted_minima_are_efficient_and_line_is_dominated(front):
    assert front.efficient_solutions.all()
    points = [solution.values for solution in front.solutions] + list(front.line)
    for point, efficient in zip(front.line, front.efficient_line, strict=True):
        assert efficient == (not any((o <= point).all() and (o < point).any() for o in points))
    assert not front.efficient_line[1:-1].all()
    # Of two rewards with the same values the other side is the best.
    rewards = replace(front, sense="maximize")
    efficient_points = [*rewards.efficient_solutions, *rewards.efficient_line]
    assert 2 <= np.sum(efficient_points) < len(points)
    for point, efficient in zip(points, efficient_points, strict=True):
        assert efficient == (not any((o >= point).all() and (o > point).any() for o in points))


def test_diverged_run_has_no_values_and_no_line(problem):
    result = pareto_front(problem, "left", "right", ("sgd", {"learning_rate": 0.1}), 200, weightings=3, points=3)
    kinds = {solution.share: solution.outcome.kind for solution in result.solutions}
    assert kinds[0.0] == "finished"
    assert kinds[1.0] == "diverged"
    assert result.line is None
    assert np.isnan(result.solutions[-1].values).all()
    assert not result.efficient_solutions[-1]
    assert result.efficient_solutions[0]


def test_rewards_are_maximized(problem):
    result = pareto_front(
        maximized(problem), "left", "right", ("sgd", {"learning_rate": 1e-3}), 5, weightings=2, points=3
    )
    assert result.sense == "maximize"
    assert result.solutions[0].values[0] > result.start[0]
    assert result.solutions[1].values[1] > result.start[1]


def test_progress_reports_partial_front_and_can_be_cancelled(problem):
    reports = []
    pareto_front(
        problem, "left", "right", "sgd", 20, weightings=3, points=3, progress=lambda f, p: reports.append((f, p))
    )
    assert [f for f, _ in reports] == sorted(f for f, _ in reports)
    assert reports[-1][0] == 1
    assert {len(p.solutions) for _, p in reports} == {0, 1, 2, 3}

    def cancel(fraction, partial):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pareto_front(problem, "left", "right", "sgd", 20, progress=cancel)


def test_other_weightings_and_rates_compile_nothing(problem):
    pareto_front(problem, "left", "right", ("sgd", {"learning_rate": 0.01}), 5, weightings=2, points=3)
    before = len(TRACES)
    pareto_front(problem, "right", "left", ("sgd", {"learning_rate": 0.02}), 7, weightings=3, points=5)
    assert len(TRACES) == before


def test_invalid_terms_and_counts_are_refused(problem):
    with pytest.raises(ValueError, match="there is no term 'middle'; the terms are: left, rest, right"):
        pareto_front(problem, "left", "middle", "sgd", 5)
    with pytest.raises(ValueError, match="does not conflict with itself; choose two different terms"):
        pareto_front(problem, "left", "left", "sgd", 5)
    with pytest.raises(ValueError, match="loss of its own"):
        pareto_front(game(), "product", "square", "sgd", 5)
    with pytest.raises(ValueError, match="weightings = 1 leaves nothing to compare; give at least 2"):
        pareto_front(skewed(), "bowl", "slope", "sgd", 5, weightings=1)


def test_terms_that_weigh_nothing_are_compared_at_weights_of_sum_one(problem):
    without = replace(problem, weights=dict.fromkeys(problem.weights, 0.0))
    result = pareto_front(without, "left", "right", ("sgd", {"learning_rate": 0.01}), 5, weightings=3, points=3)
    sums = [sum(solution.weights) for solution in result.solutions]
    np.testing.assert_allclose(sums, 1)
    assert (result.solutions[0].weights, result.solutions[-1].weights) == ((1, 0), (0, 1))
