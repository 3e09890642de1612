"""What sections share: obstacles with their remedies, and their part of the progress."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jax
import pytest

from landscapes import Choice
from landscapes.recipes import catalog
from landscapes.views.sections import (
    basins,
    conflict,
    connection,
    critical,
    edge,
    layers,
    noisescale,
    pareto,
    rates,
    sharpness,
)
from landscapes.views.sections.section import (
    curvature_obstacle,
    optimizers_to_add,
    single_loss_obstacle,
    step_progress,
)
from tests.small_recipes import TINY, fitting


def test_progress_of_a_step_is_a_part_of_the_whole():
    reports: list[tuple[float, object, str]] = []
    report = step_progress(
        lambda fraction, partial=None, note="": reports.append((fraction, partial, note)), 0.2, 0.6, "x"
    )
    for fraction in (0.0, 0.5, 1.0):
        report(fraction, "a partial result")
    assert reports == [(pytest.approx(at), None, "x") for at in (0.2, 0.4, 0.6)]


def test_what_has_no_second_derivatives_says_why_and_what_helps():
    assert curvature_obstacle(catalog.complete(TINY), {}) is None
    drawn = catalog.complete(replace(TINY, drawn=Choice("error-rate")))
    obstacle = curvature_obstacle(drawn, {})
    assert obstacle is not None
    assert obstacle.reason.endswith("is piecewise constant, and its second derivatives are 0")
    assert (obstacle.remedy, obstacle.settings) == ("Show the trained objective", {"drawn": "same"})


def test_a_game_has_neither_a_hessian_nor_a_single_loss():
    game = catalog.complete(fitting("minimax-gan"))
    for obstacle, words in (
        (curvature_obstacle, "a game has no Hessian"),
        (single_loss_obstacle, "no single loss"),
    ):
        result = obstacle(game, {})
        assert result is not None
        assert words in result.reason
        assert result.remedy == ""
    assert single_loss_obstacle(catalog.complete(TINY), {}) is None


def test_a_button_adds_optimizers_that_are_not_there():
    recipe = catalog.complete(replace(TINY, optimizers=(Choice("sgd"),)))
    label, settings = optimizers_to_add(recipe, 3)
    names = settings["optimizers"]
    assert (names[0], len(names), len({*names})) == ("sgd", 3, 3)
    assert label.startswith("Add ")
    assert label.count(" and ") == 1
    assert optimizers_to_add(recipe, 2)[1]["optimizers"] == names[:2]


AT_A_POINT = catalog.complete(replace(TINY, optimizers=(), center="initial", directions=Choice("gaussian")))
TRAINED = catalog.complete(replace(TINY, directions=Choice("gaussian"), center="initial"))
OF_PROBLEM = ({"seed": 1}, {"weights": (("l2", 0.5),)}, {"model": Choice.of("mlp", width=4, depth=1)})
OF_POINT = (*OF_PROBLEM, {"split": "test"}, {"drawn": Choice("focal")})
OF_RUNS = ({"steps": 7}, {"batch_size": 5}, {"schedule": Choice("cosine")})
# The section, what it computes under its key, and its recipe; knobs and fields that change the result.
KEPT = [
    (noisescale, "gradient_noise", AT_A_POINT, ({"examples": 9},), OF_POINT),
    (layers, "blocks", AT_A_POINT, ({"by": "leaf"},), OF_POINT),
    (
        sharpness,
        "rescaling",
        AT_A_POINT,
        ({"radius": 0.5}, {"sigma": 0.5}, {"samples": 5}),
        OF_POINT,
    ),
    (critical, "_search", AT_A_POINT, ({"search": "full space"},), (*OF_POINT, {"extent": 3.0})),
    (
        conflict,
        "conflict_map",
        AT_A_POINT,
        ({"cells": 7}, {"first": "l1"}),
        (*OF_PROBLEM, {"split": "test"}, {"extent": 3.0}),
    ),
    (
        rates,
        "sweep_rates",
        TRAINED,
        ({"lowest": 1e-3}, {"highest": 2.0}, {"count": 4}, {"starts": 2}),
        (*OF_PROBLEM, *OF_RUNS),
    ),
    (pareto, "pareto_front", TRAINED, ({"weightings": 3}, {"first": "l1"}), (*OF_PROBLEM, *OF_RUNS)),
    (
        connection,
        "connect_solutions",
        TRAINED,
        ({"solutions": "two optimizers"}, {"kind": "polygon"}, {"bend_steps": 3}, {"bend_rate": 0.5}),
        (*OF_PROBLEM, *OF_RUNS),
    ),
    (
        basins,
        "run_from_starts",
        TRAINED,
        ({"grid": 3}, {"tolerance": 0.5}, {"seeds": 2}),
        (*OF_PROBLEM, *OF_RUNS, {"extent": 3.0}),
    ),
]


@pytest.mark.parametrize(
    ("module", "name", "recipe", "knobs", "changes"), KEPT, ids=[name for _, name, *_ in KEPT]
)
def test_what_a_result_depends_on_computes_it_anew_and_nothing_else_does(
    monkeypatch, module, name, recipe, knobs, changes
):
    count = 0

    def computed(*args, **kwargs):
        nonlocal count
        count += 1
        return (None, None) if module is basins else count

    monkeypatch.setattr(module, name, computed)
    for helper, result in (
        ("_solutions", (None, None)),
        ("_result", None),
        ("refine", [SimpleNamespace(reweighted=lambda weights: None)]),
    ):
        if hasattr(module, helper):
            monkeypatch.setattr(module, helper, lambda *args, result=result, **kwargs: result)
    memory: dict[str, Any] = {}

    def compute(recipe, **settings):
        before = count
        module.compute(recipe, memory, lambda *args: None, **settings)
        return count - before

    assert compute(recipe) == 1
    for settings in ({}, *knobs):
        assert compute(recipe, **settings) == bool(settings), settings
    for change in changes:
        assert compute(catalog.complete(replace(recipe, **change))) == 1, change
    for shown in ({"view": "contour"}, {"scale": "log"}, {"eigenvalues": 1}):
        assert compute(replace(recipe, **shown)) == 0, shown


UNUSUAL = catalog.complete(
    replace(
        TRAINED,
        optimizers=(Choice.of("momentum", learning_rate=0.25, beta=0.5), Choice.of("sgd", learning_rate=0.125)),
        steps=9,
        batch_size=5,
        schedule=Choice("cosine"),
        seed=3,
    )
)
MOMENTUM = ("momentum", dict(UNUSUAL.optimizers[0].settings))
COSINE = ("cosine", UNUSUAL.schedule.settings)
FIRST_RUN = {"batch_size": 5, "schedule": COSINE}


@pytest.mark.parametrize(
    ("module", "name", "knobs", "positions", "keywords"),
    [
        (
            pareto,
            "pareto_front",
            {"first": "l2", "second": "cross-entropy", "weightings": 4},
            ("l2", "cross-entropy", MOMENTUM, 9),
            FIRST_RUN | {"weightings": 4},
        ),
        (
            connection,
            "connect_solutions",
            {"kind": "polygon", "bend_steps": 7, "bend_rate": 0.5},
            ("A", "B"),
            {"kind": "polygon", "steps": 7, "learning_rate": 0.5, "key": 3},
        ),
        (
            edge,
            "stability",
            {"optimizer": "momentum", "speed": 2.0, "snapshots": 6},
            ("run", ("momentum", MOMENTUM[1] | {"learning_rate": 0.5})),
            {"steps": 9, "schedule": COSINE, "snapshots": 6},
        ),
        (sharpness, "rescaling", {"radius": 0.5, "sigma": 0.25, "samples": 5}, (),
         {"radius": 0.5, "sigma": 0.25, "samples": 5}),
        (noisescale, "gradient_noise", {"examples": 9}, (), {"examples": 9}),
    ],
    ids=lambda value: value.__name__.rpartition(".")[2] if hasattr(value, "__name__") else "",
)  # fmt: skip
def test_a_section_computes_with_the_recipe_and_its_own_knobs(
    monkeypatch, module, name, knobs, positions, keywords
):
    """No two of the numbers are alike, and none is a default."""
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    monkeypatch.setattr(module, name, lambda *args, **kwargs: calls.append((args, kwargs)) or "result")
    for helper, result in (
        ("_solutions", ("A", "B")),
        ("run_race", {"momentum": "run"}),
        ("compute_scene", None),
    ):
        if hasattr(module, helper):
            monkeypatch.setattr(module, helper, lambda *args, result=result, **kwargs: result)
    recipe = UNUSUAL if positions else replace(UNUSUAL, optimizers=())
    module.compute(recipe, {}, lambda *args: None, **knobs)
    ((args, kwargs),) = calls
    assert args[1 : 1 + len(positions)] == positions
    assert {key: kwargs.get(key) for key in keywords} == keywords
    if name == "pareto_front":
        assert (
            jax.random.key_data(kwargs["key"]).tolist()
            == jax.random.key_data(jax.random.fold_in(args[0].key, 1)).tolist()
        )
