"""The recipe of a picture: all names and knobs that it depends on.

The URL, the cache key, a lesson, an exported bundle and the command line all use recipes. A recipe is hashable,
and converts to JSON and to a query string and back. It does not depend on the registries; `catalog.complete`
checks it and fills in the defaults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from landscapes.arguments import check_arguments, check_fields
from landscapes.recipes.serialization import Value, as_type_of, number, pair, text_of, value_of

# The settings that hold weights of terms, and the prefix of a term in an address.
WEIGHTS = {"weights": "weight", "mix": "mix"}


@dataclass(frozen=True)
class Choice:
    """A registered name with its knobs, as sorted (knob, value) pairs; knobs left out take their defaults."""

    name: str
    knobs: tuple[tuple[str, Value], ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, "str")

    @classmethod
    def of(cls, name: str, /, **knobs: Value) -> Choice:
        return cls(name, tuple(sorted(knobs.items())))

    @property
    def settings(self) -> dict[str, Value]:
        """The knobs as a dict."""
        return dict(self.knobs)


@dataclass(frozen=True)
class Recipe:
    """Everything a picture depends on. The defaults are the first page.

    Attributes:
        objective: a training objective, or a test function of two variables (which needs no model or data).
        model, data: names with knobs; ignored by test functions.
        weights: the weight of each term that differs from the objective's own default.
        precision: "float32" or "float64"; test functions are always computed in float64.
        optimizers: those whose paths are drawn, in order. schedule: of the learning rate of every one of them.
        steps: optimizer steps. batch_size: examples per step; 0 is the full batch.
        directions: what spans the picture. dimension: 1 for a line, 2 for a plane.
        center: where the picture is centred, "initial" or "trained" (the best solution found).
        extent: half-widths relative to the natural ones (the paths' box, the filters' norm, the function's box).
        split: the examples behind the surface, "train" or "test"; training and directions always use "train".
        tolerance: the surface is refined until its error is below this share of its range.
        start: where the drawn paths begin: "initial", "trained", or "picked" at `start_x`, `start_y`.
        space: the space in which picked paths move: the drawn "plane", or the "full" parameter space.
        one_step: whether the vectors that each step is made of are drawn.
        behavior: whether the model's predictions, samples or actions are drawn beside the surface.
        eigenvalues: how many at each end of the Hessian's spectrum. seed: of everything that is drawn at random.
        draws: of the noise, or minibatches, behind a line: their median and quartiles; 1 for its own alone.
        drawn: the objective whose surface is drawn over the same parameters and directions, where that is not the
            one that is trained; "same" where it is.
        view: "3d" or "contour", for a plane. scale: "linear" or "log". They change no number.
        term: the one term that is drawn, unweighted; "" for their weighted sum.
        mix: weights under which the sum is drawn, where they differ from those it was trained with.
        beside: settings of a second picture next to this one that differ from it, as ((key, value), …).
    """

    objective: Choice = Choice("cross-entropy")
    model: Choice = Choice("mlp")
    data: Choice = Choice("digits")
    weights: tuple[tuple[str, float], ...] = ()
    precision: str = "float32"
    optimizers: tuple[Choice, ...] = (Choice("momentum"), Choice("adam"), Choice("sgd"))
    schedule: Choice = Choice("constant")
    steps: int = 200
    batch_size: int = 0
    directions: Choice = Choice("solutions")
    dimension: int = 2
    center: str = "trained"
    extent: float = 1.0
    split: str = "train"
    tolerance: float = 0.001
    start: str = "initial"
    start_x: float = 0.0
    start_y: float = 0.0
    space: str = "plane"
    one_step: bool = False
    behavior: bool = False
    eigenvalues: int = 5
    seed: int = 0
    draws: int = 1
    drawn: Choice = Choice("same")
    view: str = "3d"
    scale: str = "linear"
    term: str = ""
    mix: tuple[tuple[str, float], ...] = ()
    beside: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, "Choice", "tuple[Choice, ...]")

    def to_query(self, base: Recipe | None = None) -> dict[str, list[str]]:
        """The settings that differ from those of `base`, the first page if not given, as a query string's
        {key: values}. `from_query` with the same base gives the recipe back.

        A knob's key is its owner and its name, `adam.learning_rate`; a term's weight is `weight.l2`, and that in
        the mix `mix.l2`.
        """
        query: dict[str, list[str]] = {}
        base = base or Recipe()
        known = {choice.name: choice for spec in fields(self) for choice in _choices(getattr(base, spec.name))}
        for spec in fields(self):
            value = getattr(self, spec.name)
            if (owner := WEIGHTS.get(spec.name)) is not None:
                usual = dict(getattr(base, spec.name))
                query.update({f"{owner}.{t}": [text_of(w)] for t, w in value if t not in usual or usual[t] != w})
                continue
            if spec.name == "beside":
                if value != base.beside:
                    query["beside"] = [f"{key}:{text}" for key, text in value] or [""]
                continue
            names = _names(value)
            if names != _names(getattr(base, spec.name)):
                query[spec.name] = names or [""]
            for choice in _choices(value):
                usual = known[choice.name].settings if choice.name in known else {}
                changed = {knob: v for knob, v in choice.knobs if knob not in usual or usual[knob] != v}
                query.update({f"{choice.name}.{knob}": [text_of(v)] for knob, v in changed.items()})
        return query

    @property
    def query(self) -> str:
        """`to_query` as one string, ready to stand behind a `?`."""
        return urlencode(self.to_query(), doseq=True)

    @classmethod
    @check_arguments
    def from_query(cls, query: str | Mapping[str, str | Iterable[str]], base: Recipe | None = None) -> Recipe:
        """The recipe of a query string, which says what differs from `base`, the first page if not given. Keys
        that belong to nothing are left alone.

        Raises:
            ValueError: for a value that cannot be read, naming its key.
        """
        recipe, faults = cls.read_query(query, base)
        if faults:
            raise ValueError(faults[0])
        return recipe

    @classmethod
    @check_arguments
    def read_query(
        cls, query: str | Mapping[str, str | Iterable[str]], base: Recipe | None = None
    ) -> tuple[Recipe, list[str]]:
        """`from_query` with the base's value in place of each that cannot be read, and a sentence on each."""
        if isinstance(query, str):
            query = parse_qs(query.lstrip("?"), keep_blank_values=True)
        base = base or cls()
        faults: list[str] = []

        def read(parse: Callable[..., Any], *arguments: Any, otherwise: Any = None) -> Any:
            try:
                return parse(*arguments)
            except ValueError as error:
                faults.append(str(error))
                return otherwise

        texts_by_key = {key: [text] if isinstance(text, str) else list(text) for key, text in query.items()}
        knobs: dict[str, dict[str, Value]] = {}
        for spec in fields(cls):
            for choice in _choices(getattr(base, spec.name)):
                knobs.setdefault(choice.name, {}).update(choice.knobs)
        for key, texts in texts_by_key.items():
            owner, dot, name = key.partition(".")
            if dot and texts:
                knobs.setdefault(owner, {})[name] = value_of(texts[-1])
        values: dict[str, Any] = {}
        for spec in fields(cls):
            default = getattr(base, spec.name)
            texts = texts_by_key.get(spec.name)
            if (owner := WEIGHTS.get(spec.name)) is not None:
                weights = {
                    k: read(number, k, v, otherwise=dict(default).get(k)) for k, v in knobs.get(owner, {}).items()
                }
                weights = dict(default) | {k: v for k, v in weights.items() if v is not None}
                values[spec.name] = tuple(sorted(weights.items()))
            elif spec.name == "beside":
                pairs = [read(pair, text) for text in texts or () if text]
                values["beside"] = default if texts is None else tuple(each for each in pairs if each)
            elif isinstance(default, tuple):
                names = [text for text in texts if text] if texts is not None else [c.name for c in default]
                values[spec.name] = tuple(Choice.of(name, **knobs.get(name, {})) for name in names)
            elif isinstance(default, Choice):
                name = texts[-1] if texts else default.name
                values[spec.name] = Choice.of(name, **knobs.get(name, {}))
            else:
                values[spec.name] = (
                    read(as_type_of, spec.name, texts[-1], default, otherwise=default) if texts else default
                )
        return cls(**values), faults

    def to_json(self) -> str:
        """The recipe as JSON, every field written out."""

        def plain(value: Any) -> Any:
            if isinstance(value, Choice):
                return {"name": value.name, **({"knobs": value.settings} if value.knobs else {})}
            if isinstance(value, tuple):
                return [plain(item) for item in value]
            return value

        entries = {spec.name: plain(getattr(self, spec.name)) for spec in fields(self)}
        entries |= {name: dict(getattr(self, name)) for name in WEIGHTS}
        entries["beside"] = [list(pair) for pair in self.beside]
        return json.dumps(entries, indent=2)

    @classmethod
    @check_arguments
    def from_json(cls, text: str) -> Recipe:
        """The inverse of `to_json`; fields left out take their defaults.

        Raises:
            ValueError: for text that is not a recipe, naming what is wrong.
        """
        try:
            entries = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"not a recipe: {error}; give JSON as the export writes it") from None
        known = {spec.name for spec in fields(cls)}
        if not isinstance(entries, dict) or not set(entries) <= known:
            strange = sorted(set(entries) - known) if isinstance(entries, dict) else [type(entries).__name__]
            raise ValueError(f"not a recipe: {', '.join(strange)} is unknown; it has {', '.join(sorted(known))}")
        values: dict[str, Any] = {}
        for name, value in entries.items():
            default = getattr(cls(), name)
            if name in WEIGHTS:
                if not isinstance(value, dict):
                    raise ValueError(
                        f"{name} must give each term its weight, as {{term: number}}; found {value!r}"
                    )
                values[name] = tuple(sorted((term, number(term, weight)) for term, weight in value.items()))
            elif name == "beside":
                if not isinstance(value, list) or not all(isinstance(p, list) and len(p) == 2 for p in value):
                    raise ValueError(f"beside must list [key, value] pairs; found {value!r}")
                values[name] = tuple((str(key), str(text)) for key, text in value)
            elif isinstance(default, tuple):
                if not isinstance(value, list):
                    raise ValueError(f"{name} must be a list; found {value!r}")
                values[name] = tuple(_choice(name, item) for item in value)
            elif isinstance(default, Choice):
                values[name] = _choice(name, value)
            else:
                values[name] = as_type_of(name, value, default)
        return cls(**values)

    def neighbour(self) -> Recipe | None:
        """The recipe of the picture beside this one, or None: this one with the settings in `beside` laid over it.

        Raises:
            ValueError: if `beside` names no setting, or gives one a value that cannot be read.
        """
        if not self.beside:
            return None
        query: dict[str, list[str]] = {}
        settings = {spec.name for spec in fields(self)} - {*WEIGHTS, "beside"}
        for key, text in self.beside:
            if "." not in key and key not in settings:
                raise ValueError(
                    f"beside names {key!r}, which is no setting; it has {', '.join(sorted(settings))}"
                )
            query[key] = text.split("+") if key == "optimizers" else [text]
        return Recipe.from_query(query, base=replace(self, beside=()))


def _choices(value: Any) -> tuple[Choice, ...]:
    if isinstance(value, Choice):
        return (value,)
    return tuple(item for item in value if isinstance(item, Choice)) if isinstance(value, tuple) else ()


def _names(value: Any) -> list[str]:
    """The values of a field in a query string: names of choices, or the one value itself."""
    return [choice.name for choice in _choices(value)] if isinstance(value, Choice | tuple) else [text_of(value)]


def _choice(name: str, entry: Any) -> Choice:
    if isinstance(entry, str):
        return Choice(entry)
    knobs = entry.get("knobs", {}) if isinstance(entry, dict) else None
    if not isinstance(knobs, dict) or not isinstance(entry.get("name"), str):
        raise ValueError(f"{name} must be a name, or a name with knobs; found {entry!r}")
    for knob, value in knobs.items():
        if not isinstance(value, Value):
            raise ValueError(f"{entry['name']}.{knob} = {value!r} is no value of a knob; give a number or a name")
    return Choice.of(entry["name"], **knobs)
