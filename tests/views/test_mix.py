"""Weights of the picture that were not trained with."""

from dataclasses import replace

import pytest

from landscapes.recipes.recipe import Choice, Recipe
from landscapes.views.controls import mix

RECIPE = Recipe(weights=(("l2", 0.5),))


@pytest.fixture
def settings(monkeypatch):
    result = {}
    monkeypatch.setattr(mix, "setting", result.get)
    monkeypatch.setattr(mix, "set_setting", result.__setitem__)
    monkeypatch.setattr(mix.st, "rerun", lambda: None)
    return result


def test_a_mix_belongs_to_one_sum(settings):
    assert mix.chosen_mix(RECIPE) == ()
    mix.mix(RECIPE, {"l2": 3.0, "cross-entropy": 2.0})
    assert mix.chosen_mix(RECIPE) == (("cross-entropy", 2.0), ("l2", 3.0))
    assert mix.chosen_mix(replace(RECIPE, seed=4)) == mix.chosen_mix(RECIPE)
    for other in (
        replace(RECIPE, objective=Choice("squared-error")),
        replace(RECIPE, drawn=Choice("squared-error")),
        replace(RECIPE, weights=()),
    ):
        assert mix.chosen_mix(other) == (), other


def test_no_weights_drop_the_mix(settings):
    mix.mix(RECIPE, {"l2": 3.0})
    mix.mix(RECIPE, {})
    assert mix.chosen_mix(RECIPE) == ()
