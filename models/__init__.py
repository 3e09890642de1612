"""Flax NNX modules by family. `MODELS` is the registry; a family adds its own entries at the foot of its file."""

from models import adversarial, completions, convolutional, dense, language, policy, variational
from models.model import Model, Units, apply, check, collect_statistics, compatible, filter_axes, split

_FAMILIES = (
    dense,
    convolutional,
    language,
    variational,
    adversarial,
    policy,
    completions,
)
MODELS: dict[str, Model] = {name: model for family in _FAMILIES for name, model in family.MODELS.items()}

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
