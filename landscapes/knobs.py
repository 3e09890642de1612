"""Knobs: the keyword parameters of a registered function, read from its signature.

A knob is a keyword with a default. `Annotated[float, Interval(...)]` (annotated-types) gives its range,
`Literal[...]` its choices; a bool is a switch. One signature yields the widget, the URL key, the validation
and the test of each knob.
"""

from __future__ import annotations

import difflib
import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Interval, Le, Lt

Value = bool | int | float | str


@dataclass(frozen=True)
class Knob:
    """One knob. `low` and `high` are None where open-ended; `choices` is empty unless it is a Literal. A text
    without choices is checked where it is used."""

    name: str
    kind: type
    default: Value
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    choices: tuple[str, ...] = ()
    doc: str = ""

    def check(self, value: Any) -> Value:
        """The value in the knob's own type.

        Raises:
            ValueError: one sentence that names the knob, the value and what would be right.
        """
        if self.choices:
            if str(value) in self.choices:
                return str(value)
            raise ValueError(f"{self.name} = {value!r} is not one of {', '.join(self.choices)}")
        if self.kind is str:
            return str(value)
        if self.kind is bool:
            text = str(value).lower()
            if text in ("true", "1", "1.0"):
                return True
            if text in ("false", "0", "0.0"):
                return False
            raise ValueError(f"{self.name} = {value!r} is neither true nor false")
        try:
            if isinstance(value, bool):
                raise TypeError
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{self.name} = {str(value)[:40]!r} is not a number; {self.remedy}") from None
        if not math.isfinite(number) or (self.kind is int and number != int(number)):
            raise ValueError(f"{self.name} = {value} is not valid; {self.remedy}")
        below = self.low is not None and (number <= self.low if self.open_low else number < self.low)
        above = self.high is not None and (number >= self.high if self.open_high else number > self.high)
        if below or above:
            raise ValueError(f"{self.name} = {value} is out of range; {self.remedy}")
        return int(number) if self.kind is int else number

    @property
    def remedy(self) -> str:
        """What to give, within a sentence."""
        if self.kind is bool:
            return "give True or False"
        what = "a whole number" if self.kind is int else "a number"
        low = "" if self.low is None else f" {'above' if self.open_low else 'from'} {self.low:g}"
        high = "" if self.high is None else f" {'below' if self.open_high else 'up to'} {self.high:g}"
        return f"give {what}{low}{high}"


def knobs(function: Callable[..., Any]) -> dict[str, Knob]:
    """The knobs of a function by name: its parameters that have a default and a simple type."""
    return dict(_read(function))


@cache
def _read(function: Callable[..., Any]) -> dict[str, Knob]:
    hints = get_type_hints(function, include_extras=True)
    entries = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is inspect.Parameter.empty or name not in hints:
            continue
        knob = _knob(name, hints[name], parameter.default)
        if knob is not None:
            entries[name] = knob
    return entries


def check_knobs(owner: str, function: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Value]:
    """Every knob of `function` with its checked value, defaults filled in.

    Raises:
        ValueError: for an unknown knob (the nearest or the known ones are named) or a value out of range.
    """
    values, faults = repair_knobs(owner, function, settings)
    if faults:
        raise ValueError(faults[0])
    return values


def check_no_text(owner: str, function: Callable[..., Any], settings: Mapping[str, Any]) -> None:
    """
    Raises:
        ValueError: for text in place of a number or a switch. Only addresses are text.
    """
    for name, knob in knobs(function).items():
        if isinstance(settings.get(name), str) and knob.kind is not str:
            raise ValueError(f"{owner}: {name} = {settings[name]!r} is text; {knob.remedy}")


def repair_knobs(
    owner: str, function: Callable[..., Any], settings: Mapping[str, Any]
) -> tuple[dict[str, Value], list[str]]:
    """Every knob of `function`, with its default where the given value is not valid, and what was wrong."""
    known = knobs(function)
    have = f"it has: {', '.join(known) or 'none'}"
    unknown = [name for name in settings if name not in known]
    faults = [f"{owner} has no knob {name!r}; {have}" + _suggestion(name, known, "; ") for name in unknown]
    values = {name: knob.default for name, knob in known.items()}
    for name, knob in known.items():
        try:
            values[name] = knob.check(settings.get(name, knob.default))
        except ValueError as error:
            faults.append(f"{owner}: {error}")
    return values, faults


def nearest(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """A hint for a name that is not among `names`: the one that it resembles, or else `otherwise`."""
    names = list(names)
    return _suggestion(name, names) or otherwise or f"choose {either(names)}"


def _suggestion(name: str, names: Iterable[str], lead: str = "") -> str:
    close = difflib.get_close_matches(name, list(names), n=1)
    return f"{lead}did you mean {close[0]}?" if close else ""


def either(names: Iterable[str]) -> str:
    """Names in a sentence: "a, b or c"."""
    *most, last = list(names) or ["nothing"]
    return f"{', '.join(most)} or {last}" if most else last


def _knob(name: str, hint: Any, default: Any) -> Knob | None:
    low = high = None
    open_low = open_high = False
    doc = ""
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        for note in notes:
            if isinstance(note, str):
                doc = note
            for bound in note if isinstance(note, Interval) else (note,):
                if isinstance(bound, Ge | Gt):
                    low = float(bound.ge if isinstance(bound, Ge) else bound.gt)  # type: ignore[arg-type]  # any comparable
                    open_low = isinstance(bound, Gt)
                elif isinstance(bound, Le | Lt):
                    high = float(bound.le if isinstance(bound, Le) else bound.lt)  # type: ignore[arg-type]  # likewise
                    open_high = isinstance(bound, Lt)
    if get_origin(hint) is Literal:
        return Knob(name, str, default, choices=tuple(map(str, get_args(hint))), doc=doc)
    if hint in (bool, int, float, str):
        return Knob(name, hint, default, low, high, open_low, open_high, doc=doc)
    return None
