"""Which models, data, objectives, optimizers and directions fit together, decided by their kinds.

A dataset has a kind of inputs and of targets. A model lists the kinds that it reads and predicts, and its
capabilities. An objective lists the targets that it scores and the capabilities that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import landscapes.models as models
import landscapes.objectives as objectives
from landscapes.directions import DIRECTIONS
from landscapes.knobs import Knob, knobs
from landscapes.models import MODELS
from landscapes.objectives import OBJECTIVES
from landscapes.optimization.optimizers import OPTIMIZERS, mismatch
from landscapes.optimization.plateau import schedule_mismatch
from landscapes.optimization.schedules import SCHEDULES
from landscapes.recipes.catalog.datasets import DATASETS, TABLES, is_table
from landscapes.recipes.catalog.own_function import ALL_FUNCTIONS, FORMULA, function_of_text
from landscapes.recipes.catalog.own_loss import LOSS, terms_of_text
from landscapes.recipes.recipe import Choice, Recipe

KINDS: Mapping[str, Mapping[str, Any]] = {
    "objectives": OBJECTIVES,
    "functions": ALL_FUNCTIONS,
    "models": MODELS,
    "data": DATASETS,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "directions": DIRECTIONS,
}
REGISTRIES = tuple(KINDS.values())


def is_function(recipe: Recipe) -> bool:
    """Whether the recipe is about a test function of two variables, or a formula for one."""
    return recipe.objective.name in ALL_FUNCTIONS


def datasets_for(objective: str) -> list[str]:
    """The datasets of the program that an objective can be fitted to, with a model that serves it."""
    return [name for name in DATASETS if not is_table(name) and is_fitting(name, objective)]


def tables_for(objective: str) -> list[str]:
    """The kinds of tables that an objective can be fitted to."""
    return [name for name in TABLES if is_fitting(name, objective)]


def is_fitting(data: str, objective: str) -> bool:
    """Whether an objective can be fitted to a dataset, with a model that serves it."""
    return (
        data in DATASETS
        and objective in OBJECTIVES
        and objectives.is_compatible(OBJECTIVES[objective], DATASETS[data])
        and bool(models_for(data, objective))
    )


def models_for(data: str, objective: str | None = None) -> list[str]:
    """The models that read this dataset's inputs, predict its targets and serve the objective."""
    kinds = DATASETS[data]
    needs = OBJECTIVES[objective].fits.needs if objective is not None else None
    return models.compatible(MODELS, inputs=kinds.inputs, targets=kinds.targets, needs=needs)


def objectives_for(data: str, model: str | None = None) -> list[str]:
    """The objectives that score this dataset's targets, and that the model, if given, serves."""
    names = objectives.compatible(OBJECTIVES, DATASETS[data])
    return [name for name in names if model is None or model in models_for(data, name)]


def drawable_objectives(objective: str, data: Choice, model: str) -> list[str]:
    """The other objectives whose surface can be drawn on the same parameters: the model serves them and has as
    many outputs. Empty where the data cannot be loaded; `build` gives the reason."""
    trained = OBJECTIVES[objective]
    try:
        loaded = load(data, 0)
    except ValueError:
        return []
    return [
        name
        for name in objectives_for(data.name, model)
        if name != objective
        and OBJECTIVES[name].players is None
        and trained.players is None
        and OBJECTIVES[name].fits.outputs(loaded) == trained.fits.outputs(loaded)
    ]


def is_game(objective: str) -> bool:
    """Whether an objective has several players, each with a loss of its own."""
    return objective in OBJECTIVES and OBJECTIVES[objective].players is not None


def players(recipe: Recipe) -> tuple[str, ...]:
    """The players of a recipe's game in the order in which they move; none where there is no game."""
    return tuple(OBJECTIVES[recipe.objective.name].players or ()) if is_game(recipe.objective.name) else ()


def default_weights(objective: str, data: str) -> dict[str, float]:
    """The weight of every term that an objective has on a dataset."""
    return OBJECTIVES[objective].weights_for(DATASETS[data].targets)


def heights(objective: str, data: str) -> list[str]:
    """What a surface over a dataset can show: "" for the weighted sum of all terms, or a term. In a game: the loss
    of each player, and every term that is not already such a loss."""
    entry = OBJECTIVES[objective]
    if entry.players is None:
        return ["", *default_weights(objective, data)]
    losses = {next(iter(w)) for w in entry.players.values() if set(w.values()) == {1.0} and len(w) == 1}
    return [*entry.players, *(term for term in entry.weights if term not in losses)]


def optimizers_for(objective: str) -> list[str]:
    """The optimizers that can run on an objective, of one loss or of the players of a game."""
    return [name for name in OPTIMIZERS if not mismatch(name, is_game(objective))]


def schedules_for(objective: str) -> list[str]:
    """The learning-rate schedules that a run on an objective can have."""
    return [name for name in SCHEDULES if not schedule_mismatch(name, is_game(objective))]


def directions_for(objective: str) -> list[str]:
    """The kinds of directions that an objective's picture can be spanned by, those of games alone first."""
    kinds = ("game", "any") if is_game(objective) else ("loss", "any")
    fits = [name for name, kind in DIRECTIONS.items() if kind.applies_to in kinds]
    return sorted(fits, key=lambda name: DIRECTIONS[name].applies_to != "game")


def trainable_objectives(names: Iterable[str]) -> list[str]:
    """The objectives among these names that have a gradient."""
    return [name for name in names if OBJECTIVES[name].gradient != "none"]


def offers_test(data: str) -> bool:
    """Whether a picture can be drawn over test examples of this dataset."""
    return DATASETS[data].has_test and not DATASETS[data].whole


def load(data: Choice, seed: int) -> Any:
    """The examples, train and test, of a dataset with its knobs.

    Raises:
        ValueError: for a knob that does not fit the data, or for a table that is not here.
    """
    # The memory of tables remembers their examples, and forgets them with the table.
    return DATASETS[data.name].load(seed, **data.settings) if is_table(data.name) else _load(data, seed)


@lru_cache(maxsize=64)
def _load(data: Choice, seed: int) -> Any:
    return DATASETS[data.name].load(seed, **data.settings)


def function_of(entry: Any) -> Callable[..., Any]:
    """The function whose signature carries a registry entry's knobs."""
    for attribute in ("build", "load", "terms", "f", "function"):
        if hasattr(entry, attribute):
            return getattr(entry, attribute)
    return entry


def entry_of(name: str) -> Any:
    """The entry of a registered name, whatever it names, or None; names are unique across the registries."""
    return next((registry[name] for registry in REGISTRIES if name in registry), None)


def knobs_of(chosen: str | Choice) -> dict[str, Knob]:
    """The knobs of a registered name; those of a formula depend on its text.

    Raises:
        ValueError: for a text that is no formula.
    """
    name, settings = (chosen.name, chosen.settings) if isinstance(chosen, Choice) else (chosen, {})
    entry = entry_of(name)
    return {} if entry is None else knobs(settings_function(name, entry, settings))


def settings_function(name: str, entry: Any, settings: Mapping[str, Any]) -> Callable[..., Any]:
    """The function whose signature carries the knobs of a registry entry under these settings.

    Raises:
        ValueError: for a text that is no formula.
    """
    if name == FORMULA and "text" in settings:
        return function_of_text(str(settings["text"]))
    if name == LOSS and "text" in settings:
        return terms_of_text(str(settings["text"]))
    return function_of(entry)
