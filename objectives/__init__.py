"""Training objectives by family, the data that they are fitted to, and test functions of two variables."""

from objectives import (
    combined,
    datasets,
    functions,
    generated,
    preferences,
    regularized,
    supervised,
    variational,
)
from objectives.data import Data, Dataset
from objectives.entry import Entry, check, compatible
from objectives.function import Function

OBJECTIVES: dict[str, Entry] = {
    **supervised.OBJECTIVES,
    **regularized.OBJECTIVES,
    **variational.OBJECTIVES,
    **combined.OBJECTIVES,
    **preferences.OBJECTIVES,
}
DATASETS: dict[str, Dataset] = {
    **datasets.DATASETS,
    **generated.DATASETS,
    **variational.DATASETS,
    **preferences.DATASETS,
}
FUNCTIONS: dict[str, Function] = {**functions.FUNCTIONS}

__all__ = [
    "DATASETS",
    "FUNCTIONS",
    "OBJECTIVES",
    "Data",
    "Dataset",
    "Entry",
    "Function",
    "check",
    "compatible",
]
