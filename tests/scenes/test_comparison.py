"""What the runs of a race reach: distances from the optimum and the best end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice
from landscapes.scenes.comparison import best_label, with_distances, with_theory
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


def test_the_best_run_has_the_lowest_end_and_did_not_diverge():
    assert best_label(SCENE) == "momentum"
    rewarded = replace(SCENE, problem=replace(SCENE.problem, objective=catalog.build(RECIPE).objective))
    assert best_label(rewarded) == "momentum"
    broken = replace(SCENE.trajectories["momentum"].outcome, kind="diverged")
    runs = {**SCENE.trajectories, "momentum": replace(SCENE.trajectories["momentum"], outcome=broken)}
    assert best_label(replace(SCENE, trajectories=runs)) == "sgd"


def test_curvature_of_a_bowl_is_its_condition():
    result = with_theory(with_distances(SCENE), lambda fraction, partial: None)
    condition = float(dict(RECIPE.objective.settings)["condition"])
    assert result.at_target is not None
    np.testing.assert_allclose([result.at_target.smallest, result.at_target.largest], [1, condition], rtol=1e-10)
    assert set(result.rates) == {"sgd", "momentum"}


def test_preconditioned_curvature_of_adam_is_that_of_its_divisor():
    """The Hessian of the bowl is diag(1, condition), P = diag(√v̂ + ε) of the update at the end of the run."""
    recipe = catalog.complete(replace(RECIPE, optimizers=(Choice.of("adam", learning_rate=0.01, eps=1e-8),)))
    scene = compute_scene(recipe, eigenvalues=False)
    run, (curvature, ratio) = scene.trajectories["adam"], (np.array([1.0, 0.0]), 0.999)
    curvature[1] = float(dict(recipe.objective.settings)["condition"])
    square = np.zeros(2)
    for point in np.asarray(run.params):
        square = ratio * square + (1 - ratio) * (curvature * point) ** 2
    divisor = np.sqrt(square / (1 - ratio ** len(run.params))) + 1e-8
    result = with_theory(with_distances(scene), lambda fraction, partial: None).preconditioned
    np.testing.assert_allclose(result["adam"].largest, np.max(curvature / divisor), rtol=1e-6)
    assert not with_theory(with_distances(SCENE), lambda fraction, partial: None).preconditioned
