"""How an objective opens: its own data, model and settings, and where its picture is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from landscapes.recipes.recipe import Choice, Recipe
from objectives import OBJECTIVES

# The settings that say where a picture is.
PLACE = ("directions", "center", "extent", "start", "start_x", "start_y")


@lru_cache(maxsize=256)
def usual(objective: str, data: str = "", model: str = "") -> Recipe:
    """The recipe with which an objective opens: the first page's, with the objective's own data, model and
    settings where it names some. An unknown objective gets the first page's.

    Args:
        data, model: names of others than the objective's own, under which it opens at no place of its own.
    """
    entry = OBJECTIVES.get(objective)
    if entry is None:
        return Recipe.from_query({"objective": objective})
    plain, placed = (
        Recipe.from_query({**_texts(settings), "objective": objective})
        for settings in (entry.opening.settings, {**entry.opening.settings, **entry.opening.place})
    )
    own = data in ("", plain.data.name) and model in ("", plain.model.name)
    return placed if own else plain


def moved(recipe: Recipe, before: Recipe) -> Recipe:
    """The recipe, which was made from another by a change of its data or its model, at the place where it opens
    with those, as far as the other one was where that opens."""
    old, new = opening(before), opening(recipe)
    changed = [name for name in PLACE if getattr(old, name) != getattr(new, name)]
    unset = [name for name in changed if _name(getattr(recipe, name)) == _name(getattr(old, name))]
    return replace(recipe, **{name: getattr(new, name) for name in unset})


def opening(recipe: Recipe) -> Recipe:
    """How a recipe's objective opens with the recipe's data and model."""
    return usual(recipe.objective.name, recipe.data.name, recipe.model.name)


def _name(value: Any) -> Any:
    return value.name if isinstance(value, Choice) else value


def _texts(settings: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: text.split("+") if name == "optimizers" else [text] for name, text in settings.items()}
