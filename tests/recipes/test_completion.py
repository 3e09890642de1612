"""Recipes that stand for another: what is computed of one, and the picture of what its optimizers descend."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landscapes import Choice
from landscapes.recipes import catalog
from tests.small_recipes import TINY, fitting


@pytest.mark.parametrize(
    "shown",
    [{"split": "test"}, {"term": "l2"}, {"drawn": Choice("error-rate")}, {"mix": (("l2", 0.5),)}],
    ids=lambda shown: next(iter(shown)),
)
def test_what_the_optimizers_descend_is_the_same_whatever_is_shown(shown):
    recipe = catalog.complete(replace(TINY, weights=(("l2", 0.02),), **shown))
    trained = catalog.as_trained(recipe)
    assert catalog.height(recipe) != catalog.height(trained) == "training cross-entropy + 0.02·L2"
    assert trained == catalog.complete(replace(TINY, weights=(("l2", 0.02),)))


@pytest.mark.parametrize(
    ("trained", "drawn", "draws"), [("dropout", "cross-entropy", 1), ("cross-entropy", "dropout", 5)]
)
def test_draws_stay_where_the_drawn_objective_draws_noise(trained, drawn, draws):
    recipe = replace(fitting(trained), dimension=1, draws=5, drawn=Choice(drawn), directions=Choice("gaussian"))
    assert catalog.complete(recipe).draws == draws


def test_optimizers_named_twice_are_a_fault_also_beside_others():
    recipe, faults = catalog.repair(replace(TINY, optimizers=tuple(map(Choice, ("sgd", "adam", "sgd")))))
    assert [choice.name for choice in recipe.optimizers] == ["sgd", "adam"]
    assert faults == ["optimizers are named twice in sgd, adam, sgd; name each once"]
