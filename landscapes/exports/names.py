"""The name of a file and the title of a document, after what they show."""

from __future__ import annotations

import re

from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe

MAX_LENGTH = 120  # of a file name without its extension


def file_stem(recipe: Recipe | None, value: str = "") -> str:
    """The name of a file without its extension, such as "cross-entropy_mlp_digits_solutions". A function has only
    its name; without a recipe it is that of the height, `value`."""
    return "_".join(filter(None, (_plain(part) for part in _parts(recipe, value))))[:MAX_LENGTH] or "results"


def title_of(recipe: Recipe | None, value: str = "") -> str:
    """The same in words, such as "cross-entropy, mlp, digits, solutions"."""
    return ", ".join(part for part in _parts(recipe, value) if part) or "results"


def _parts(recipe: Recipe | None, value: str) -> list[str]:
    if recipe is None:
        return [value]
    drawn_objective = recipe.objective if recipe.drawn.name == catalog.SAME.name else recipe.drawn
    if catalog.is_function(recipe):
        return [drawn_objective.name, recipe.term]
    return [drawn_objective.name, recipe.term, recipe.model.name, recipe.data.name, recipe.directions.name]


def _plain(text: str) -> str:
    """The text in letters, digits and hyphens, which every file system takes."""
    return re.sub(r"[^\w.-]+", "-", text, flags=re.ASCII).strip("-.").lower()
