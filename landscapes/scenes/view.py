"""The view of a scene: what changes no computed number."""

from __future__ import annotations

from dataclasses import replace

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import Scene


def with_view(scene: Scene, recipe: Recipe) -> Scene:
    """The scene in the view that a recipe asks for: its view, scale, term, mix and what stands beside it. For a
    recipe of other numbers it is the scene as it was: a picture never gets the words of another."""
    if recipe == scene.recipe or not catalog.same_numbers(recipe, scene.recipe):
        return scene
    return replace(scene, recipe=catalog.complete(recipe))
