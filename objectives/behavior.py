"""How an objective's model shows what it does: its predictions, samples, tokens or actions at given parameters.

`Entry.behavior` is one function, `behavior(dataset, data, split)`. It returns a `Behavior`, or None for data that
it cannot show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, eq=False)
class Behavior:
    """What is computed at each parameter vector, and what is drawn with it.

    Attributes:
        show: `show(forward, params, state, inputs, key, **knobs)` returns a NamedTuple of arrays, the display. The
            name of its type says how the pages draw it. `forward`, `params`, `state` and `key` are those of
            `Entry.terms`, and the knobs those of the objective.
        inputs: the arrays that `show` reads besides; they are traced.
        drawn: what the pages draw with every display: arrays, numbers and words.
        is_on_examples: whether the model is called on all examples at once, as in the loss. BatchNorm with batch
            statistics has no meaning on other inputs.
    """

    show: Callable[..., Any]
    inputs: Mapping[str, Any]
    drawn: Mapping[str, Any] = field(default_factory=dict)
    is_on_examples: bool = False

    def __post_init__(self) -> None:
        for name in ("inputs", "drawn"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))


def shows_nothing(dataset: Any, data: Any, split: str) -> None:
    """For an objective whose model has nothing to show."""
