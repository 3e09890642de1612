"""The pages that open with scenes from files, by name, and these scenes."""

from __future__ import annotations

from functools import cache

from landscapes import openings
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.scene import Scene
from landscapes.scenes.view import with_view
from landscapes.views.opening_recipes import opening_recipes
from landscapes.views.pages import home, pair

LESSON, CHOSEN = "lesson-", "chosen-"


@cache
def pages() -> dict[str, Recipe]:
    """The recipe of each page in its own view: every lesson, and the openings that differ from these."""
    names = [f"{LESSON}{name}" for name in LESSONS]
    names += [name for name in opening_recipes() if not name.startswith(LESSON)]
    return {name: _recipe(name) for name in names}


@cache
def scenes(name: str) -> tuple[Scene, ...]:
    """The scene of a page, or both of them.

    Raises:
        AssertionError: if a file is missing.
    """
    recipe = pages()[name]
    return tuple(_scene(each) for each in (recipe, *pair.neighbour(recipe)))


def _scene(recipe: Recipe) -> Scene:
    scene = openings.read(recipe)
    assert scene is not None, f"there is no file of {recipe.query}; run `make openings`"
    return with_view(scene, recipe)


def _recipe(name: str) -> Recipe:
    if name.startswith(LESSON):
        return catalog.complete(LESSONS[name.removeprefix(LESSON)].recipe)
    if name in ("home", "explore"):
        return catalog.complete(home.RECIPE if name == "home" else Recipe())
    if name.startswith(CHOSEN):
        chosen = Choice(name.removeprefix(CHOSEN))
        return catalog.repair(catalog.with_objective(catalog.complete(Recipe()), chosen))[0]
    return catalog.repair(catalog.opening_of(name))[0]
