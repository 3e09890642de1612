"""Training objectives by family, the data that they are fitted to, and test functions of two variables."""

from objectives import (
    adversarial,
    combined,
    datasets,
    environments,
    functions,
    generated,
    language,
    preferences,
    regularized,
    reward,
    samples,
    selfsupervised,
    sequences,
    supervised,
    variational,
)
from objectives.data import Data, Dataset
from objectives.entry import Entry, Fits, Known, Opening, Page, check, compatible, misfit
from objectives.function import Function

_FAMILIES = (
    supervised,
    regularized,
    combined,
    language,
    selfsupervised,
    variational,
    adversarial,
    reward,
    preferences,
)
_SOURCES = (
    datasets,
    generated,
    sequences,
    variational,
    samples,
    environments,
    preferences,
)
OBJECTIVES: dict[str, Entry] = {name: entry for family in _FAMILIES for name, entry in family.OBJECTIVES.items()}
DATASETS: dict[str, Dataset] = {name: data for source in _SOURCES for name, data in source.DATASETS.items()}
FUNCTIONS: dict[str, Function] = {**functions.FUNCTIONS}

__all__ = [
    "DATASETS",
    "FUNCTIONS",
    "OBJECTIVES",
    "Data",
    "Dataset",
    "Entry",
    "Fits",
    "Function",
    "Known",
    "Opening",
    "Page",
    "check",
    "compatible",
    "misfit",
]
