"""What an objective is, in parts by who reads them, and which data it can be fitted to.

`Entry` itself is the mathematics: the terms, their weights, and what kind of value they make. `Page` holds what
the pages say about it, `Fits` what it can be fitted to, `Opening` the settings and the place of its first picture,
and `Known` what is known about its values. A new objective gives a title, terms, weights and a `Page`; the rest
has defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Protocol

from .behavior import Behavior
from .predictions import predictions


class Kinds(Protocol):
    """Anything that says what kind of inputs and targets it has, such as a `Dataset`."""

    @property
    def inputs(self) -> str: ...

    @property
    def targets(self) -> str: ...


def one_per_target(data: Any) -> int:
    """One output per class, token or action, or per column of real targets."""
    return data.classes or data.train["y"].shape[1]


def _freeze(entry: Any, *names: str) -> None:
    for name in names:
        object.__setattr__(entry, name, MappingProxyType(dict(getattr(entry, name))))


@dataclass(frozen=True)
class Page:
    """What the pages say about an objective.

    Attributes:
        formula: LaTeX, of the main term.
        source: where it is from.
        look: one sentence, what to look for in its landscape.
        family: under which heading the pages offer it.
        value: what its height is called, "loss" or "expected return".
    """

    formula: str
    source: str
    look: str = ""
    family: str = "Supervised"
    value: str = "loss"


@dataclass(frozen=True)
class Fits:
    """What an objective can be fitted to, by kinds. Any one of each set will do.

    Attributes:
        targets: the kinds of targets that it scores.
        inputs: the kinds of inputs that it can read.
        needs: what the model must be able to do; see `models.Model.capabilities`.
        outputs: `outputs(data)`, how many outputs the model must have.
    """

    targets: Set[str] = frozenset({"classes", "values"})
    inputs: Set[str] = frozenset({"vector", "image", "nodes"})
    needs: Set[str] = frozenset({"predictor"})
    outputs: Callable[[Any], int] = one_per_target

    def __post_init__(self) -> None:
        for name in ("targets", "inputs", "needs"):
            object.__setattr__(self, name, frozenset(getattr(self, name)))


@dataclass(frozen=True, eq=False)
class Opening:
    """The settings with which an objective opens, as an address writes them: {"data": "digits", "steps": "300"}.

    Attributes:
        settings: those of its picture.
        place: those that say where its picture is. They hold for its own data and model alone: in another
            landscape they would show nothing.
        rates: learning rates that differ from the optimizers' own defaults, with which no run on any data with any
            model diverges. Those in `settings` take their place under the objective's own data and model.
        on_data: by the name of another dataset than its own, the settings that take the place of those of the
            picture on these data.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    on_data: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _freeze(self, "settings", "place", "rates", "on_data")


@dataclass(frozen=True)
class Known:
    """What is known about an objective's values.

    Attributes:
        references: `references(data, **knobs)`, values to compare with, by name, in the units of the value. Where
            they depend on the weights of the terms it has a parameter of that name, `weights`. In a game a name
            begins with that of the player whose loss it is to be compared with.
        optimum: `optimum(params, data, weights, **knobs)`, the parameters of a known optimum in the tree of
            `params` (NumPy arrays), or None where it is not known for this model; of a game, its equilibrium.
        bounds: `bounds(weights)`, the term that the weighted sum is a bound of under these weights, from above
            where less is better and from below where more is; "" where it bounds none.
    """

    references: Callable[..., dict[str, float]] | None = None
    optimum: Callable[..., Any] | None = None
    bounds: Callable[[Mapping[str, float]], str] | None = None


