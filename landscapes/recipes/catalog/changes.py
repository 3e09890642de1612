"""Another objective, data or model in a recipe: what fits is kept, and what had to change gets its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from landscapes.directions import DIRECTIONS
from landscapes.knobs import either
from landscapes.models import MODELS
from landscapes.objectives import OBJECTIVES, misfit
from landscapes.recipes.catalog.addresses import neighbour
from landscapes.recipes.catalog.completion import complete, repair, with_rate
from landscapes.recipes.catalog.datasets import DATASETS
from landscapes.recipes.catalog.descriptions import data_title
from landscapes.recipes.catalog.fitting import SAME
from landscapes.recipes.catalog.offers import (
    directions_for,
    drawable_objectives,
    heights,
    is_fitting,
    is_game,
    knobs_of,
    models_for,
    optimizers_for,
    schedules_for,
    trainable_objectives,
)
from landscapes.recipes.catalog.openings import PLACE_SETTINGS, keep_place, opening, opening_of
from landscapes.recipes.recipe import Choice, Recipe

# What a change may touch, in the words of the page, and what each is called there.
LABELS = {
    "data": "data",
    "model": "model",
    "optimizers": "optimizers",
    "directions": "directions",
    "drawn": "surface",
    "term": "height",
    "beside": "second picture",
    "steps": "steps",
    "schedule": "learning-rate schedule",
    "batch_size": "batch size",
    "precision": "precision",
    "center": "centre",
    "extent": "zoom",
    "start": "start",
    "split": "examples shown",
    "tolerance": "accuracy",
    "view": "picture",
    "scale": "scale",
    "one_step": "one step",
    "behavior": "what the model does",
    "weights": "term weights",
    "mix": "mix of terms",
    "space": "space of the paths",
    "eigenvalues": "number of eigenvalues",
    "draws": "draws of the noise",
    "seed": "seed",
}
# Fields that a label names together with its own.
WITH_LABEL = {"start": ("start_x", "start_y"), "view": ("dimension",)}
PLURALS = {"vector": "vectors", "image": "images", "point": "points"}
REGISTRIES = {"data": DATASETS, "model": MODELS, "directions": DIRECTIONS, "drawn": OBJECTIVES}


def with_objective(before: Recipe, objective: Choice) -> Recipe:
    """A complete recipe under another objective, with its data, model and settings as far as they fit. Where the
    data or the model must change, what the viewer had left as it opened becomes what the new objective opens with.
    """
    name, defaults = objective.name, opening_of(objective.name)
    data = before.data if is_fitting(before.data.name, name) else defaults.data
    model = _fitting_model(before.model, data.name, name)
    same = (data, model) == (before.data, before.model)
    old, new = opening(before), opening_of(name, data.name, model.name)
    kept = {spec.name for spec in fields(Recipe) if not _equal(before, old, spec.name)} | {"seed"}
    if same:
        # A second picture that the old objective opened with makes way for that of the new one.
        opened = {"beside"} if before.beside and _equal(before, old, "beside") else set()
        kept |= {spec.name for spec in fields(Recipe)} - {*PLACE_SETTINGS, *opened}
    kept -= {"objective", "data", "model", "weights", "mix", "term", "drawn", "optimizers"}
    if before.directions.name not in directions_for(name):
        kept -= {"directions"}
    recipe = replace(new, **{key: getattr(before, key) for key in kept})
    recipe = replace(
        recipe,
        objective=Choice.of(name, **(defaults.objective.settings | objective.settings)),
        data=data,
        model=model,
        optimizers=_optimizers(before, old, new, same),
    )
    if same:
        weights = _carried_weights(before, name)
        drawn = before.drawn if before.drawn.name in drawable_objectives(name, data, model.name) else SAME
        shown = name if drawn == SAME else drawn.name
        term = before.term if before.term in heights(shown, data.name) else ""
        recipe = replace(recipe, weights=weights, drawn=drawn, term=term)
    return _fitted(recipe)


def with_data(before: Recipe, data: Choice) -> Recipe:
    """A complete recipe on other data, which its objective can be fitted to, with a model that reads them."""
    model = _fitting_model(before.model, data.name, before.objective.name)
    recipe = _with_opening_training(replace(before, data=data, model=model), before)
    return _fitted(_with_opening_rates(keep_place(recipe, before), before))


def with_table(before: Recipe, data: Choice) -> Recipe:
    """A complete recipe on a table, with an objective that can be fitted to it."""
    name = before.objective.name
    if not is_fitting(data.name, name):
        names = [each for each in OBJECTIVES if is_fitting(data.name, each)]
        before = with_objective(before, Choice(nearest_objective(replace(before, data=data), names)))
    return with_data(before, data)


def with_model(before: Recipe, model: Choice) -> Recipe:
    """A complete recipe with another model, which fits its data and its objective."""
    return _fitted(_with_opening_rates(keep_place(replace(before, model=model), before), before))


def nearest_objective(before: Recipe, names: Iterable[str]) -> str:
    """The first objective that a recipe's data and model fit, or else its data, or else the first of all."""
    names = trainable_objectives(names)
    data = [name for name in names if is_fitting(before.data.name, name)]
    both = [name for name in data if before.model.name in models_for(before.data.name, name)]
    return [*both, *data, *names][0]


