"""BYOL and SimSiam with a weight w, a predictor p and a target a: field, Jacobian, collapse, what is conserved."""

from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

from landscapes import Choice
from landscapes.games.game_jacobian import jacobian
from landscapes.objectives import OBJECTIVES
from landscapes.optimization.trajectory import descend
from landscapes.recipes import catalog
from tests.small_recipes import opening


def problem(w=1.3, p=1.4, a=1.3, objective="byol", **weights):
    recipe = replace(opening(objective), optimizers=(), weights=tuple(weights.items()))
    kernel, predictor, target = (np.array([[value]], float) for value in (w, p, a))
    params = {
        "online": {"encoder": {"kernel": kernel}, "predictor": predictor},
        "target": {"encoder": {"kernel": target}},
    }
    return replace(catalog.build(recipe), params=params)


def numbers(tree):
    parts = tree["online"]["encoder"]["kernel"], tree["online"]["predictor"], tree["target"]["encoder"]["kernel"]
    return np.array([np.asarray(part).ravel() for part in parts]).squeeze()


def moments():
    """E[x₁²] over both views, the sum of both means halved, and E[x₁x₂], from values of the loss: with p = 1 it is
    ¼(w²·2s − 4wac + a²·2s)."""
    values = [float(problem(w, 1.0, a).terms(problem().params | problem(w, 1.0, a).params)["online-loss"])
              for w, a in ((1.0, 0.0), (1.0, 1.0))]  # fmt: skip
    s = 2 * values[0]
    return s, s - values[1]


def test_field_is_that_of_stopping_the_gradient_at_the_target():
    s, c = moments()
    assert (s, c) == (pytest.approx(1.25, rel=0.25), pytest.approx(1, rel=0.25))
    w, p, a = 0.7, 0.9, 0.4
    excess = p * w * s - a * c
    expected = [p * excess, w * excess, 2 * (a - w)]
    at = problem(w, p, a, tracking=2.0)
    np.testing.assert_allclose(numbers(at.field(at.params)), expected, rtol=1e-9)


def test_jacobian_is_not_symmetric_and_decides_on_collapse():
    """At w = a = 0 its block in (w, a) is [[p²s, −pc], [−1, 1]], whose determinant p(ps − c) changes its sign."""
    s, c = moments()
    for p in (0.5, 1.5):
        found = jacobian(problem(0.0, p, 0.0))
        block = np.array([[p**2 * s, -p * c], [-1, 1]])
        expected = np.real(np.append(np.linalg.eigvals(block), 0))
        np.testing.assert_allclose(np.sort(np.real(found.eigenvalues)), np.sort(expected), atol=1e-9)
        assert (np.linalg.det(block) > 0) == (p > c / s)
        field = problem(0.0, p, 0.0)
        assert not np.any(numbers(field.field(field.params)))
    knobs = {"noise": 0.5, "normalized": False}
    equilibrium: Any = OBJECTIVES["byol"].known.optimum
    found = equilibrium(problem().params, None, {}, **knobs)
    np.testing.assert_array_equal(numbers(found), [0, 1.4, 0])


@pytest.mark.parametrize(("p", "collapses"), [(1.4, False), (1.6, True)])
def test_conserved_difference_of_squares_decides_where_a_path_ends(p, collapses):
    s, c = moments()
    path = descend(problem(1.3, p, 1.3), ("simultaneous", {"learning_rate": 0.01}), 6000, schedule="constant")
    w, predictor, a = numbers(jax.tree.map(lambda leaf: leaf[-1], path.params))
    difference = p**2 - 1.3**2
    assert predictor**2 - w**2 == pytest.approx(difference, abs=0.05)
    assert (difference > (c / s) ** 2) == collapses
    if collapses:
        assert abs(w) < 0.05
        assert predictor > c / s
    else:
        np.testing.assert_allclose([predictor, a], [c / s, w], atol=0.01)


def test_alternating_simsiam_is_descent_with_a_stopped_gradient():
    s, c = moments()
    rate, w, p = 0.05, 1.3, 1.4
    start = problem(w, p, 0.2, "simsiam", tracking=1 / rate)
    path = descend(start, ("alternating", {"learning_rate": rate}), 8)
    for k in range(9):
        found = numbers(jax.tree.map(lambda leaf, k=k: leaf[k], path.params))
        np.testing.assert_allclose(found[:2], [w, p], rtol=1e-9)
        excess = p * w * s - w * c
        w, p = w - rate * p * excess, p - rate * w * excess
    assert Choice("alternating").name in [choice.name for choice in opening("simsiam").optimizers]
