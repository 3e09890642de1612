"""The names and knobs that a picture depends on. `landscapes.recipes.catalog` turns a recipe into a problem; it is
imported by name, because it loads every model and dataset.
"""

from landscapes.recipes.recipe import Choice, Recipe
from landscapes.recipes.sampling import SAMPLED, is_sampled
from landscapes.recipes.settings import SETTINGS

__all__ = [
    "SAMPLED",
    "SETTINGS",
    "Choice",
    "Recipe",
    "is_sampled",
]
