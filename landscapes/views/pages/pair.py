"""Two pictures side by side: their recipes, their titles and the overoptimization points of their paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from landscapes.figures.scene import drawn_paths
from landscapes.objective import Sense
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.recipes.words import capitalize
from landscapes.scenes.scene import Scene
from landscapes.tradeoffs.overoptimization import OveroptimizationPoint, overoptimization_point
from landscapes.views.controls.widgets import title


def neighbour(recipe: Recipe) -> list[Recipe]:
    """The recipe of the second picture, if there is one. It shares view and scale with the first."""
    second_recipe = catalog.neighbour(recipe)
    if second_recipe is None:
        return []
    return [catalog.complete(replace(second_recipe, view=recipe.view, scale=recipe.scale))]


def overoptimization_points(scenes: list[Scene]) -> dict[str, OveroptimizationPoint]:
    """For two pictures of the same paths: the point from which a path worsens on the second picture while it
    improves on the first. A game has none, because its players' losses are not a proxy and a truth."""
    if len(scenes) < 2 or any(scene.surface.game for scene in scenes):
        return {}
    if not catalog.same_numbers(*(catalog.as_trained(scene.recipe) for scene in scenes)):
        return {}
    values = [{name: path.loss for name, path in drawn_paths(scene).items()} for scene in scenes]
    senses = sense(scenes[0]), sense(scenes[1])
    points = {
        name: overoptimization_point(path.steps, values[0][name], values[1][name], senses=senses)
        for name, path in scenes[0].paths.items()
        if name in values[1] and len(values[1][name]) == len(path.steps)
    }
    return {name: point for name, point in points.items() if point is not None}


def sense(scene: Scene) -> Sense:
    """Which way the drawn value of a scene is good."""
    return catalog.sense_of_term(scene.recipe.term, scene.facts.sense)


def have_same_behavior(scenes: list[Scene]) -> bool:
    """Whether two pictures are of the same paths and the same examples, so that their models do the same."""
    recipes = [scene.recipe for scene in scenes]
    return (
        len(recipes) == 2
        and recipes[0].split == recipes[1].split
        and catalog.same_numbers(*map(catalog.as_trained, recipes))
    )


PANEL_SHARE, SHARED_PANEL_SHARE = 0.61, 0.78  # of a picture's width


def columns(panels: Sequence[bool], is_one: bool) -> tuple[list[float], list[int], list[int]]:
    """The widths of the columns of pictures and of panels that show what their models do, and the columns of each
    picture and of its panel. A panel beside its picture is seen without scrolling.

    Args:
        panels: whether each picture has one. is_one: whether they share the one of the first.
    """
    if is_one and any(panels):
        return [1.0, 1.0, SHARED_PANEL_SHARE], [0, 1], [2, 2]
    widths, pictures, panel_columns = [], [], []
    for has_panel in panels:
        pictures.append(len(widths))
        widths += [1.0, PANEL_SHARE] if has_panel else [1.0]
        panel_columns.append(len(widths) - 1)
    return widths, pictures, panel_columns


def titles(recipes: list[Recipe]) -> list[str]:
    """The titles of two pictures: the value of the setting in which they differ, or their full titles if they are
    not a pair, as while one of them is not computed yet."""
    first, *other_recipes = recipes
    pair = [each for each in neighbour(first) if first.beside]
    if not pair or not all(catalog.same_numbers(pair[0], other) for other in other_recipes):
        return [capitalize(catalog.title(each)) for each in recipes]
    return [_title(each, first.beside[0][0]) for each in recipes]


def _title(recipe: Recipe, key: str) -> str:
    """The value of this setting in words."""
    owner, dot, knob = key.partition(".")
    if dot:
        if owner == "weight":
            return f"{capitalize(catalog.symbol(knob))} weight {dict(recipe.weights).get(knob, 0.0):g}"
        if owner == "mix":
            return capitalize(catalog.weighted_sum(dict(recipe.weights) | dict(recipe.mix)))
        owners = (recipe.model, recipe.objective, recipe.data, recipe.directions, *recipe.optimizers)
        if owner in catalog.WRITTEN and knob == "text":
            return next(catalog.formula_text(choice) for choice in owners if choice.name == owner)
        values = [choice.settings.get(knob) for choice in owners if choice.name == owner]
        value = values[0] if values else ""
        value = ("off", "on")[value] if isinstance(value, bool) else value
        return f"{capitalize(catalog.entry_title(owner))}, {catalog.knob_name(knob)} {value}"
    if key == "term" and recipe.term in catalog.players(recipe):
        return capitalize(f"{recipe.term}'s loss")
    if key in ("term", "drawn"):
        return capitalize(catalog.quantity(recipe))
    if key == "optimizers":
        return ", ".join(title(choice.name) for choice in recipe.optimizers)
    value = getattr(recipe, key)
    if isinstance(value, Choice):
        return capitalize(catalog.entry_title(value.name))
    return capitalize(catalog.examples(recipe) if key == "split" else f"{catalog.knob_name(key)} {value}")
