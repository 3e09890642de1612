"""What an objective is to the rest of the product, and which data it can be fitted to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Protocol

Sense = Literal["minimize", "maximize"]


class Kinds(Protocol):
    """Anything that says what kind of inputs and targets it has, such as a `Dataset`."""

    @property
    def inputs(self) -> str: ...

    @property
    def targets(self) -> str: ...


@dataclass(frozen=True, eq=False)
class Entry:
    """An entry of `OBJECTIVES`.

    Attributes:
        terms: `terms(forward, params, state, batch, key, **knobs)` gives the unweighted terms by name, each
            a scalar, where `forward(params, state, x)` gives the model's raw outputs ["N outputs"] and
            `batch` is {"x": ["N ..."], "y": ["N"] whole numbers or ["N T"] real numbers}. Its keywords with
            defaults are the objective's knobs; numbers among them may be traced.
        targets: the kinds of targets that it needs, any of "classes" and "values".
        outputs: `outputs(data)`, how many outputs the model must have.
        weights: the default weight of each term.
        sense: which way is good.
        title: what the pages call it.
        formula: LaTeX, of the main term.
        source: where it is from.
        inputs: the kinds of inputs that it can read.
    """

    terms: Callable[..., dict[str, Any]]
    targets: frozenset[str]
    outputs: Callable[[Any], int]
    weights: Mapping[str, float]
    sense: Sense
    title: str
    formula: str
    source: str
    inputs: frozenset[str] = frozenset({"vector", "image"})

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", MappingProxyType(dict(self.weights)))


_NEEDS = {"classes": "class labels", "values": "real targets"}


def compatible(entries: Mapping[str, Entry], data: Kinds) -> list[str]:
    """Names of the objectives that can be fitted to data of these kinds."""
    return [name for name, entry in entries.items() if not _misfits(entry, data)]


def check(entries: Mapping[str, Entry], name: str, dataset: str, data: Kinds) -> Entry:
    """The objective called `name`, if it can be fitted to the data called `dataset`.

    Raises:
        ValueError: for an unknown objective, or data of another kind; the sentence lists what would fit.
    """
    fitting = ", ".join(compatible(entries, data)) or "other data"
    if name not in entries:
        raise ValueError(f"there is no objective {name!r}; for {dataset} choose {fitting}")
    misfits = _misfits(entries[name], data)
    if misfits:
        raise ValueError(f"{name} {misfits[0].format(dataset=dataset)}; choose {fitting}")
    return entries[name]


def _misfits(entry: Entry, data: Kinds) -> list[str]:
    found = []
    if data.targets not in entry.targets:
        needs = " or ".join(_NEEDS.get(kind, kind) for kind in sorted(entry.targets))
        found.append(f"needs {needs}, but {{dataset}} has {_NEEDS.get(data.targets, data.targets)}")
    if data.inputs not in entry.inputs:
        needs = " or ".join(sorted(entry.inputs))
        found.append(f"needs {needs} inputs, but {{dataset}} has {data.inputs} inputs")
    return found
