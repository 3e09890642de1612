"""What the runs of a race reach: distances from the optimum and the best end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.scenes import comparison
from landscapes.scenes.comparison import Curvature, at_equal_cost, best_label, with_distances, with_theory
from landscapes.scenes.scene import compute_scene
from tests import small_recipes

RECIPE = catalog.complete(
    replace(
        small_recipes.BOWL,
        optimizers=(Choice.of("sgd", learning_rate=1e-4), Choice.of("momentum", learning_rate=1e-2)),
        steps=12,
    )
)
SCENE = compute_scene(RECIPE, eigenvalues=False)


def test_distances_are_from_the_minimum_of_the_bowl():
    result = with_distances(SCENE)
    for label, run in SCENE.trajectories.items():
        np.testing.assert_allclose(result.distances[label], np.linalg.norm(run.params, axis=1), rtol=1e-12)
    assert result.target == "the known minimum"
    assert result.target_loss == 0


def test_the_best_run_has_the_lowest_end_and_did_not_diverge(monkeypatch):
    assert best_label(SCENE) == "momentum"
    with monkeypatch.context() as patch:
        patch.setattr(Problem, "sense", "maximize")
        assert best_label(SCENE) == "sgd"
    lost = replace(SCENE.trajectories["momentum"], final_loss=np.nan)
    assert best_label(replace(SCENE, trajectories={**SCENE.trajectories, "momentum": lost})) == "sgd"
    broken = replace(SCENE.trajectories["momentum"].outcome, kind="diverged")
    runs = {**SCENE.trajectories, "momentum": replace(SCENE.trajectories["momentum"], outcome=broken)}
    assert best_label(replace(SCENE, trajectories=runs)) == "sgd"


def test_curvature_of_a_bowl_is_its_condition():
    result = with_theory(with_distances(SCENE), lambda fraction, partial: None)
    condition = float(dict(RECIPE.objective.settings)["condition"])
    assert result.at_target is not None
    np.testing.assert_allclose([result.at_target.smallest, result.at_target.largest], [1, condition], rtol=1e-10)
    assert set(result.rates) == {"sgd", "momentum"}


def test_preconditioned_curvature_is_that_of_the_divisor():
    """The Hessian of the bowl is diag(1, condition). At the end of the run P = diag(√v̂ + ε) of Adam and AdamW,
    diag(√(s + ε)) of RMSProp and |β₁m + (1−β₁)g| of Lion."""
    optimizers = (
        Choice.of("adam", learning_rate=0.01, eps=1e-8),
        Choice.of("adamw", learning_rate=0.01, eps=1e-8, weight_decay=0.1),
        Choice.of("rmsprop", learning_rate=0.01, decay=0.9, eps=1e-8, eps_in_sqrt=True, bias_correction=False),
        Choice.of("lion", learning_rate=0.01, b1=0.9, b2=0.99),
    )
    recipe = catalog.complete(replace(RECIPE, optimizers=(*RECIPE.optimizers, *optimizers)))
    scene = compute_scene(recipe, eigenvalues=False)
    curvature = np.array([1.0, float(dict(recipe.objective.settings)["condition"])])
    result = with_theory(with_distances(scene), lambda fraction, partial: None).preconditioned
    assert set(result) == {choice.name for choice in optimizers}
    for name, ratio in (("adam", 0.999), ("adamw", 0.999), ("rmsprop", 0.9), ("lion", 0.99)):
        gradients = curvature * np.asarray(scene.trajectories[name].params)
        square, mean = np.zeros(2), np.zeros(2)
        for gradient in gradients:
            before = mean
            square = ratio * square + (1 - ratio) * gradient**2
            mean = ratio * mean + (1 - ratio) * gradient
        correction = 1 - ratio ** len(gradients)
        divisor = {
            "rmsprop": np.sqrt(square + 1e-8),
            "lion": np.abs(0.9 * before + 0.1 * gradients[-1]),
        }.get(name, np.sqrt(square / correction) + 1e-8)
        np.testing.assert_allclose(result[name].largest, np.max(curvature / divisor), rtol=1e-6, err_msg=name)
    assert not with_theory(with_distances(SCENE), lambda fraction, partial: None).preconditioned


def test_without_a_known_optimum_distances_are_from_the_end_of_the_best_run(monkeypatch):
    monkeypatch.setattr(catalog, "minima", lambda recipe: ())
    result = with_distances(SCENE)
    end = SCENE.trajectories["momentum"].params[-1]
    for label, run in SCENE.trajectories.items():
        expected = np.linalg.norm(run.params - end, axis=1)
        np.testing.assert_allclose(result.distances[label], expected, rtol=1e-12)
    assert result.target == "the end of momentum, the run with the best loss"
    assert result.target_loss is None
    assert with_distances(replace(SCENE, trajectories={})).distances == {}


def test_of_several_minima_the_nearest_counts_for_each_snapshot(monkeypatch):
    points = ((0.0, 0.0), (2.0, -1.0), (1e9, 0.0))
    monkeypatch.setattr(catalog, "minima", lambda recipe: points)
    result = with_distances(SCENE)
    for label, run in SCENE.trajectories.items():
        each = [np.linalg.norm(run.params - np.array(point), axis=1) for point in points]
        np.testing.assert_allclose(result.distances[label], np.min(each, axis=0), rtol=1e-12)
    assert result.target == "the nearest of 3 known minima"


def test_rates_are_those_of_theory_only_where_it_holds(monkeypatch):
    """Each optimizer its own, from the curvature at the target and not at the start."""
    places: list[tuple[str, float]] = []

    def curvature(problem, params, place, progress, low):
        places.append((place, float(np.linalg.norm(np.asarray(params)))))
        return Curvature(place, *((2.0, 8.0, 0.0) if len(places) % 2 else (1.0, 4.0, 0.0)))

    monkeypatch.setattr(comparison, "_curvature", curvature)
    monkeypatch.setattr(comparison, "convergence_rate", lambda name, settings, *ends: (name, settings, *ends))

    def rates(scene):
        return with_theory(with_distances(scene), lambda fraction, partial: None).rates

    assert rates(SCENE) == {
        choice.name: (choice.name, choice.settings, 1.0, 4.0, 0.0) for choice in RECIPE.optimizers
    }
    start = float(np.linalg.norm(SCENE.trajectories["sgd"].params[0]))
    assert places == [("the start", start), ("the minimum (0, 0)", 0.0)]
    refused = {
        "minibatches": replace(SCENE, recipe=replace(RECIPE, batch_size=2)),
        "a schedule": replace(SCENE, recipe=replace(RECIPE, schedule=Choice("cosine"))),
    }
    for words, scene in refused.items():
        assert all(words in str(reason) for reason in rates(scene).values()), words
    with monkeypatch.context() as patch:
        patch.setattr(Problem, "sense", "maximize")
        assert all("for a reward" in str(reason) for reason in rates(SCENE).values())
    monkeypatch.setattr(catalog, "minima", lambda recipe: ())
    for center, place in (("initial", "the initial point"), ("trained", "the end of momentum")):
        places.clear()
        rates(replace(SCENE, center=center))
        assert [place for place, _ in places] == ["the start", place]


def test_at_equal_cost_only_what_takes_more_gradients_is_shortened(monkeypatch):
    """SAM takes two a step; SGD's run stays the one that is drawn."""
    shortened: list[tuple[str, int]] = []

    def race(recipe, problem, report):
        (choice,) = recipe.optimizers
        shortened.append((choice.name, recipe.steps))
        return {choice.name: SCENE.trajectories["momentum"]}

    monkeypatch.setattr(comparison, "run_race", race)
    monkeypatch.setattr(comparison, "drawn_paths", lambda recipe, *args: (args[3], dict.fromkeys(args[3], "anew")))
    recipe = replace(RECIPE, optimizers=(*RECIPE.optimizers, Choice("sam")), steps=13)
    scene = at_equal_cost(replace(SCENE, recipe=recipe), lambda fraction, partial: None)
    assert shortened == [("sam", 6)]
    assert scene.trajectories["sgd"] is SCENE.trajectories["sgd"]
    assert scene.paths["sgd"] is SCENE.paths["sgd"]
    assert scene.paths["sam"] == "anew"