@dataclass(frozen=True, eq=False)
class Entry:
    """An entry of `OBJECTIVES`: the objective Σ weight · term.

    Attributes:
        title: what the pages call it.
        terms: `terms(forward, params, state, batch, key, **knobs)` gives the unweighted terms by name, each
            a scalar. `forward(params, state, *inputs, method="__call__", **static)` calls a method of the
            model; of a predictor, `forward(params, state, x)` gives the raw outputs ["N outputs"]. `batch` holds
            the examples, all along axis 0: {"x": ["N ..."], "y": ["N"] whole numbers or ["N T"] real numbers},
            or whatever its kind of data says. Keywords with defaults are the objective's knobs; numbers among
            them may be traced. `key` is the same at every point of a surface.
        weights: the default weight of each term. A term of weight 0 is shown and not optimized.
        scores: for terms that not all targets have, the kinds of targets that they score.
        page, fits, opening, known: what else is read of it, and by whom; see each.
        sense: which way is good.
        signs: the sign, 1 or −1, that the weights of some terms must keep for the objective to be what it says.
        stochastic: whether it draws from `key`.
        coupled: whether what an example adds depends on the others of its batch, as in a contrastive loss.
        gradient: "exact" where the gradient is that of the value; "estimate" where it is an estimate of the
            gradient of the value's expectation, without bias unless the objective says otherwise, so that second
            derivatives mean nothing; "none" where the
            value is piecewise constant and can be drawn but not descended.
        players: for a game only, each player's weights over the terms, in the order in which they move where they
            move in turn; a player owns the top-level entry of the parameters that carries its name. `weights`
            multiply them.
        behavior: `behavior(dataset, data, split)`, how the model shows what it does; see `objectives.behavior`.
            That of a predictor unless given.
    """

    title: str
    terms: Callable[..., dict[str, Any]]
    weights: Mapping[str, float]
    page: Page
    fits: Fits = Fits()
    opening: Opening = Opening()
    known: Known = Known()
    sense: Literal["minimize", "maximize"] = "minimize"
    signs: Mapping[str, int] = field(default_factory=dict)
    stochastic: bool = False
    coupled: bool = False
    gradient: Literal["exact", "estimate", "none"] = "exact"
    players: Mapping[str, Mapping[str, float]] | None = None
    scores: Mapping[str, Set[str]] = field(default_factory=dict)
    behavior: Callable[[Any, Any, str], Behavior | None] = predictions

    def __post_init__(self) -> None:
        _freeze(self, "weights", "signs", "scores")

    def weights_for(self, targets: str) -> dict[str, float]:
        """The default weights of the terms that targets of this kind have."""
        return {term: w for term, w in self.weights.items() if targets in self.scores.get(term, {targets})}


_NEEDS = {
    "classes": "class labels",
    "values": "real targets",
    "counts": "counts",
    "none": "no targets",
    "survival": "survival times",
}


def compatible(entries: Mapping[str, Entry], data: Kinds) -> list[str]:
    """Names of the objectives that can be fitted to data of these kinds."""
    return [name for name, entry in entries.items() if is_compatible(entry, data)]


def is_compatible(entry: Entry, data: Kinds) -> bool:
    """Whether an objective can be fitted to data of these kinds."""
    return data.targets in entry.fits.targets and data.inputs in entry.fits.inputs


def check(entries: Mapping[str, Entry], name: str, dataset: str, data: Kinds) -> Entry:
    """The objective called `name`, if it can be fitted to the data called `dataset`.

    Raises:
        ValueError: for an unknown objective, or data of another kind; the sentence lists what would fit.
    """
    fitting = ", ".join(compatible(entries, data)) or "other data"
    if name not in entries:
        raise ValueError(f"there is no objective {name!r}; for {dataset} choose {fitting}")
    misfits = _misfits(entries[name].fits, data)
    if misfits:
        raise ValueError(f"{name} {misfits[0].format(dataset=dataset)}; choose {fitting}")
    return entries[name]


def misfit(entry: Entry, data: Kinds) -> str:
    """Why an objective cannot be fitted to data of these kinds, as "needs …, but …"; "" where it can."""
    return next(iter(_misfits(entry.fits, data)), "")


def _misfits(fits: Fits, data: Kinds) -> list[str]:
    faults = []
    if data.targets not in fits.targets:
        needs = " or ".join(_NEEDS.get(kind, kind) for kind in sorted(fits.targets))
        faults.append(f"needs {needs}, but {{dataset}} has {_NEEDS.get(data.targets, data.targets)}")
    if data.inputs not in fits.inputs:
        needs = " or ".join(sorted(fits.inputs))
        faults.append(f"needs {needs} inputs, but {{dataset}} has {data.inputs} inputs")
    return faults