def explain(before: Recipe, after: Recipe, changed: str) -> str:
    """One line on what a change of the objective, the data or the model (`changed`) has changed besides, with the
    reason where it had to; "" where it has changed nothing else."""
    differ = [key for key in LABELS if key != changed and _differs(before, after, key)]
    reasons = {key: _reason(before, after, key) for key in differ}
    forced = [
        f"{LABELS[key]} changed from {_value(before, key)} to {_value(after, key)}, because {reason}"
        for key, reason in reasons.items()
        if reason
    ]
    opened = [LABELS[key] for key, reason in reasons.items() if not reason]
    rates = {choice.name: choice for choice in before.optimizers}
    if any(rates.get(choice.name, choice) != choice for choice in after.optimizers):
        opened.append("optimizers' settings")
    *most, last = opened or [""]
    listed = f"{', '.join(most)} and {last}" if most else last
    sentences = ["; ".join(forced), listed and f"it opens with its own {listed}"]
    if changed == "data" and not _equal(before, after, "objective"):
        sentences.insert(
            0, f"objective changed to {_short(OBJECTIVES, after.objective.name)}, which fits the data"
        )
    return " ".join(f"{text[:1].upper()}{text[1:]}." for text in sentences if text)


def _with_opening_training(recipe: Recipe, before: Recipe) -> Recipe:
    """The recipe on other data with the model and the runs that it opens with, where those before were opened."""
    old, new = complete(opening(before)), complete(opening(recipe))
    names = ["optimizers", "schedule", "steps", "batch_size"] + ["model"] * (recipe.model.name == new.model.name)
    return replace(
        recipe, **{key: getattr(new, key) for key in names if getattr(before, key) == getattr(old, key)}
    )


def _with_opening_rates(recipe: Recipe, before: Recipe) -> Recipe:
    """The recipe, which has other data or another model than the one before, with the learning rates that it opens
    with wherever those before were the rates that that one opens with."""
    old, new = (
        {choice.name: choice.settings.get("learning_rate") for choice in complete(opening(each)).optimizers}
        for each in (before, recipe)
    )
    return replace(
        recipe,
        optimizers=tuple(
            Choice.of(choice.name, **{**choice.settings, "learning_rate": rate})
            if (rate := new.get(choice.name)) is not None
            and choice.settings.get("learning_rate") == old.get(choice.name)
            else choice
            for choice in recipe.optimizers
        ),
    )


def _fitting_model(model: Choice, data: str, objective: str) -> Choice:
    fits, default = models_for(data, objective), opening_of(objective, data).model
    return model if model.name in fits else default if default.name in fits else Choice(fits[0])


def _fitted(recipe: Recipe) -> Recipe:
    """The recipe, completed, without what no longer fits: a second picture or a height that there is no more."""
    recipe, _ = repair(recipe)
    try:
        beside = neighbour(recipe)
        if beside is not None:
            complete(beside)
    except ValueError:
        return complete(replace(recipe, beside=()))
    return recipe


