"""From a recipe to a problem: the one place that knows models, objectives and data."""

from landscapes.catalog.addresses import from_query, neighbour, to_query, usual
from landscapes.catalog.building import build, seen, settle, training
from landscapes.catalog.completion import SAME, complete, default_rate
from landscapes.catalog.descriptions import (
    box,
    examples,
    formula,
    height,
    minima,
    optimum,
    references,
    shown,
    statistics,
)
from landscapes.catalog.offers import (
    datasets_for,
    drawable,
    function_of,
    is_function,
    knobs_of,
    load,
    models_for,
    objectives_for,
    trainable,
)

__all__ = [
    "SAME",
    "box",
    "build",
    "complete",
    "datasets_for",
    "default_rate",
    "drawable",
    "examples",
    "formula",
    "from_query",
    "function_of",
    "height",
    "is_function",
    "knobs_of",
    "load",
    "minima",
    "models_for",
    "neighbour",
    "objectives_for",
    "optimum",
    "references",
    "seen",
    "settle",
    "shown",
    "statistics",
    "to_query",
    "trainable",
    "training",
    "usual",
]
