"""The opening of an objective: its default data, model and settings, and the place of its picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from landscapes.objectives import OBJECTIVES
from landscapes.recipes.recipe import Choice, Recipe

# The settings that determine the place of a picture.
PLACE_SETTINGS = ("directions", "center", "extent", "start", "start_x", "start_y")


@lru_cache(maxsize=256)
def opening_of(objective: str, data: str = "", model: str = "") -> Recipe:
    """The recipe with which an objective opens: that of the first page, with the data, model and settings that the
    objective names. An unknown objective opens as the first page does.

    Args:
        data, model: names in place of the objective's own. The place settings of its opening then do not apply,
            and its `rates` take the place of the learning rates among its settings. So do its settings `on_data`.
    """
    entry = OBJECTIVES.get(objective)
    if entry is None:
        return Recipe.from_query({"objective": objective})
    opens = entry.opening
    rates = {f"{name}.learning_rate": str(rate) for name, rate in opens.rates.items()}
    on_data = opens.on_data.get(data, {})
    plain, placed = (
        Recipe.from_query({**_texts(settings), "objective": objective})
        for settings in ({**opens.settings, **rates, **on_data}, {**opens.settings, **opens.place})
    )
    is_own = data in ("", plain.data.name) and model in ("", plain.model.name)
    return placed if is_own else plain


def keep_place(recipe: Recipe, before: Recipe) -> Recipe:
    """The recipe after a change of data or model, with the place settings of its opening wherever the recipe
    before had those of its own opening."""
    old, new = opening(before), opening(recipe)
    changed = [name for name in PLACE_SETTINGS if getattr(old, name) != getattr(new, name)]
    unset = [name for name in changed if _name(getattr(recipe, name)) == _name(getattr(old, name))]
    return replace(recipe, **{name: getattr(new, name) for name in unset})


def opening(recipe: Recipe) -> Recipe:
    """The opening of a recipe's objective with the recipe's data and model."""
    return opening_of(recipe.objective.name, recipe.data.name, recipe.model.name)


def _name(value: Any) -> Any:
    return value.name if isinstance(value, Choice) else value


def _texts(settings: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: text.split("+") if name == "optimizers" else [text] for name, text in settings.items()}
