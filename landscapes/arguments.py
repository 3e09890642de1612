"""A decorator that checks the arguments of a public function against its annotations."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

from landscapes.display import with_examples
from landscapes.progress import run_with_progress

P = ParamSpec("P")
R = TypeVar("R")

# What to give where a type of this package is required. Types are known by name, because figures do not import the
# engine.
_REMEDIES = {
    "Problem": "a Problem, such as Problem.from_loss(loss, params, data)",
    "Plane": "a Plane, such as span(params, directions)",
    "Trajectory": "a Trajectory, as descend() returns it",
    "Surface": "a Surface, such as the last one of refine(): *_, finest = refine(problem, plane, extent)",
    "Projection": "a Projection, as project_path() returns it",
    "Spectrum": "a Spectrum, as spectrum() returns it",
    "ConflictMap": "a ConflictMap, as conflict_map() returns it",
    "ConflictPath": "a ConflictPath, as conflict_path() returns it",
    "Connection": "a Connection, as connect_solutions() returns it",
    "ParetoFront": "a ParetoFront, as pareto_front() returns it",
    "Band": "a Band, as band() returns it",
    "Jacobian": "a Jacobian, as jacobian() returns it",
    "Flow": "a Flow, as flow() returns it",
    "Stability": "a Stability, as stability() returns it",
    "Rescaling": "a Rescaling, as rescaling() returns it",
    "Units": "Units of arrays that write and read them",
    "Recipe": "a Recipe, such as Recipe(steps=100)",
    "Choice": "a Choice, such as Choice('adam')",
    "Scene": "a Scene, as compute_scene(recipe) returns it",
    "Bundle": "a Bundle, such as Bundle.from_scene(scene)",
}
# The values of types that name a few words.
_WORDS = {"Sense": ("minimize", "maximize")}
_ARRAY_TYPES = {"Float", "Int", "Bool", "Complex", "NDArray"}
_CALLABLE_TYPES = {"Callable", "Progress"}


def check_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """The function with its arguments checked: a ValueError names an argument that its annotation excludes.

    A function with an argument `progress` shows a bar on the terminal where no callback is given (see `progress`).

    A result of a problem over batches says how many examples entered.

    The check distinguishes numbers, text, functions, mappings, sequences, arrays with their shapes and the types
    of this package. The function itself checks everything else.
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
            arguments = signature.bind(*args, **kwargs).arguments
        except TypeError:
            return function(*args, **kwargs)  # Python's own error names the argument
        for name, value in arguments.items():
            _check(name, parts[name], value)
        if "progress" in parts:
            has_callback = arguments.get("progress") is not None
            named = {name: value for name, value in kwargs.items() if name != "progress" or has_callback}
            result = run_with_progress(function, args, named, has_callback=has_callback)
        else:
            result = function(*args, **kwargs)
        examples = getattr(arguments.get("problem"), "streamed_examples", None)
        return result if examples is None else cast(R, with_examples(result, examples))

    return call


def check_fields(instance: Any, *types: str) -> None:
    """
    Raises:
        ValueError: for a field of a dataclass that is annotated with one of these types and holds another.
    """
    for name, annotation in _fields(type(instance), types):
        _check(name, [annotation], getattr(instance, name))


@cache
def _fields(kind: Any, types: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(spec.name, str(spec.type)) for spec in fields(kind) if str(spec.type) in types]


def _check(name: str, parts: list[str], value: Any) -> None:
    remedies = [_remedy(part, value) for part in parts]
    if "" not in remedies:
        options = " or ".join(dict.fromkeys(text for text in remedies if text != "None"))
        raise ValueError(f"{name} = {describe_value(value)} is not valid; give {options}")


def _alternatives(annotation: str) -> list[str]:
    """The members of a union that is written as text; text in brackets is not split."""
    parts, depth, start = [], 0, 0
    for i, letter in enumerate(annotation):
        depth += (letter in "[(") - (letter in "])")
        if letter == "|" and depth == 0:
            parts.append(annotation[start:i].strip())
            start = i + 1
    return [*parts, annotation[start:].strip()]


