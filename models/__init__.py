"""Flax NNX modules by family. `MODELS` is the registry; a family adds its own entries at the foot of its file."""

from models import convolutional, dense, policy
from models.model import Model, apply, check, collect_statistics, compatible, filter_axes, split

MODELS: dict[str, Model] = {**dense.MODELS, **convolutional.MODELS, **policy.MODELS}

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
