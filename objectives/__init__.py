"""Training objectives by family, the data that they are fitted to, and test functions of two variables.

Each registry gathers the dict of its name at the foot of each file.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from .behavior import Behavior, shows_nothing
from .data import Data, Dataset
from .entry import Entry, Fits, Known, Opening, Page, check, compatible, is_compatible, misfit
from .function import Function
from .reward_optimization import log_best_of_n

# As the pages offer them; other files follow by their names.
_FIRST = (
    "supervised",
    "regularized",
    "combined",
    "language",
    "selfsupervised",
    "physics",
    "variational",
    "adversarial",
    "diffusion",
    "score_matching",
    "flows",
    "likelihood",
    "energies",
    "reward",
    "preferences",
)
_SOURCES = ("datasets", "generated", "sequences", "variational", "samples", "environments", "preferences")


def _gathered(registry: str, first: tuple[str, ...]) -> dict[str, Any]:
    files = sorted((module.name for module in iter_modules(__path__)), key=lambda name: (*first, name).index(name))
    entries: dict[str, Any] = {}
    for file in files:
        entries |= getattr(import_module(f"{__name__}.{file}"), registry, {})
    return entries


OBJECTIVES: dict[str, Entry] = _gathered("OBJECTIVES", _FIRST)
DATASETS: dict[str, Dataset] = _gathered("DATASETS", _SOURCES)
FUNCTIONS: dict[str, Function] = _gathered("FUNCTIONS", ())

__all__ = [
    "DATASETS",
    "FUNCTIONS",
    "OBJECTIVES",
    "Behavior",
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
    "is_compatible",
    "log_best_of_n",
    "misfit",
    "shows_nothing",
]
