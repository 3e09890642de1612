"""The recipes whose scenes travel with the program, by name."""

from __future__ import annotations

from landscapes.lessons import LESSONS
from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.pages import home


def opening_recipes() -> dict[str, Recipe]:
    """Those of Home, the first page, both pictures of every lesson, every test function and every objective.

    Recipes with the same numbers are named once. An objective that nothing descends opens over another one that is
    trained in its place.
    """
    found = {"home": catalog.complete(home.RECIPE), "explore": catalog.complete(Recipe())}
    for name, lesson in LESSONS.items():
        found[f"lesson-{name}"] = catalog.complete(lesson.recipe)
        if (beside := catalog.neighbour(found[f"lesson-{name}"])) is not None:
            found[f"lesson-{name}-beside"] = catalog.complete(beside)
    for name in (*catalog.ALL_FUNCTIONS, *OBJECTIVES):
        found[name], _ = catalog.repair(catalog.opening_of(name))
    computed = {name: catalog.computed(recipe) for name, recipe in found.items()}
    first = {recipe: name for name, recipe in reversed(computed.items())}
    return {name: recipe for name, recipe in computed.items() if first[recipe] == name}
