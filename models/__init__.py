"""Flax NNX modules by family. `MODELS` is the registry; a family adds its own entries at the foot of its file."""

from models import convolutional, dense
from models.model import Model, Units, apply, check, collect_statistics, compatible, filter_axes, split

MODELS: dict[str, Model] = {**dense.MODELS, **convolutional.MODELS}

__all__ = [
    "MODELS",
    "Model",
    "Units",
    "apply",
    "check",
    "collect_statistics",
    "compatible",
    "filter_axes",
    "split",
]