def _remedy(part: str, value: Any) -> str:
    """What to give in place of a value that one member of a union excludes; "" where the value fits or may fit."""
    base, _, inside = part.partition("[")
    inside = inside.removesuffix("]")
    if base == "None":
        return "" if value is None else "None"
    if base in ("int", "float"):
        return _number(value, is_whole=base == "int")
    if base == "bool":
        return "" if isinstance(value, bool | np.bool_) else "True or False"
    if base == "str":
        return "" if isinstance(value, str) else "text"
    if base in _CALLABLE_TYPES:
        return "" if callable(value) else "a function"
    if base == "Annotated":
        return _remedy(_first(inside), value)
    if base == "Mapping":
        return _mapping(inside, value)
    if base == "Sequence" or (base == "tuple" and inside.endswith(", ...")):
        return _sequence(inside.removesuffix(", ..."), value)
    if base == "Iterable":
        return "" if isinstance(value, Iterable) and not isinstance(value, str) else "a list"
    if base in _ARRAY_TYPES:
        return _array(inside.rpartition(",")[2].strip(" '\""), value)
    if base in _WORDS:
        return "" if isinstance(value, str) and value in _WORDS[base] else " or ".join(map(repr, _WORDS[base]))
    if base in _REMEDIES:
        return "" if any(kind.__name__ == base for kind in type(value).__mro__) else _REMEDIES[base]
    return ""


def _number(value: Any, *, is_whole: bool) -> str:
    kind = np.dtype(value.dtype).kind if hasattr(value, "dtype") and np.ndim(value) == 0 else None
    python_type = int if is_whole else int | float
    fits = (
        kind in ("iu" if is_whole else "iuf")
        if kind
        else isinstance(value, python_type) and not isinstance(value, bool)
    )
    return "" if fits else "a whole number" if is_whole else "a number"


def _mapping(inside: str, value: Any) -> str:
    of = inside.split(",", 1)[1].strip() if "," in inside else "Any"
    if isinstance(value, Mapping):
        remedies = [_remedy_of_union(of, each) for each in value.values()]
        return next((f"by label {word}" for word in remedies if word), "")
    return f"a mapping by label, such as {{'name': …}}{_of(of)}"


def _sequence(inside: str, value: Any) -> str:
    if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str):
        remedies = [_remedy_of_union(inside, each) for each in value]
        return next((f"in a list {word}" for word in remedies if word), "")
    return f"a list{_of(inside)}"


def _array(shape: str, value: Any) -> str:
    """An array of numbers, or a list of them, with the number of axes and the fixed lengths of a shape "N 2"."""
    lengths = shape.split()
    remedy = "an array of numbers"
    remedy += f" of shape ({', '.join(lengths)}{',' * (len(lengths) == 1)})" if lengths else ""
    if isinstance(value, list | tuple) and any(hasattr(each, "aval") for each in value):
        return ""  # JAX is tracing the values
    try:
        array: Any = value if hasattr(value, "dtype") and hasattr(value, "shape") else np.asarray(value)
    except (TypeError, ValueError):
        return remedy
    if np.dtype(array.dtype).kind in "OSUmM":
        return remedy
    if not lengths or any(length.startswith(("*", "...")) for length in lengths):
        return ""
    fits = len(lengths) == len(array.shape) and all(
        not length.isdigit() or int(length) == actual for length, actual in zip(lengths, array.shape, strict=True)
    )
    return "" if fits else remedy


def _of(part: str) -> str:
    return f" of {_REMEDIES[part].split(',')[0].removeprefix('a ')}" if part in _REMEDIES else ""


def _remedy_of_union(annotation: str, value: Any) -> str:
    remedies = [_remedy(part, value) for part in _alternatives(annotation)]
    return "" if "" in remedies else remedies[0]


def _first(inside: str) -> str:
    """The type within Annotated[type, …]."""
    depth = 0
    for i, letter in enumerate(inside):
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and depth == 0:
            return inside[:i]
    return inside


def describe_value(value: Any) -> str:
    """A value as words for an error: short text and numbers as they are, the type of anything else."""
    text = repr(value) if isinstance(value, str | int | float | bool | None) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}…"
