"""The view of a scene changes no number."""

from dataclasses import dataclass, replace
from typing import Any

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.view import with_view
from tests.small_recipes import TINY


@dataclass(frozen=True)
class Drawn:
    recipe: Recipe


def test_a_scene_takes_a_view_and_no_other_numbers():
    scene: Any = Drawn(catalog.complete(TINY))
    view = with_view(scene, replace(scene.recipe, view="contour", scale="log", term="l2"))
    assert (view.recipe.view, view.recipe.scale, view.recipe.term) == ("contour", "log", "l2")
    assert with_view(scene, scene.recipe) is scene
    for other in ({"seed": 9}, {"steps": 99}, {"extent": 3.0}, {"split": "test"}):
        assert with_view(scene, replace(scene.recipe, view="contour", **other)) is scene
