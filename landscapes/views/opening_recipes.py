"""The recipes whose scenes travel with the program, by name."""

from __future__ import annotations

from landscapes.lessons import LESSONS
from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.views.pages import home


def opening_recipes() -> dict[str, Recipe]:
    """Those of Home, the first page, both pictures of every lesson, test functions and every objective.

    An objective has one opening by its address and one after it was chosen on the first page, whose data and model
    stay where they fit. One that nothing descends opens over another one that is trained in its place. Recipes
    with the same numbers are named once.
    """
    recipes = {"home": catalog.complete(home.RECIPE), "explore": catalog.complete(Recipe())}
    for name, lesson in LESSONS.items():
        recipes[f"lesson-{name}"] = catalog.complete(lesson.recipe)
        if (second_recipe := catalog.neighbour(recipes[f"lesson-{name}"])) is not None:
            recipes[f"lesson-{name}-beside"] = catalog.complete(second_recipe)
    for name in (*catalog.ALL_FUNCTIONS, *OBJECTIVES):
        recipes[name], _ = catalog.repair(catalog.opening_of(name))
    for name in OBJECTIVES:
        recipes[f"chosen-{name}"], _ = catalog.repair(catalog.with_objective(recipes["explore"], Choice(name)))
    computed = {name: catalog.computed(recipe) for name, recipe in recipes.items()}
    first = {recipe: name for name, recipe in reversed(computed.items())}
    return {name: recipe for name, recipe in computed.items() if first[recipe] == name}
