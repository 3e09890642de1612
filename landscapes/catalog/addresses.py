"""Addresses: what a recipe's query string need not say, because its objective opens so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from landscapes.catalog.completion import SAME, with_rate
from landscapes.catalog.offers import is_function, knobs_of
from landscapes.optimizers import OPTIMIZERS
from landscapes.recipe import Choice, Recipe
from objectives import DATASETS, OBJECTIVES

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
        for settings in (entry.usual, {**entry.usual, **entry.place})
    )
    own = data in ("", plain.data.name) and model in ("", plain.model.name)
    return placed if own else plain


def moved(recipe: Recipe, before: Recipe) -> Recipe:
    """The recipe, which was made from another by a change of its data or its model, at the place where it opens
    with those, as far as the other one was where that opens."""
    old, new = _opening(before), _opening(recipe)
    changed = [name for name in PLACE if getattr(old, name) != getattr(new, name)]
    unset = [name for name in changed if _name(getattr(recipe, name)) == _name(getattr(old, name))]
    return replace(recipe, **{name: getattr(new, name) for name in unset})


def _opening(recipe: Recipe) -> Recipe:
    """How a recipe's objective opens with the recipe's data and model."""
    return usual(recipe.objective.name, recipe.data.name, recipe.model.name)


def _name(value: Any) -> Any:
    return value.name if isinstance(value, Choice) else value


def _texts(settings: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: text.split("+") if name == "optimizers" else [text] for name, text in settings.items()}


def from_query(query: str | Mapping[str, Any]) -> Recipe:
    """The recipe of an address, which says only what differs from how its objective opens.

    Raises:
        ValueError: for a value that cannot be read, naming its key.
    """
    if isinstance(query, str):
        query = parse_qs(query.lstrip("?"), keep_blank_values=True)
    named = {"objective": Recipe().objective.name}
    for key in ("objective", "data", "model"):
        if texts := query.get(key):
            named[key] = texts if isinstance(texts, str) else list(texts)[-1]
    return Recipe.from_query(query, base=usual(**named))


def to_query(recipe: Recipe) -> dict[str, list[str]]:
    """The address of a complete recipe: the inverse of `from_query`, followed by `complete`."""
    base = _opening(recipe)
    known = {choice.name: choice.settings for choice in _choices(base)}

    def without(choice: Choice) -> Choice:
        default = {name: knob.default for name, knob in knobs_of(choice.name).items()}
        if choice.name in OPTIMIZERS:
            default |= with_rate(recipe.objective, Choice(choice.name)).settings
        default |= known.get(choice.name, {})
        return Choice.of(choice.name, **{k: v for k, v in choice.knobs if k not in default or v != default[k]})

    if is_function(recipe):
        recipe = replace(recipe, model=base.model, data=base.data, directions=base.directions)
        recipe = replace(recipe, precision=base.precision, eigenvalues=base.eigenvalues, weights=base.weights)
    else:
        default = dict(OBJECTIVES[recipe.objective.name].weights) | dict(base.weights)
        weights = tuple((term, weight) for term, weight in recipe.weights if default.get(term) != weight)
        recipe = replace(recipe, weights=weights)
        if recipe.term == next(iter(OBJECTIVES[recipe.objective.name].players or ("",))):
            recipe = replace(recipe, term="")
    if DATASETS[base.data.name].whole:
        recipe = replace(recipe, split=base.split, batch_size=base.batch_size)
    recipe = replace(
        recipe,
        objective=without(recipe.objective),
        model=without(recipe.model),
        data=without(recipe.data),
        schedule=without(recipe.schedule),
        directions=without(recipe.directions),
        drawn=without(recipe.drawn),
        optimizers=tuple(map(without, recipe.optimizers)),
    )
    query = recipe.to_query(replace(base, weights=()))
    named = {} if recipe.objective.name == Recipe().objective.name else {"objective": [recipe.objective.name]}
    return named | query


def _choices(recipe: Recipe) -> tuple[Choice, ...]:
    return (
        recipe.objective, recipe.model, recipe.data, recipe.schedule, recipe.directions, recipe.drawn,
        *recipe.optimizers,
    )  # fmt: skip


def neighbour(recipe: Recipe) -> Recipe | None:
    """The recipe of the picture beside a complete one, or None; see `Recipe.neighbour`.

    Raises:
        ValueError: if it names no setting, or one that cannot be.
    """
    beside = recipe.neighbour()
    if beside is None:
        return None
    if beside.objective.name == recipe.objective.name:
        beside = moved(beside, recipe)
        return beside if beside.drawn == recipe.drawn else replace(beside, mix=())
    # Another objective has other terms.
    return replace(beside, weights=(), term="", mix=(), drawn=SAME)
