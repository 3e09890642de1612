"""The words beside a picture: which question its eigenvalues answer, and what tells two pictures apart."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from landscapes import Choice, Recipe
from landscapes.curvature import Verdict
from landscapes.recipes import catalog
from landscapes.views.controls import instruments, toolbar
from landscapes.views.pages import pair

RECIPE = catalog.complete(Recipe(optimizers=(), directions=Choice("gaussian")))


def test_the_verdict_names_its_point_and_whose_eigenvalues_it_is_from():
    sentence = "Not concave here: one eigenvalue is positive here."
    found = SimpleNamespace(verdict=Verdict("non-convex", True, 0.5, 0.01, sentence))
    scene = SimpleNamespace(flat="", center="initial", recipe=RECIPE, spectrum=found)
    said = "**Not concave at the initial point:** one eigenvalue is positive here."
    assert instruments.verdict(cast(Any, scene)) == said
    for change, whose in (({"term": "l2"}, "weighted sum"), ({"mix": (("l2", 3.0),)}, "sum as trained")):
        scene.recipe = replace(RECIPE, **cast(Any, change))
        assert instruments.verdict(cast(Any, scene)) == f"{said} The eigenvalues are those of the {whose}."
    scene.spectrum = None
    said = instruments.verdict(cast(Any, scene))
    assert said == "The eigenvalues at the initial point have not been computed yet."


def test_pictures_that_differ_in_a_weight_are_told_apart_by_it():
    recipe = replace(RECIPE, beside=(("weight.l2", "0.25"),))
    neighbour = catalog.complete(catalog.neighbour(recipe) or recipe)
    assert pair.titles([recipe, neighbour]) == ["L2 weight 0", "L2 weight 0.25"]


def test_a_known_optimum_is_not_written_over_a_reference_of_the_same_value(monkeypatch):
    monkeypatch.setattr(catalog, "references", lambda recipe: {"optimal policy": 0.5})
    for optimum, names in (
        (None, {"optimal policy"}),
        (SimpleNamespace(value=0.50000001), {"optimal policy"}),
        (SimpleNamespace(value=0.4), {"optimal policy", "known optimum"}),
    ):
        assert set(instruments.reference_values(cast(Any, SimpleNamespace(optimum=optimum)), RECIPE)) == names


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
