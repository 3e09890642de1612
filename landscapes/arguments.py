"""Arguments of public functions, checked by their annotations before any work is done."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

# What to give where a type of this package is asked for, by its name: figures do not import the engine.
_OWN = {
    "Problem": "a Problem, such as Problem.from_loss(loss, params, data)",
    "Plane": "a Plane, such as span(params, directions)",
    "Trajectory": "a Trajectory, as descend() returns it",
    "Surface": "a Surface, such as the last one of refine(): *_, finest = refine(problem, plane, extent)",
    "Projection": "a Projection, as project_path() returns it",
    "Spectrum": "a Spectrum, as spectrum() returns it",
    "ConflictMap": "a ConflictMap, as conflict_map() returns it",
    "ConflictPath": "a ConflictPath, as conflict_path() returns it",
    "Connection": "a Connection, as between() returns it",
    "Front": "a Front, as pareto() returns it",
    "Band": "a Band, as band() returns it",
    "Jacobian": "a Jacobian, as jacobian() returns it",
    "Flow": "a Flow, as flow() returns it",
    "Stability": "a Stability, as stability() returns it",
    "Rescaling": "a Rescaling, as rescaling() returns it",
    "Units": "Units of arrays that write and read them",
}
_CALLABLE = {"Callable", "Progress"}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which raises a ValueError for an argument that its annotation rules out.

    Numbers, text, functions, mappings, sequences and the types of this package are told apart; whatever else an
    annotation says is left to the function itself.
    """

    @cache
    def annotations() -> tuple[inspect.Signature, dict[str, list[str]]]:
        signature = inspect.signature(function)
        parts = {name: _alternatives(str(p.annotation)) for name, p in signature.parameters.items()}
        return signature, parts

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        signature, parts = annotations()
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:
            return function(*args, **kwargs)  # Python says it best
        for name, value in given.items():
            wanted = [_wanted(part, value) for part in parts[name]]
            if "" not in wanted:
                options = " or ".join(dict.fromkeys(word for word in wanted if word != "None"))
                raise ValueError(f"{name} = {shown(value)} is not valid; give {options}")
        return function(*args, **kwargs)

    return call


def _alternatives(annotation: str) -> list[str]:
    """The parts of a union, written as text, apart; those in brackets stay whole."""
    parts, depth, start = [], 0, 0
    for i, letter in enumerate(annotation):
        depth += (letter in "[(") - (letter in "])")
        if letter == "|" and depth == 0:
            parts.append(annotation[start:i].strip())
            start = i + 1
    return [*parts, annotation[start:].strip()]


def _wanted(part: str, value: Any) -> str:
    """What to give in place of a value that is not of one part of an annotation; "" where it is, or may be."""
    base, _, inside = part.partition("[")
    inside = inside.removesuffix("]")
    if base == "None":
        return "" if value is None else "None"
    if base in ("int", "float"):
        return _number(value, whole=base == "int")
    if base == "bool":
        return "" if isinstance(value, bool | np.bool_) else "True or False"
    if base == "str":
        return "" if isinstance(value, str) else "text"
    if base in _CALLABLE:
        return "" if callable(value) else "a function"
    if base == "Annotated":
        return _wanted(_first(inside), value)
    if base == "Mapping":
        return _mapping(inside, value)
    if base == "Sequence":
        return _sequence(inside, value)
    if base in _OWN:
        return "" if any(kind.__name__ == base for kind in type(value).__mro__) else _OWN[base]
    return ""


def _number(value: Any, *, whole: bool) -> str:
    kind = np.dtype(value.dtype).kind if hasattr(value, "dtype") and np.ndim(value) == 0 else None
    plain = int if whole else int | float
    fits = kind in ("iu" if whole else "iuf") if kind else isinstance(value, plain) and not isinstance(value, bool)
    return "" if fits else "a whole number" if whole else "a number"


def _mapping(inside: str, value: Any) -> str:
    of = inside.split(",", 1)[1].strip() if "," in inside else "Any"
    if isinstance(value, Mapping):
        wrong = [_wanted_of_any(of, each) for each in value.values()]
        return next((f"by label {word}" for word in wrong if word), "")
    return f"a mapping by label, such as {{'name': …}}{_of(of)}"


def _sequence(inside: str, value: Any) -> str:
    if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str):
        wrong = [_wanted_of_any(inside, each) for each in value]
        return next((f"in a list {word}" for word in wrong if word), "")
    return f"a list{_of(inside)}"


def _of(part: str) -> str:
    return f" of {_OWN[part].split(',')[0].removeprefix('a ')}" if part in _OWN else ""


def _wanted_of_any(annotation: str, value: Any) -> str:
    wanted = [_wanted(part, value) for part in _alternatives(annotation)]
    return "" if "" in wanted else wanted[0]


def _first(inside: str) -> str:
    """The type within Annotated[type, …]."""
    depth = 0
    for i, letter in enumerate(inside):
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and depth == 0:
            return inside[:i]
    return inside


def shown(value: Any) -> str:
    """A value in a sentence: short text and numbers as they are, of others what they are."""
    text = repr(value) if isinstance(value, str | int | float | bool | None) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}…"
