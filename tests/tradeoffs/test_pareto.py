"""Pareto: dominance by its definition, and a front that is known in closed form."""

import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.problem import Problem
from landscapes.tradeoffs.pareto import nondominated, pareto
from tests.problems import game, maximized, skewed

# (x − a)ᵀA(x − a) against (x − b)ᵀB(x − b): their best compromises lie on a curve from a to b.
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
    found = pareto(problem, "left", "right", ("sgd", {"learning_rate": 0.03}), 1500, weightings=5, points=9)
    assert found.terms == ("left", "right")
    return found


def test_dominance_is_better_in_one_and_no_worse_in_the_other():
    rows = np.array([[0, 3], [1, 1], [1, 2], [1, 1], [3, 0], [2, np.nan], [np.inf, -9], [4, 0]])
    expected = [True, True, False, True, True, False, False, False]
    assert nondominated(rows).tolist() == expected
    assert nondominated(-rows, "maximize").tolist() == expected
    assert nondominated(np.zeros((0, 2))).tolist() == []


def test_solutions_are_those_of_the_weighted_sums_and_the_line_joins_the_ends(front):
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


def test_a_compromise_that_is_the_best_of_its_weights_is_never_dominated_and_the_straight_line_is(front):
    assert front.efficient_solutions.all()
    every = [solution.values for solution in front.solutions] + list(front.line)
    for point, efficient in zip(front.line, front.efficient_line, strict=True):
        assert efficient == (not any((o <= point).all() and (o < point).any() for o in every))
    assert not front.efficient_line[1:-1].all()


def test_a_run_that_diverges_is_told_and_no_point(problem):
    found = pareto(problem, "left", "right", ("sgd", {"learning_rate": 0.1}), 200, weightings=3, points=3)
    kinds = {solution.share: solution.outcome.kind for solution in found.solutions}
    assert kinds[0.0] == "finished"
    assert kinds[1.0] == "diverged"
    assert found.line is None
    assert np.isnan(found.solutions[-1].values).all()
    assert not found.efficient_solutions[-1]
    assert found.efficient_solutions[0]


def test_rewards_are_maximized(problem):
    found = pareto(
        maximized(problem), "left", "right", ("sgd", {"learning_rate": 1e-3}), 5, weightings=2, points=3
    )
    assert found.sense == "maximize"
    assert found.solutions[0].values[0] > found.start[0]
    assert found.solutions[1].values[1] > found.start[1]


def test_progress_grows_shows_the_front_so_far_and_may_cancel(problem):
    seen = []
    pareto(problem, "left", "right", "sgd", 20, weightings=3, points=3, progress=lambda f, p: seen.append((f, p)))
    assert [f for f, _ in seen] == sorted(f for f, _ in seen)
    assert seen[-1][0] == 1
    assert {len(p.solutions) for _, p in seen} == {0, 1, 2, 3}

    def cancel(fraction, partial):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pareto(problem, "left", "right", "sgd", 20, progress=cancel)


def test_other_weightings_and_rates_compile_nothing(problem):
    pareto(problem, "left", "right", ("sgd", {"learning_rate": 0.01}), 5, weightings=2, points=3)
    before = len(TRACES)
    pareto(problem, "right", "left", ("sgd", {"learning_rate": 0.02}), 7, weightings=3, points=5)
    assert len(TRACES) == before


def test_what_cannot_be_compared_gets_a_sentence(problem):
    with pytest.raises(ValueError, match="there is no term 'middle'; the terms are: left, rest, right"):
        pareto(problem, "left", "middle", "sgd", 5)
    with pytest.raises(ValueError, match="does not conflict with itself; choose two different terms"):
        pareto(problem, "left", "left", "sgd", 5)
    with pytest.raises(ValueError, match="loss of its own"):
        pareto(game(), "product", "square", "sgd", 5)
    with pytest.raises(ValueError, match="weightings = 1 leaves nothing to compare; give at least 2"):
        pareto(skewed(), "bowl", "slope", "sgd", 5, weightings=1)