def _optimizers(before: Recipe, old: Recipe, new: Recipe, same: bool) -> tuple[Choice, ...]:
    """The optimizers of before, as far as they can move the new objective, each with the settings that the viewer
    gave it; those with which it opens where none can, or where nobody had chosen and the problem is another."""
    fits = optimizers_for(new.objective.name)
    kept = same or not _equal(before, old, "optimizers")
    names = [choice.name for choice in before.optimizers if choice.name in fits] if kept else []
    names = names or [choice.name for choice in new.optimizers]
    had, usually, opens = ({one.name: one for one in each.optimizers} for each in (before, old, new))
    optimizers = []
    for name in names:
        knobs = dict(opens[name].settings) if name in opens else {}
        if name in had:
            default = {key: knob.default for key, knob in knobs_of(name).items()}
            default |= with_rate(before.objective, usually.get(name, Choice(name))).settings
            knobs |= {key: value for key, value in had[name].knobs if same or value != default[key]}
        optimizers.append(Choice.of(name, **knobs))
    return tuple(optimizers)


def _carried_weights(before: Recipe, objective: str) -> tuple[tuple[str, float], ...]:
    """The weights that the viewer gave to terms that the new objective has too, with the sign that it needs."""
    old, entry = OBJECTIVES[before.objective.name].weights, OBJECTIVES[objective]
    touched = {term: weight for term, weight in before.weights if weight != old[term] and term in entry.weights}
    return tuple((term, w) for term, w in touched.items() if term not in entry.signs or w * entry.signs[term] > 0)


def _equal(one: Recipe, other: Recipe, key: str) -> bool:
    """Whether two recipes name the same under a key, whatever its knobs."""
    return _named(getattr(one, key)) == _named(getattr(other, key))


def _named(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_named, value))
    return value.name if isinstance(value, Choice) else value


def _differs(before: Recipe, after: Recipe, key: str) -> bool:
    """Whether a change of the objective, the data or the model has changed what a label names. The new objective
    names its own terms: of the weights, those count that the viewer had set, and a game shows a player's loss."""
    if key == "weights":
        usual = OBJECTIVES[before.objective.name].weights
        return any(
            weight != usual[term] and dict(after.weights).get(term) != weight for term, weight in before.weights
        )
    if key == "term" and not before.term:
        return False
    if key == "optimizers":  # their settings are told apart
        return not _equal(before, after, key)
    return any(getattr(before, name) != getattr(after, name) for name in (key, *WITH_LABEL.get(key, ())))


def _reason(before: Recipe, after: Recipe, key: str) -> str:
    """Why a recipe's part had to change, or "" where it only opens so."""
    objective = _short(OBJECTIVES, after.objective.name)
    entry = OBJECTIVES[after.objective.name]
    if _equal(before, after, key):
        return ""
    if key == "data" and not is_fitting(before.data.name, after.objective.name):
        wrong = misfit(entry, DATASETS[before.data.name]).partition(", but")[0]
        return f"{objective} {wrong or f'needs {either(sorted(entry.fits.needs))} models'}"
    if key == "model":
        kinds, model = DATASETS[after.data.name], MODELS[before.model.name]
        name, data = _short(MODELS, before.model.name), data_title(after.data)
        if not entry.fits.needs & model.capabilities:
            needs = either(sorted(entry.fits.needs))
            article = "" if needs.endswith("s") else "an " if needs[0] in "aeiou" else "a "
            return f"{objective} needs {article}{needs}"
        if kinds.inputs not in model.inputs:
            return f"{name} does not read the {PLURALS.get(kinds.inputs, kinds.inputs)} of {data}"
        return f"{name} does not predict the {kinds.targets} of {data}"
    if key == "optimizers" and {one.name for one in before.optimizers} - {*optimizers_for(after.objective.name)}:
        game = is_game(after.objective.name)
        return (
            "a game needs optimizers that move its players" if game else "some of them move the players of a game"
        )
    if key == "schedule" and before.schedule.name not in schedules_for(after.objective.name):
        return "a game has no single loss to read"
    if key == "directions" and before.directions.name not in directions_for(after.objective.name):
        return "a game does not have them" if is_game(after.objective.name) else "only games have them"
    if key == "drawn":
        return f"it cannot be drawn over what {objective} trains"
    return ""


def _value(recipe: Recipe, key: str) -> str:
    value = getattr(recipe, key)
    if isinstance(value, tuple):
        return ", ".join(choice.name for choice in value) or "none"
    if value == SAME:
        return "the trained objective"
    if key == "data":
        return data_title(value)
    return _short(REGISTRIES.get(key, {}), value.name) if isinstance(value, Choice) else str(value)


def _short(registry: Mapping[str, Any], name: str) -> str:
    """A title without what it says in brackets."""
    title = registry[name].title if name in registry else name
    return title.partition(" (")[0]
