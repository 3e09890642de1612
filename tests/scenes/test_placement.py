"""Where a picture is: through which points, around which runs, and from which values they were chosen."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jax
import numpy as np
import pytest

from landscapes import Choice, Recipe
from landscapes.optimization.trajectory import race
from landscapes.recipes import catalog
from landscapes.scenes.framing import snapshot_coordinates
from landscapes.scenes.placement import best_run, place_picture, problem_at
from tests.small_recipes import TINY

WILD = Choice.of("lion", learning_rate=1e9)
CALM = Choice.of("sgd", learning_rate=0.1)
SLOW = Choice.of("adam", learning_rate=1e-4)


@pytest.fixture(scope="module")
def memory():
    return {}


def bounds(place):
    return np.array(place.extent)


# Which points


def test_one_optimizer_gives_a_plane_and_a_line(memory):
    single = replace(TINY, optimizers=(CALM,))
    placement = place_picture(single, memory=memory)
    for at in (0, -1):
        point = jax.tree.map(lambda leaf, at=at: leaf[at], placement.runs["sgd"].params)
        coordinates, distance = placement.plane.project(point)
        assert float(distance) == pytest.approx(0, abs=1e-6)
        assert (float(coordinates[0]) > 1e-3) == (at == 0)
    assert placement.labels == (
        "toward the start",
        "along the largest remaining motion, at right angles",
    )
    line = place_picture(replace(single, dimension=1), memory=memory)
    assert line.labels == ("distance from sgd's end to the start",)


@pytest.mark.parametrize(
    ("change", "labels"),
    [
        ({"dimension": 1}, ("distance from momentum's end to sgd's end",)),
        ({"dimension": 1, "center": "initial"}, ("distance from the start to momentum's end",)),
        ({}, ("toward sgd's end", "toward the start, at right angles")),
        (
            {"optimizers": (*TINY.optimizers, SLOW)},
            ("toward sgd's end", "toward the start, at right angles"),
        ),
        (
            {"center": "initial"},
            ("toward momentum's end", "toward sgd's end, at right angles"),
        ),
        (
            {"steps": 1, "optimizers": (CALM,)},
            ("toward the start", "along a random direction, at right angles"),
        ),
    ],
    ids=str,
)
def test_axes_through_solutions_say_to_which_points_they_run(change, labels, memory):
    placement = place_picture(replace(TINY, **change), memory=memory)
    assert placement.labels == labels
    ends = {f"{name}'s end": -1 for name in placement.runs} | {"the start": 0}
    best = "sgd" if len(placement.runs) == 1 else "momentum"
    centre = f"{best}'s end" if placement.center == "trained" else "the start"
    goal = labels[0].removeprefix("toward ").removeprefix(f"distance from {centre} to ")
    for at, name in enumerate((centre, goal)):
        run = placement.runs.get(name.removesuffix("'s end"), next(iter(placement.runs.values())))
        point = jax.tree.map(lambda leaf, row=ends[name]: leaf[row], run.params)
        coordinates, distance = placement.plane.project(point)
        assert float(distance) == pytest.approx(0, abs=1e-5)
        assert (float(coordinates[0]) > 1e-3) == bool(at)


# Around which runs


@pytest.mark.parametrize("directions", ["solutions", "principal"])
@pytest.mark.parametrize("dimension", [1, 2])
def test_a_run_that_diverges_moves_no_picture(directions, dimension, memory):
    calm = replace(TINY, directions=Choice(directions), dimension=dimension)
    wild = replace(calm, optimizers=(WILD, *calm.optimizers))
    single, second = (place_picture(recipe, memory=memory) for recipe in (calm, wild))
    assert second.runs["lion"].outcome.kind == "diverged"
    jax.tree.map(np.testing.assert_array_equal, second.plane.basis, single.plane.basis)
    jax.tree.map(np.testing.assert_array_equal, second.plane.origin, single.plane.origin)
    np.testing.assert_array_equal(bounds(second), bounds(single))
    assert second.labels == single.labels


def test_where_every_run_diverges_the_picture_is_around_the_start():
    only = (Choice.of("sgd", learning_rate=2.0),)
    steep = replace(TINY, objective=Choice("squared-error"), data=Choice("sine"), model=Choice("linear"))
    placement = place_picture(replace(steep, optimizers=only, steps=60))
    run = placement.runs["sgd"]
    assert run.outcome.kind == "diverged"
    jax.tree.map(lambda p, rows: np.testing.assert_array_equal(p, rows[0]), placement.problem.params, run.params)
    assert (placement.center, place_picture(TINY).center) == ("initial", "trained")
    assert placement.labels[0] == "toward sgd before it diverged"
    along = np.abs(snapshot_coordinates(placement.plane, run.params)).max(axis=1)
    assert np.all(along[:2] < bounds(placement).max())
    assert along[-1] > 50 * bounds(placement).max()


# Chosen by which values


def test_the_centre_is_best_on_all_examples_not_on_a_minibatch():
    """At some seeds the order on the last minibatch is not that on all examples."""
    pair, turned = (Choice.of("sgd", learning_rate=0.3), Choice.of("momentum", learning_rate=0.1)), []
    for seed in range(4):
        recipe = replace(TINY, batch_size=2, seed=seed, optimizers=pair, steps=12)
        placement = place_picture(recipe)
        loss = jax.jit(placement.problem.loss)
        full = {
            name: float(loss(jax.tree.map(lambda leaf: leaf[-1], run.params)))
            for name, run in placement.runs.items()
        }
        for name, run in placement.runs.items():
            assert run.final_loss == pytest.approx(full[name], rel=1e-5)
        best = min(full, key=lambda name: full[name])
        jax.tree.map(
            lambda p, rows: np.testing.assert_array_equal(p, rows[-1]),
            placement.problem.params,
            placement.runs[best].params,
        )
        turned.append(best != min(full, key=lambda name: float(placement.runs[name].loss[-1])))
    assert any(turned)
    assert not all(turned)


def test_without_minibatches_the_final_values_end_the_curves():
    run = race(catalog.build(TINY), {"sgd": "sgd"}, 3)["sgd"]
    assert run.final_loss == run.loss[-1]
    assert run.final_terms == {name: row[-1] for name, row in run.terms.items()}


@pytest.mark.parametrize(("sense", "best"), [("minimize", "low"), ("maximize", "high")])
def test_the_centre_is_the_lowest_loss_or_the_highest_reward(sense, best):
    start: Any = SimpleNamespace(sense=sense, objective=SimpleNamespace(players=None))
    ends = {"middle": 2.0, "low": 1.0, "high": 3.0, "never": np.nan, "deep": -9.0, "steep": 9.0}
    runs: Any = {
        name: SimpleNamespace(
            final_loss=value, outcome=SimpleNamespace(kind="diverged" if name in ("deep", "steep") else "finished")
        )
        for name, value in ends.items()
    }
    assert best_run(TINY, start, runs) == best


def test_statistics_of_normalization_are_those_of_the_training_examples():
    model = Choice.of("mlp", width=3, depth=1, normalization="batch", statistics="collected")
    recipe = replace(TINY, model=model, optimizers=(), center="initial", directions=Choice("gaussian"))
    start = catalog.build(catalog.complete(recipe))
    recipes = [catalog.complete(replace(recipe, split=split)) for split in ("train", "test")]
    train, test = (problem_at(each, start, start.params) for each in recipes)
    assert not np.array_equal(train.data["x"], test.data["x"])
    assert jax.tree.leaves(test.state)
    jax.tree.map(np.testing.assert_array_equal, test.state, train.state)


# Rates that fit the loss


@pytest.mark.parametrize("data", ["iris", "sine"])
def test_squared_error_rises_nowhere_at_default_rates(data):
    names = ("sgd", "sam", "momentum", "nesterov")
    steep = Recipe(objective=Choice("squared-error"), data=Choice(data), optimizers=tuple(map(Choice, names)))
    placement = place_picture(replace(steep, steps=30, directions=Choice("gaussian")))
    for name, run in placement.runs.items():
        assert np.max(run.loss) <= 1.1 * run.loss[0], name
        assert run.loss[-1] < 0.9 * run.loss[0], name


def test_default_rates_follow_the_objective():
    """And an address that names none gets those of its own objective."""
    rates = {
        objective: {
            choice.name: choice.settings["learning_rate"] for choice in catalog.complete(recipe).optimizers
        }
        for objective, recipe in (
            (name, catalog.opening_of(name)) for name in ("cross-entropy", "squared-error", "bowl")
        )
    }
    assert rates["cross-entropy"] == {"momentum": 0.03, "adam": 0.01, "sgd": 0.15}
    assert rates["squared-error"] == {"momentum": 0.02, "adam": 0.01, "sgd": 0.1}
    assert rates["bowl"] == {"momentum": 0.02, "adam": 0.04, "sgd": 0.1}
    recipe = catalog.complete(catalog.opening_of("squared-error"))
    assert catalog.complete(catalog.from_query(catalog.to_query(recipe))) == recipe
    assert not any(key.endswith("learning_rate") for key in catalog.to_query(recipe))
