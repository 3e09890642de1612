"""Addresses: query strings of recipes, without the settings with which their objective opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any
from urllib.parse import parse_qs

from landscapes.directions import DIRECTIONS
from landscapes.knobs import nearest, repair_knobs
from landscapes.models import MODELS
from landscapes.objectives import OBJECTIVES
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.recipes.catalog.completion import complete, repair, with_rate
from landscapes.recipes.catalog.datasets import DATASETS
from landscapes.recipes.catalog.fitting import SAME, registered
from landscapes.recipes.catalog.offers import REGISTRIES, entry_of, function_of, is_function, knobs_of
from landscapes.recipes.catalog.openings import keep_place, opening, opening_of
from landscapes.recipes.recipe import WEIGHTS, Choice, Recipe
from landscapes.recipes.serialization import value_of

# What mail programs, search engines and hosts add to an address.
TRACKERS = ("utm_", "mc_", "fbclid", "gclid", "msclkid", "ref", "embed")


def from_query(query: str | Mapping[str, Any]) -> Recipe:
    """The recipe of an address, which holds the differences to the opening of its objective.

    Raises:
        ValueError: for a value that cannot be read, naming its key.
    """
    query = _parsed(query)
    return Recipe.from_query(query, base=_base(query))


def read_address(
    query: str | Mapping[str, Any],
    *,
    others: Iterable[str] = (),
    owners: Iterable[str] = (),
    base: Recipe | None = None,
) -> tuple[Recipe, list[str]]:
    """The complete recipe of an address of which everything valid is kept, and a sentence on each fault: keys and
    names that do not exist, values that cannot be read or are out of range, and what does not fit together.

    Args:
        others, owners: keys, and owners of knobs, that an address may name too, and are not of the recipe.
        base: what the address says the differences to; by default, how its objective opens.
    """
    query = _parsed(query)
    request, unread = Recipe.read_query(query, base=base or _base(query))
    recipe, wrong = repair(request)
    if wrong:
        # The rest is read again around what takes the place of the wrong names: it may be about that.
        was, now = ({name: each for name, each in vars(one).items() if isinstance(each, Choice)}
                    for one in (request, recipe))  # fmt: skip
        lost = [key for key in now if was[key].name != now[key].name and now[key].name != "none"]
        base = base or opening(recipe)
        base = replace(base, **{key: now[key] for key in lost if getattr(base, key).name != now[key].name})
        remaining = {key: texts for key, texts in query.items() if key not in lost}
        recipe, more = repair(Recipe.read_query(remaining, base=base)[0])
        wrong += more
    faults = [*_unknown_keys(query, recipe, others, owners), *unread, *wrong]
    if is_function(recipe):
        names = ((request.data, DATASETS), (request.model, MODELS), (request.directions, DIRECTIONS))
        for (choice, registry), what in zip(names, ("dataset", "model", "kind of directions"), strict=True):
            registered(what, registry, Choice(choice.name), SAME, faults)
    try:
        beside = neighbour(recipe)
        if beside is not None:
            complete(beside)
    except ValueError as error:
        faults.append(str(error))
        recipe = complete(replace(recipe, beside=()))
    return recipe, list(dict.fromkeys(faults))


def _unknown_keys(
    query: Mapping[str, Any], recipe: Recipe, other_keys: Iterable[str], more: Iterable[str]
) -> list[str]:
    """A sentence on each key that belongs to nothing, and on each knob of what the recipe does not name."""
    known = [*(spec.name for spec in fields(Recipe) if spec.name not in WEIGHTS), *other_keys]
    owners = [*WEIGHTS.values(), *(name for registry in REGISTRIES for name in registry)]
    chosen = {*WEIGHTS.values(), *(choice.name for choice in _choices(recipe))}
    faults = []
    for key, texts in query.items():
        owner, dot, knob = key.partition(".")
        if dot and owner in owners:
            if owner not in chosen:
                value = value_of(texts if isinstance(texts, str) else [*texts, ""][0])
                wrong = repair_knobs(owner, function_of(entry_of(owner)), {knob: value})[1]
                faults += wrong or [f"{key} was ignored, because {owner} is not chosen"]
        elif key not in known and not key.startswith(TRACKERS):
            hint = nearest(owner, [*owners, *more], " ") if dot else nearest(key, known, " ")
            faults.append(f"{key} is not part of an address, and was ignored; {hint}".rstrip("; "))
    return faults


def _parsed(query: str | Mapping[str, Any]) -> Mapping[str, Any]:
    return parse_qs(query.lstrip("?"), keep_blank_values=True) if isinstance(query, str) else query


def _base(query: Mapping[str, Any]) -> Recipe:
    """How the objective of an address opens with the address's data and model."""
    named = {"objective": Recipe().objective.name}
    for key in ("objective", "data", "model"):
        if texts := query.get(key):
            named[key] = texts if isinstance(texts, str) else list(texts)[-1]
    return opening_of(**named)


def to_query(recipe: Recipe) -> dict[str, list[str]]:
    """The address of a complete recipe: the inverse of `from_query`, followed by `complete`."""
    base = opening(recipe)
    known = {choice.name: choice.settings for choice in _choices(base)}

    def without(choice: Choice) -> Choice:
        default = {name: knob.default for name, knob in knobs_of(choice).items()}
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
        beside = keep_place(beside, recipe)
        return beside if beside.drawn == recipe.drawn else replace(beside, mix=())
    # Another objective has other terms; what stays of them is what `beside` names itself.
    named = dict(recipe.beside)
    weights = tuple((term, weight) for term, weight in beside.weights if f"weight.{term}" in named)
    return replace(beside, weights=weights, term=named.get("term", ""), mix=(), drawn=SAME)
