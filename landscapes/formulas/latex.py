"""A formula in LaTeX as it was written."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from landscapes.formulas.tree import COMPARISONS, Applied, Name, Node, Number

# How tightly a text holds together; a looser one gets parentheses inside a tighter one.
SUM, PRODUCT, POWER, ATOM = 1, 2, 3, 4

GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega|"
    "Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
OPERATORS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
NAMED = {
    **{name: rf"\{name}" for name in ("log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "min", "max")},
    **{"log2": r"\log_{2}", "log10": r"\log_{10}"},
    **{"asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan"},
    **{f"a{name}": rf"\operatorname{{ar{name}}}" for name in ("sinh", "cosh", "tanh")},
    **{name: rf"\operatorname{{{name}}}" for name in ("relu", "sigmoid", "softplus", "log1p", "expm1", "sign")},
}


@lru_cache(maxsize=1024)
def latex(node: Node) -> str:
    """A formula in LaTeX, in the order and form in which it was written."""
    return _text(node)[0]


def _text(node: Node) -> tuple[str, int]:
    """The LaTeX of a node and how tightly it holds together."""
    if isinstance(node, Number):
        return _number(node.value)
    if isinstance(node, Name):
        return _name(node.name), ATOM
    function, arguments = node.function, node.arguments
    if function in ("+", "-"):
        right = _inside(arguments[1], PRODUCT if function == "-" else SUM, leads=False)
        return f"{_inside(arguments[0], SUM)} {function} {right}", SUM
    if function == "negative":
        return f"-{_inside(arguments[0], PRODUCT, leads=False)}", PRODUCT
    if function == "*":
        left, right = _inside(arguments[0], PRODUCT), _inside(arguments[1], PRODUCT, leads=False)
        is_close = isinstance(arguments[0], Number) or right.startswith(r"\left(")
        between = r" \cdot " if re.match(r"[\d.]", right) else " " if is_close else r"\,"
        return f"{left}{between}{right}", PRODUCT
    if function == "/":
        return rf"\frac{{{latex(arguments[0])}}}{{{latex(arguments[1])}}}", PRODUCT
    if function == "^":
        return _power(*arguments)
    if function in COMPARISONS:
        return f"{latex(arguments[0])} {OPERATORS[function]} {latex(arguments[1])}", SUM
    if function in ("and", "or"):
        return _connected(node), SUM
    if function == "not":
        return rf"\text{{not }}\left({latex(arguments[0])}\right)", ATOM
    if function == "where":
        return _cases(node), PRODUCT
    if function == "exp":
        return f"e^{{{latex(arguments[0])}}}", POWER
    if function in ("sqrt", "cbrt"):
        return rf"\sqrt{'[3]' * (function == 'cbrt')}{{{latex(arguments[0])}}}", ATOM
    if function == "abs":
        return rf"\left|{latex(arguments[0])}\right|", ATOM
    return NAMED[function] + _arguments(node), POWER


def _inside(node: Node, at_least: int, *, leads: bool = True) -> str:
    """The LaTeX of a node, in parentheses where it holds together less tightly, or where it begins with a minus
    and does not lead."""
    text, tightness = _text(node)
    return text if tightness >= at_least and (leads or text[0] != "-") else rf"\left({text}\right)"


def _power(base: Node, exponent: Node) -> tuple[str, int]:
    if exponent in (Number(0.5), Applied("/", (Number(1), Number(2)))):
        return rf"\sqrt{{{latex(base)}}}", ATOM
    power = f"^{{{latex(exponent)}}}"
    is_square = isinstance(exponent, Number) and exponent.value > 0
    if isinstance(base, Applied) and base.function in NAMED and "_" not in NAMED[base.function] and is_square:
        return NAMED[base.function] + power + _arguments(base), POWER
    return _inside(base, ATOM) + power, POWER


def _arguments(node: Applied) -> str:
    return rf"\left({', '.join(map(latex, node.arguments))}\right)"


def _connected(node: Applied) -> str:
    """Conditions joined by and or or; those that share a side as a chain, 0 < x < 1."""
    sides = [each for each in node.arguments if isinstance(each, Applied)]
    if node.function == "and" and all(
        one.function in OPERATORS and other.function in OPERATORS and one.arguments[1] == other.arguments[0]
        for one, other in pairwise(sides)
    ):
        return latex(sides[0]) + "".join(
            f" {OPERATORS[each.function]} {latex(each.arguments[1])}" for each in sides[1:]
        )
    is_joined = ("and", "or")
    parts = [rf"\left({latex(each)}\right)" if each.function in is_joined else latex(each) for each in sides]
    return rf" \text{{ {node.function} }} ".join(parts)


def _cases(node: Node) -> str:
    rows = []
    while isinstance(node, Applied) and node.function == "where":
        condition, first, node = node.arguments
        rows.append(rf"{latex(first)} & \text{{if }} {latex(condition)}")
    rows.append(rf"{latex(node)} & \text{{otherwise}}")
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def _number(value: float) -> tuple[str, int]:
    digits, e, exponent = f"{value:.12g}".partition("e")
    if not e:
        return digits, ATOM
    power = f"10^{{{int(exponent)}}}"
    return (power, POWER) if digits == "1" else (rf"{digits} \cdot {power}", PRODUCT)


def _name(name: str) -> str:
    stem, _, index = name.partition("_")
    if GREEK.fullmatch(stem):
        stem = rf"\{stem}"
    elif stem in ("lam", "lambda"):
        stem = r"\lambda"
    elif len(stem) > 1:
        stem = rf"\mathit{{{stem}}}"
    return f"{stem}_{{{index}}}" if index else stem
