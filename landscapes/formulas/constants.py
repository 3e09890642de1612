"""The bounds on the constants of a formula."""

from __future__ import annotations

import numpy as np

from landscapes.formulas.numerics import INFIX, constant_value
from landscapes.formulas.tree import Applied, Node, Number, is_constant

MAX_CONSTANT = 1e15  # absolute value of a number in a formula
MAX_EXPONENT = 100  # absolute value of a constant exponent


def check_numbers(node: Node) -> None:
    """Refuse constants that are no numbers or too large, and exponents with which a formula could overflow.

    Raises:
        ValueError: one sentence that names the constant and the remedy.
    """
    if not isinstance(node, Applied):
        return
    for argument in node.arguments:
        check_numbers(argument)
    if node.kind == "number" and is_constant(node):
        value = constant_value(node)
        if np.isnan(value):
            raise ValueError(f"{_written(node)} is not a number; stay inside the function's domain")
        if abs(value) > MAX_CONSTANT:
            raise ValueError(f"{_written(node)} is too large; the largest number is {MAX_CONSTANT:.0e}")
    if node.function == "^" and is_constant(node.arguments[1]):
        exponent = constant_value(node.arguments[1])
        if abs(exponent) > MAX_EXPONENT:
            raise ValueError(f"the exponent {exponent:g} is too large; use at most {MAX_EXPONENT}")


def _written(node: Applied) -> str:
    """A constant in the language of formulas."""
    parts = [_written(each) if isinstance(each, Applied) else _plain(each) for each in node.arguments]
    if node.function in (*INFIX, "^") and len(parts) == 2:
        return shorten(f" {node.function} ".join(parts) if node.function != "^" else "^".join(parts))
    name = "-" if node.function == "negative" else node.function
    return shorten(f"{name}({', '.join(parts)})")


def _plain(node: Node) -> str:
    return f"{node.value:g}" if isinstance(node, Number) else getattr(node, "name", "")


def shorten(text: str, most: int = 30) -> str:
    """The text, cut where it is longer than a sentence should quote."""
    return text if len(text) <= most else text[: most - 1] + "…"
