"""Flax NNX modules by family. `MODELS` collects the dict of that name at the end of each file.

A `Model` is the function that builds a module from the shape of the data and its knobs, with the kinds of inputs
that it reads and of targets that it predicts. The kinds decide which data sets and objectives it is offered for.
"""

from importlib import import_module
from pkgutil import iter_modules

from .model import Model, Units, apply, check, collect_statistics, compatible, filter_axes, has_statistics, split

# Order of the families on the pages; other files follow by name.
_FIRST = ("dense", "convolutional", "language", "variational", "adversarial", "policy", "completions")
_FILES = sorted((module.name for module in iter_modules(__path__)), key=lambda name: (*_FIRST, name).index(name))
MODELS: dict[str, Model] = {
    name: model
    for file in _FILES
    for name, model in getattr(import_module(f"{__name__}.{file}"), "MODELS", {}).items()
}

__all__ = [
    "MODELS",
    "Model",
    "Units",
    "apply",
    "check",
    "collect_statistics",
    "compatible",
    "filter_axes",
    "has_statistics",
    "split",
]
