"""Training objectives by family, the data that they are fitted to, and test functions of two variables."""

from objectives import datasets, functions, generated, language, selfsupervised, sequences, supervised
from objectives.data import Data, Dataset
from objectives.entry import Entry, check, compatible
from objectives.function import Function

OBJECTIVES: dict[str, Entry] = {**supervised.OBJECTIVES, **language.OBJECTIVES, **selfsupervised.OBJECTIVES}
DATASETS: dict[str, Dataset] = {**datasets.DATASETS, **generated.DATASETS, **sequences.DATASETS}
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
