"""The words beside the values of two terms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from landscapes.optimization.trajectory import Outcome
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.views.sections import pareto
from landscapes.views.sections.pareto import _describe, _details
from landscapes.views.sections.section import Result
from tests.figures.test_pareto_figure import front
from tests.small_recipes import BOWL, TINY
from tests.views.recorded import record


def test_description_counts_the_inner_points_of_the_line():
    """Of the points (1, 9), (2, 1), (4, 6), (3, 3) of the line, (2, 1) alone is efficient within."""
    result = front(((1, 9), (2, 1), (4, 6), (3, 3)))
    text = _describe(result)
    assert "none has less of one term" in text
    assert text.endswith("On the straight line between the two ends 1 of 2 points are filled.")
    lost = replace(result.solutions[2], outcome=Outcome("diverged", 3, ""))
    reward = replace(
        result, sense="maximize", line=None, solutions=(*result.solutions[:2], lost, result.solutions[3])
    )
    text = _describe(reward)
    assert "none has more of one term" in text
    assert "straight line" not in text
    assert text.endswith("1 of 4 runs diverged and are left out; lower the learning rate.")


def test_details_state_runs_steps_distance_and_weights_in_order():
    result = front()
    norms = (0.5, 0.25, 2.0, 1e-3)
    solutions = tuple(replace(one, gradient_norm=norm) for one, norm in zip(result.solutions, norms, strict=True))
    recipe = catalog.complete(replace(TINY, steps=1200))
    text = _details(replace(result, solutions=solutions, length=3.25), recipe)
    first = recipe.optimizers[0].name
    assert text["What it is"].startswith(f"4 runs of {first} from one start, 1,200 steps each")
    assert text["Distance"] == "The two ends are 3.25 apart."
    assert text["Not yet converged"].startswith("5.0e-01, 2.5e-01, 2.0e+00, 1.0e-03:")
    assert r"(1-\lambda)/r_1$ on fit, $w_2\propto\lambda/r_2$ on size" in text["Weights"]


def test_front_is_drawn_with_its_words(monkeypatch):
    calls: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr(pareto.figures, "pareto", lambda shown, **look: calls.append((shown, look)))
    recipe, result = catalog.complete(replace(TINY, steps=1200)), front()
    drawn = record(monkeypatch, pareto, {"present": True})
    pareto.draw(Result(result, recipe))
    assert calls == [(result, {"theme": "light", "presenter": True})]
    assert list(drawn.stages) == ["stage pareto"]
    assert drawn.of("caption") == [_describe(result)]
    assert drawn.of("markdown") == [f"**{name}.** {text}" for name, text in _details(result, recipe).items()]


def test_a_front_needs_two_terms_and_an_optimizer():
    recipe = catalog.complete(replace(TINY, directions=Choice("gaussian"), center="initial"))
    assert pareto.obstacle(recipe, {}) is None
    still = pareto.obstacle(replace(recipe, optimizers=()), {})
    assert still is not None
    assert still.reason == "a front is made of solutions, and they need an optimizer"
    assert len(still.settings["optimizers"]) == 1
    function = pareto.obstacle(catalog.complete(BOWL), {})
    assert function is not None
    assert "optimizer" not in function.reason
