"""The view of a scene: the settings that change no computed number."""

from __future__ import annotations

from dataclasses import replace

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import Scene


def with_view(scene: Scene, recipe: Recipe) -> Scene:
    """The scene with the view, scale, term, mix and second picture of a recipe. For a recipe of other numbers the
    scene is unchanged, so that a picture never gets the words of another."""
    if recipe == scene.recipe or not catalog.same_numbers(recipe, scene.recipe):
        return scene
    return replace(scene, recipe=catalog.complete(recipe))
