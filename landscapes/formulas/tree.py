"""The tree of a formula: numbers, names and applied functions. Operators are functions named by their symbol."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "condition"]

CONSTANTS = {"pi": math.pi, "e": math.e}

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
CONNECTIVES = ("and", "or", "not")
ARITHMETIC = ("+", "-", "*", "/", "^", "negative")

# Each function's least and largest number of arguments. `where` takes a condition first.
FUNCTIONS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(
        (
            "abs", "sqrt", "cbrt", "exp", "log", "log2", "log10", "log1p", "expm1", "sign",
            "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
            "relu", "sigmoid", "softplus",
        ),
        (1, 1),
    ),
    "min": (2, 8),
    "max": (2, 8),
    "where": (3, 3),
}  # fmt: skip
ALIASES = {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
    "minimum": "min",
    "maximum": "max",
}


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Name:
    """A variable, a free name, or one of `CONSTANTS`."""

    name: str


@dataclass(frozen=True)
class Applied:
    """A function, an operator, a comparison or a connective applied to arguments."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def kind(self) -> Kind:
        return "condition" if self.function in (*COMPARISONS, *CONNECTIVES) else "number"


Node = Number | Name | Applied


def names_in(node: Node) -> Iterator[str]:
    """The variables and free names below a node, in the order in which they are written, with repetitions."""
    if isinstance(node, Applied):
        for argument in node.arguments:
            yield from names_in(argument)
    elif isinstance(node, Name) and node.name not in CONSTANTS:
        yield node.name


def is_constant(node: Node) -> bool:
    """Whether a node has the same value everywhere."""
    return next(names_in(node), None) is None
