"""The words beside a picture: which question its eigenvalues answer, and what tells two pictures apart."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from landscapes import Choice, Recipe
from landscapes.recipes import catalog
from landscapes.views.controls import instruments, toolbar
from landscapes.views.pages import pair

RECIPE = catalog.complete(Recipe(optimizers=(), directions=Choice("gaussian")))


@pytest.mark.parametrize(("sense", "word"), [("minimize", "Convex"), ("maximize", "Concave")])
def test_the_question_is_about_concavity_where_more_is_better(sense, word):
    found = SimpleNamespace(verdict=SimpleNamespace(sentence="So it is."))
    scene = SimpleNamespace(
        flat="", center="initial", problem=SimpleNamespace(sense=sense), recipe=RECIPE, spectrum=found
    )
    said = instruments.verdict(cast(Any, scene))
    assert said == f"**{word} at the initial point?** So it is."
    scene.recipe = replace(RECIPE, term="l2")
    said = instruments.verdict(cast(Any, scene))
    assert said == f"**{word} at the initial point (of the weighted sum)?** So it is."
    scene.spectrum = None
    assert "not been computed" in instruments.verdict(cast(Any, scene))


def test_pictures_that_differ_in_a_weight_are_told_apart_by_it():
    recipe = replace(RECIPE, beside=(("weight.l2", "0.25"),))
    neighbour = catalog.complete(catalog.neighbour(recipe) or recipe)
    assert pair.titles([recipe, neighbour]) == ["l2 × 0", "l2 × 0.25"]


def test_a_known_optimum_is_not_written_over_a_reference_of_the_same_value(monkeypatch):
    monkeypatch.setattr(catalog, "references", lambda recipe: {"optimal policy": 0.5})
    for optimum, names in (
        (None, {"optimal policy"}),
        (SimpleNamespace(value=0.50000001), {"optimal policy"}),
        (SimpleNamespace(value=0.4), {"optimal policy", "known optimum"}),
    ):
        assert set(instruments.compared(cast(Any, SimpleNamespace(optimum=optimum)), RECIPE)) == names


@pytest.mark.parametrize(
    ("held", "text"),
    [
        ("weight.kl:6.0", "KL weight 6"),
        ("mlp.residual:false", "without skip connections"),
        ("model:transformer&adam.learning_rate:0.01", "model transformer, adam learning rate 0.01"),
        ("split:test", "test examples"),
    ],
)
def test_settings_of_a_second_picture_are_told_in_words(held, text):
    assert toolbar.setting_text(held) == text
