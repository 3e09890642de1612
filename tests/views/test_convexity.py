"""The section on convexity: partial maps, clicks, and the length of the line along the witness."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from landscapes import Choice, Problem, span
from landscapes.recipes import catalog
from landscapes.views.sections import convexity
from landscapes.views.sections.convexity import ConvexityResult, _half_length
from landscapes.views.sections.convexity import compute as compute_map
from tests.figures.test_convexity import example_map
from tests.problems import maximized
from tests.small_recipes import TINY as RECIPE


def test_a_growing_map_is_not_drawn_per_cell():
    def progress(fraction: float, partial: Any = None, note: str = "") -> None:
        reports.append((partial, note))

    reports: list[tuple[Any, str]] = []
    recipe = replace(RECIPE, objective=Choice("himmelblau"), optimizers=(Choice("sgd"),))
    final_map = compute_map(recipe, {}, progress, cells=7)
    words = [note for _, note in reports if note.startswith("Computing eigenvalues")]
    assert {f"Computing eigenvalues, {done} of 49 cells" for done in range(1, 50)} <= set(words)
    maps = [partial.convexity for partial, _ in reports if partial is not None and partial.proof is None]
    sizes = [int(result.evaluated.sum()) for result in maps]
    assert all(later >= 1.3 * size or later == 49 for size, later in itertools.pairwise(sizes))
    assert 9 < len(sizes) < 20
    assert sizes[-1] == 49
    assert final_map.convexity.evaluated.all()


def test_a_click_on_the_map_sets_its_coordinates(monkeypatch):
    requests: dict[str, float] = {}
    monkeypatch.setattr(convexity.widgets, "set_setting", requests.__setitem__)
    monkeypatch.setattr(convexity.st, "rerun", lambda: None)
    convexity._pick((0.25, -2.0))
    assert requests == {"convexity.x": 0.25, "convexity.y": -2.0}


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_words_state_the_shares_the_place_of_the_cell_and_the_curvature_there(monkeypatch, sense):
    shown: list[str] = []
    monkeypatch.setattr(convexity, "st", SimpleNamespace(markdown=shown.append, caption=shown.append))
    shape, sign = ("convex", -1) if sense == "minimize" else ("concave", 1)
    slopes = np.zeros((3, 4), bool)
    slopes[1, 3] = True
    proof = SimpleNamespace(curvature=sign * 2.5, error=0.25, sentence="")
    convexity_map = example_map(sense=sense, nonmonotone_slope=slopes, products=1234)
    result = ConvexityResult(convexity_map, ("a", "b"), (1, 3), cast(Any, proof))
    recipe = catalog.complete(replace(RECIPE, seed=7, split="test"))
    convexity._words(result, recipe)
    x, y = (axis[i] for axis, i in zip(convexity_map.axes, (1, 3), strict=True))
    assert shown[0].startswith(
        f"In the full space **36 % of the cells are not {shape}**, 55 % are {shape} within their error, 9 % are "
    )
    value = f"$v^\\top H v = {sign * 2.5:g} \\pm 0.2$"
    assert shown[1] == f"At ({x:.3g}, {y:.3g}) a direction $v$ of full space proves it not {shape}: {value}."
    assert shown[2].startswith(f"Towards a neighbouring cell the slope {'falls' if sign < 0 else 'rises'}, so")
    assert shown[3].startswith("A convex function lies above" if sign < 0 else "A concave function lies below")
    assert shown[4].startswith("11 of 12 cells, 1,234 Hessian-vector products, test examples of Iris; seed 7, ")
    shown.clear()
    weak = replace(
        result, cell=(0, 0), proof=cast(Any, SimpleNamespace(curvature=sign * 0.1, error=0.5, sentence=""))
    )
    convexity._words(weak, recipe)
    assert f"no direction was found that proves it not {shape}; along the weakest: " in shown[1]
    assert not any("neighbouring" in text for text in shown[:3])


def _double_well(p):
    return p[0] ** 4 - p[0] ** 2 + 3 * p[0] + p[1] ** 2


def test_half_length_reaches_the_loss_above_its_tangent():
    # x⁴ − x² is lowest, −1/4, at x² = 1/2 and comes to +1/4 at x² = (1 + √2)/2.
    problem = Problem.from_loss(_double_well, np.zeros(2))
    line = span(problem.params, np.array([[1.0, 0.0]]))
    reach = _half_length(problem, line, 40.0, 3.0)
    assert 1.0987 < reach <= 1.0987 * 2**0.25
    across = span(problem.params, np.array([[0.0, 1.0]]))
    assert _half_length(problem, across, 40.0, 0.0) == 40.0  # a convex quadratic is never below its tangent
    # As a reward it is on the wrong side of its tangent along both lines.
    assert _half_length(maximized(problem), across, 40.0, 0.0) == 40.0
    assert _half_length(maximized(problem), line, 40.0, 3.0) == 40.0
