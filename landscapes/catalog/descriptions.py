"""What a recipe's picture is about, in words and known answers."""

from __future__ import annotations

from functools import partial
from inspect import signature
from typing import Any

import jax
from jaxtyping import PyTree

from landscapes.catalog.building import cast
from landscapes.catalog.completion import SAME, complete
from landscapes.catalog.offers import is_function, load
from landscapes.problem import Problem, dtype_of, precision
from landscapes.recipe import Recipe
from landscapes.symmetry import Units
from models import MODELS
from objectives import DATASETS, FUNCTIONS, OBJECTIVES


def box(recipe: Recipe) -> tuple[tuple[float, float], ...]:
    """A test function's usual box, (low, high) per variable."""
    return FUNCTIONS[recipe.objective.name].box


def minima(recipe: Recipe) -> tuple[tuple[float, float], ...]:
    """A test function's known minimizers, at the recipe's own knobs; none for a network."""
    return FUNCTIONS[recipe.objective.name].minimizers(**recipe.objective.settings) if is_function(recipe) else ()


def shown(recipe: Recipe) -> Any:
    """The entry of what a complete recipe draws: a training objective or a test function."""
    return (FUNCTIONS | OBJECTIVES)[(recipe.objective if recipe.drawn == SAME else recipe.drawn).name]


def height(recipe: Recipe) -> str:
    """What the height of the picture is called."""
    if is_function(recipe):
        return recipe.objective.name
    entry = shown(recipe)
    name = (recipe.objective if recipe.drawn == SAME else recipe.drawn).name
    if recipe.term in (entry.players or ()):
        return f"{recipe.term}'s loss"
    return recipe.term or (name if entry.value == "loss" else entry.value)


def examples(recipe: Recipe) -> str:
    """What the examples behind the picture are, such as "train examples"."""
    kinds = DATASETS[recipe.data.name]
    return kinds.unit if kinds.whole else f"{recipe.split} {kinds.unit}"


def references(recipe: Recipe) -> dict[str, float]:
    """Values to compare a complete recipe's loss with, by name; in a game a name begins with that of the player
    whose loss it is to be compared with."""
    if is_function(recipe) or recipe.drawn != SAME:
        return {}
    entry = OBJECTIVES[recipe.objective.name]
    if entry.references is None or (recipe.term and entry.players is None):
        return {}
    given = dict(recipe.weights)
    if entry.players is not None and any(
        weight and given[term] != weight for term, weight in entry.weights.items()
    ):
        return {}  # the players pay something else
    weighed = "weights" in signature(entry.references).parameters
    weights = {"weights": given} if weighed else {}
    return entry.references(load(recipe.data, recipe.seed), **weights, **recipe.objective.settings)


def optimum(recipe: Recipe, problem: Problem) -> PyTree | None:
    """The parameters of the problem's known optimum, if there is one, in the tree and precision of its own."""
    if is_function(recipe) or (entry := OBJECTIVES[recipe.objective.name]).optimum is None:
        return None
    data, settings = load(recipe.data, recipe.seed), recipe.objective.settings
    found = entry.optimum(problem.params, data, dict(recipe.weights), **settings)
    with precision(problem.params):
        return None if found is None else jax.tree.map(partial(cast, dtype=dtype_of(problem.params)), found)


def bounds(recipe: Recipe) -> str:
    """The term that the height of a complete recipe's picture is a bound of, "" where it bounds none."""
    if is_function(recipe) or recipe.drawn != SAME or recipe.term:
        return ""
    entry = OBJECTIVES[recipe.objective.name]
    return entry.bounds(dict(recipe.weights)) if entry.bounds is not None else ""


def formula(recipe: Recipe) -> str:
    """What is drawn, as Markdown: its title and its formula."""
    entry = shown(recipe)
    return f"{entry.title} ${entry.formula}$"


def statistics(recipe: Recipe) -> str:
    """Which statistics BatchNorm normalizes with in this picture, in words; "none" without BatchNorm."""
    settings = recipe.model.settings
    if settings.get("normalization") != "batch":
        return "none"
    if settings.get("statistics") == "collected":
        return "collected once at the centre, over the training examples"
    return "the shown examples' own, anew at every point"


def units(recipe: Recipe, *, homogeneous: bool = False) -> tuple[Units, ...]:
    """The groups of a model's hidden units, from input to output.

    Args:
        homogeneous: only those that α rescales: ReLU units without normalization.

    Raises:
        ValueError: if there are none.
    """
    recipe = complete(recipe)
    if is_function(recipe):
        raise ValueError("a test function has no hidden units; choose a network")
    groups = [Units(*group) for group in MODELS[recipe.model.name].units(**recipe.model.settings)]
    if not groups:
        raise ValueError(f"this {recipe.model.name} has no hidden units that may change places; choose an mlp")
    if homogeneous and not groups[0].homogeneous:
        raise ValueError(
            "only a ReLU layer without normalization rescales; choose activation relu and normalization none"
        )
    return tuple(groups)
