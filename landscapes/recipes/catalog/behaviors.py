"""How the model of a recipe shows what it does."""

from __future__ import annotations

from landscapes.objectives import OBJECTIVES, Behavior
from landscapes.recipes.catalog.datasets import DATASETS
from landscapes.recipes.catalog.offers import is_function, load
from landscapes.recipes.recipe import Recipe


def behavior_of(recipe: Recipe) -> Behavior | None:
    """How the model shows what it does on the examples that the surface is of; None where there is nothing to
    show: for a test function, for data without a picture, and where BatchNorm uses the statistics of each batch
    and the display needs other inputs than the examples.

    Raises:
        ValueError: for data that cannot be loaded.
    """
    if is_function(recipe) or recipe.objective.name not in OBJECTIVES or recipe.data.name not in DATASETS:
        return None
    data = load(recipe.data, recipe.seed)
    behavior = OBJECTIVES[recipe.objective.name].behavior(DATASETS[recipe.data.name], data, recipe.split)
    model = recipe.model.settings
    has_batch_statistics = model.get("normalization") == "batch" and model.get("statistics") == "batch"
    return None if behavior is None or (has_batch_statistics and not behavior.is_on_examples) else behavior


def shows_behavior(recipe: Recipe) -> bool:
    """Whether the model of a recipe has something to show. A table that is not here is believed to have."""
    try:
        return behavior_of(recipe) is not None
    except ValueError:
        return True
