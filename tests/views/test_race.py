"""The section Race: curves at equal cost, theory, and sliders that set the optimizers' own knobs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from landscapes import Choice
from landscapes.games.convergence_rate import Rate
from landscapes.recipes import catalog
from landscapes.scenes.comparison import Comparison, Curvature, with_distances
from landscapes.views.controls.rate_sliders import stable_rate
from landscapes.views.sections import race
from tests import small_recipes
from tests.scenes.test_comparison import SCENE
from tests.views.pages import open_page, settle, stages, warnings
from tests.views.test_sectioned import turn_to

BOWL = "objective=bowl&bowl.condition=4&optimizers=sgd&optimizers=momentum&steps=40&tolerance=0.1"
BOWL += "&sgd.learning_rate=0.3"


def no_progress(fraction: float, partial: Any = None, note: str = "") -> None: ...


def test_surface_and_curves_share_the_step_and_theory_names_its_source():
    page = settle(turn_to(open_page(BOWL, complete=False), "race"))
    assert not warnings(page)
    options = [json.loads(drawn.partition("\n")[0]) for drawn in stages(page)]
    kinds = [json.loads(drawn.partition("\n")[2])["layout"]["meta"]["kind"] for drawn in stages(page)]
    assert kinds == ["surface", "history"]
    assert {each["link"] for each in options} == {"race"}
    assert [each["transport"] for each in options] == [True, False]
    theory = next(text.value for text in page.markdown if "Theorem 2.1.15" in text.value)
    assert "μ = λmin = 1, λmax = 4" in theory
    assert "ρ = 0.7 a step (bound)" in theory
    assert "(Polyak 1964)" in theory
    assert any("from the known minimum" in text.value for text in page.caption)


def test_moved_slider_sets_the_rate_of_its_optimizer():
    page = settle(turn_to(open_page(BOWL, complete=False), "race"))
    slider = next(each for each in page.main.select_slider if each.label == "SGD, η")
    assert slider.value == 0.3
    slider.set_value(0.1)
    settle(page.run())
    assert page.sidebar.number_input(key="sgd.learning_rate").value == 0.1
    assert page.query_params["sgd.learning_rate"] == "0.1"
    page.sidebar.number_input(key="sgd.learning_rate").set_value(0.123)
    settle(page.run())
    assert next(each for each in page.main.select_slider if each.label == "SGD, η").value == 0.123
    beta = next(each for each in page.main.slider if each.label == "Momentum, β")
    beta.set_value(0.5)
    settle(page.run())
    assert page.query_params["momentum.beta"] == "0.5"
    edges = [text.value for text in page.main.caption if "Orange" in text.value]
    assert edges
    assert "λmax = 4 ± " in edges[0]
    assert "at the minimum (0, 0)" in edges[0]


@pytest.mark.parametrize(
    ("choice", "edge"),
    [
        (Choice.of("sgd", learning_rate=1.0), 0.2),
        (Choice.of("momentum", learning_rate=1.0, beta=0.5), 0.3),
        (Choice.of("nesterov", learning_rate=1.0, beta=0.5), 0.15),
        (Choice.of("adam", learning_rate=1.0, b1=0.9), 3.8),
        (Choice.of("nadam", learning_rate=1.0), None),
    ],
)
def test_edge_of_stability_on_a_slider_is_that_of_the_optimizer(choice, edge):
    result = stable_rate(choice, Curvature("the minimum", 1.0, 10.0, 1e-12))
    assert result == (None if edge is None else pytest.approx(edge))


def compared(names: tuple[str, ...], **changes: Any):
    recipe = replace(small_recipes.BOWL, optimizers=tuple(map(Choice, names)), steps=20)
    return race.compute(catalog.complete(recipe), {}, no_progress, **changes)


def test_equal_budgets_give_two_gradient_steps_half_the_steps():
    comparison = compared(("sgd", "sam", "lbfgs"), budget="gradients")
    taken = {label: int(np.asarray(run.evaluations)[-1]) for label, run in comparison.runs.items()}
    assert (taken["sgd"], taken["sam"]) == (20, 20)
    assert len(comparison.runs["sam"].loss) == 11
    assert taken["lbfgs"] <= 20
    assert comparison.scene.paths["sam"].steps[-1] == 10
    text = race._notes(comparison, comparison.scene.recipe, {"budget": "gradients"})
    assert text.startswith("SGD: 20 steps, 20 gradients; SAM: 10 steps, 20 gradients; L-BFGS: ")
    assert f"{taken['lbfgs']} gradients. Distance: from the known minimum, in parameter space. " in text
    assert "Each run takes at most 20 gradients. " in text


def test_distances_are_from_the_known_minimum_and_time_is_measured():
    comparison = compared(("sgd",), axis="seconds")
    run = comparison.runs["sgd"]
    np.testing.assert_allclose(comparison.distances["sgd"], np.linalg.norm(run.params, axis=1), rtol=1e-12)
    assert comparison.target == "the known minimum"
    assert comparison.seconds["sgd"] > 0
    assert isinstance(comparison.rates["sgd"], Rate)


def test_enormous_rate_diverges_and_is_named():
    comparison = compared(("sgd",))
    recipe = replace(comparison.scene.recipe, optimizers=(Choice.of("sgd", learning_rate=1e9),))
    result = race.compute(catalog.complete(recipe), {}, no_progress)
    assert "until it diverged at step" in race._notes(result, recipe, {"budget": "steps"})
    assert result.at_target is not None


def test_what_the_comparison_depends_on_computes_it_anew(monkeypatch):
    """Each part of its own, and all parts of the theory arrive."""
    counts: Counter[str] = Counter()

    def counted(name, result):
        def compute(*args):
            counts[name] += 1
            return result

        return compute

    scene: Any = SimpleNamespace(recipe=None, trajectories={}, paths={}, missing="")
    theory = Comparison(scene, at_start="s", at_target="t", preconditioned={"adam": "p"}, rates={"sgd": "r"})  # type: ignore[arg-type]
    monkeypatch.setattr(race, "compute_scene", lambda recipe, **kwargs: Scene(recipe))
    monkeypatch.setattr(race, "with_distances", Comparison)
    monkeypatch.setattr(race, "at_equal_cost", counted("cost", scene))
    monkeypatch.setattr(race, "with_theory", counted("theory", theory))
    monkeypatch.setattr(race, "seconds_per_step", counted("seconds", {"sgd": 1e-3}))

    @dataclass(frozen=True)
    class Scene:
        recipe: Any
        trajectories: Any = None
        paths: Any = None

    memory: dict[str, Any] = {}

    def compute(recipe):
        counts.clear()
        return race.compute(recipe, memory, no_progress, axis="seconds", budget="gradients")

    recipe = replace(small_recipes.BOWL, start="picked", start_x=0.5, start_y=-0.25)
    result = compute(recipe)
    assert (result.at_start, result.at_target) == ("s", "t")
    assert (result.preconditioned, result.rates, result.seconds) == ({"adam": "p"}, {"sgd": "r"}, {"sgd": 1e-3})
    assert counts == {"cost": 1, "theory": 1, "seconds": 1}
    compute(replace(recipe, view="contour", scale="log"))
    assert not counts
    place = ({"start_x": 0.75}, {"start_y": 0.75}, {"start": "initial"}, {"extent": 3.0}, {"space": "full"})
    for change in place:
        compute(replace(recipe, **change))
        assert counts == {"cost": 1, "theory": 1}, change
    for change in ({"steps": 9}, {"seed": 5}, {"schedule": Choice("cosine")}, {"batch_size": 3}):
        compute(replace(recipe, **change))
        assert counts == {"cost": 1, "theory": 1, "seconds": 1}, change
    for change in ({"split": "test"}, {"drawn": Choice("focal")}):
        compute(replace(recipe, **change))
        assert counts == {"theory": 1}, change


def test_curves_and_notes_have_the_units_and_the_target_of_the_comparison(monkeypatch):
    comparison = replace(with_distances(SCENE), seconds={"sgd": 2.5e-5}, rates={"sgd": "none"})
    text = race._notes(comparison, comparison.scene.recipe, {"budget": "steps"})
    assert "SGD: 12 steps, 12 gradients, 25 µs a step; Momentum: 12 steps, 12 gradients. " in text
    calls: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr(race.figures, "race", lambda runs, **options: calls.append((runs, options)))
    for theory in (True, False):
        race._curves(replace(comparison, target_loss=-3.5), "gradients", theory, {"theme": "dark"})
        runs, options = calls.pop()
        assert runs == comparison.runs
        assert options == {
            "distances": comparison.distances, "rates": comparison.rates if theory else None, "axis": "gradients",
            "seconds": comparison.seconds, "lowest": -3.5, "value": catalog.height(SCENE.recipe), "theme": "dark",
        }  # fmt: skip
