"""Flax NNX modules by family. `MODELS` is the registry; a family adds its own entries at the foot of its file."""

from models import convolutional, dense, language
from models.model import Model, apply, check, collect_statistics, compatible, filter_axes, split

MODELS: dict[str, Model] = {**dense.MODELS, **convolutional.MODELS, **language.MODELS}

__all__ = [
    "MODELS",
    "Model",
    "apply",
    "check",
    "collect_statistics",
    "compatible",
    "filter_axes",
    "split",
]
