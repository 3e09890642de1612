"""Checks of the parts of a recipe. A part that is wrong is replaced by that of the objective's opening."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import landscapes.models as models
import landscapes.objectives as objectives
from landscapes.knobs import either, nearest, repair_knobs
from landscapes.models import MODELS
from landscapes.objectives import OBJECTIVES
from landscapes.recipes.catalog.datasets import DATASETS, repair_table
from landscapes.recipes.catalog.offers import (
    datasets_for,
    default_weights,
    directions_for,
    is_game,
    models_for,
    settings_function,
)
from landscapes.recipes.catalog.own_function import BOX, FORMULA, own_function
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.recipes.settings import WEIGHT

SAME = Choice("same")
T = TypeVar("T")


def attempt(faults: list[str], check: Callable[[], T], otherwise: T) -> T:
    """The result of a check, or `otherwise` with the error added to the faults."""
    try:
        return check()
    except ValueError as error:
        faults.append(str(error))
        return otherwise


def registered(
    what: str, registry: Mapping[str, Any], choice: Choice, otherwise: Choice, faults: list[str]
) -> Choice:
    """The choice with all its knobs checked, or `otherwise` where its name is not registered."""
    if choice.name not in registry:
        faults.append(f"there is no {what} named {choice.name!r}; {nearest(choice.name, registry)}")
        choice = otherwise
    if choice == SAME:
        return SAME
    name, entry = choice.name, registry[choice.name]
    settings, function = attempt(
        faults,
        lambda: (choice.settings, settings_function(name, entry, choice.settings)),
        ({}, settings_function(name, entry, {})),
    )
    values, wrong = repair_knobs(name, function, settings)
    faults.extend(wrong)
    result = Choice.of(name, **values)
    if name == FORMULA and (fault := sentence(partial(own_function, result))):
        faults.append(fault)
        return Choice.of(name, **values | BOX)
    return result


def data_and_model(recipe: Recipe, objective: str, base: Recipe, faults: list[str]) -> tuple[Choice, Choice]:
    """The recipe's data and model where they fit the objective and each other; the data take precedence."""
    known = recipe.data.name in DATASETS, recipe.model.name in MODELS
    data = repair_table(registered("dataset", DATASETS, recipe.data, base.data, faults), faults)
    model = registered("model", MODELS, recipe.model, base.model, faults)
    entry = OBJECTIVES[objective]
    if fault := sentence(partial(objectives.check, OBJECTIVES, objective, data.name, DATASETS[data.name])):
        faults.append(fault)
        known = False, known[1]
        data = registered("dataset", DATASETS, base.data, base.data, [])
    if not known[0] and model.name not in models_for(data.name, objective):
        # Data that are only a default are replaced by data that fit the chosen model.
        serves = [name for name in datasets_for(objective) if model.name in models_for(name, objective)]
        if serves and known[1]:
            data = registered("dataset", DATASETS, Choice(serves[0]), base.data, [])
    kinds = DATASETS[data.name]
    fault = sentence(
        partial(
            models.check,
            MODELS,
            model.name,
            data=data.name,
            inputs=kinds.inputs,
            targets=kinds.targets,
            objective=objective,
            needs=entry.fits.needs,
        )
    )
    if fault:
        if known[1]:
            faults.append(fault)
        fits = models_for(data.name, objective)
        if not fits:  # no model reads these data for this objective
            data, fits = registered("dataset", DATASETS, base.data, base.data, []), [base.model.name]
        chosen = base.model if base.model.name in fits else Choice(fits[0])
        model = registered("model", MODELS, chosen, base.model, [])
    return data, model


def sentence(check: Callable[[], Any]) -> str:
    """The error of a check as a sentence, or ""."""
    faults: list[str] = []
    attempt(faults, check, None)
    return "".join(faults)


def term_weights(
    wanted: tuple[tuple[str, float], ...], objective: str, data: str, faults: list[str]
) -> tuple[tuple[str, float], ...]:
    """The weight of every term that the objective has on these data, in its order."""
    entry, defaults = OBJECTIVES[objective], default_weights(objective, data)
    custom_weights = term_mapping("weight", wanted, objective, data, faults)
    for term, weight in list(custom_weights.items()):
        if weight * entry.signs.get(term, 0) <= 0 and term in entry.signs:
            side = "above" if entry.signs[term] > 0 else "below"
            faults.append(f"weight.{term} = {weight:g} is on the wrong side of 0; give a number {side} 0")
            del custom_weights[term]
    weights = tuple((term, float(custom_weights.get(term, default))) for term, default in defaults.items())
    if not any(weight for _, weight in weights):
        faults.append("all term weights are 0, so there is no loss; give one of them a weight")
        return tuple((term, float(default)) for term, default in defaults.items())
    return weights


def term_mapping(
    what: str, weights: Iterable[tuple[str, float]], objective: str, data: str, faults: list[str]
) -> dict[str, float]:
    """The finite weights of terms that the objective has on these data, sorted by term."""
    known = default_weights(objective, data)
    valid_weights = {}
    for term, weight in sorted(weights):
        if term not in known:
            hint = nearest(term, known, f"it has {', '.join(known)}")
            faults.append(f"{objective} has no term {term!r}; {hint}")
        elif not (fault := sentence(partial(replace(WEIGHT, name=f"{what}.{term}").check, weight))):
            valid_weights[term] = float(weight)
        else:
            faults.append(fault)
    return valid_weights


def directions_mismatch(objective: str, directions: str) -> str:
    """The reason why an objective cannot have these directions, or ""."""
    fits = directions_for(objective)
    if directions in fits:
        return ""
    if is_game(objective):
        return (
            f"{directions} directions need a Hessian, which the game {objective} has not, since its players "
            "descend different losses; the eigenvalues of its field's Jacobian stand beside the picture, and for "
            f"directions choose {either(fits)}"
        )
    return f"{directions} directions are those of a game, and {objective} is none; choose {either(fits)}"
