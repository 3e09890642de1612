"""The gradient and the Hessian of a formula as formulas, by SymPy.

SymPy takes 0.3 s to import, so it is imported where it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

from landscapes.formulas.parsing import Formula
from landscapes.formulas.tree import COMPARISONS, Applied, Name, Node, Number

MAX_OPERATIONS = 400  # of the gradient's and of each row of the Hessian's formulas, to fit on a page

CASES = ("where", "abs", "relu", "sign", "cbrt")
MAX_CASES = 4  # SymPy combines all of them: with seven it took 27 s


@dataclass(frozen=True)
class Derivatives:
    """SymPy's gradient and Hessian of a formula with respect to its variables. Each is None where it would be too
    long to read, or where SymPy cannot tell it."""

    variables: tuple[str, ...]
    gradient: tuple[Any, ...] | None
    hessian: tuple[tuple[Any, ...], ...] | None

    @property
    def gradient_latex(self) -> str:
        """The gradient as a column, "" where it is too long."""
        return "" if self.gradient is None else _matrix([[each] for each in self.gradient])

    @property
    def hessian_latex(self) -> str:
        """The Hessian as a matrix, "" where it is too long."""
        return "" if self.hessian is None else _matrix([list(row) for row in self.hessian])


@lru_cache(maxsize=64)
def derivatives(formula: Formula) -> Derivatives:
    """The gradient and the Hessian of a formula as SymPy expressions."""
    none = Derivatives(formula.variables, None, None)
    if _cases_below(formula.tree) > MAX_CASES:
        return none
    try:
        return _derivatives(formula)
    except (ArithmeticError, AttributeError, NotImplementedError, RecursionError, TypeError, ValueError):
        return none  # SymPy compares no undefined numbers, such as b/0


def _derivatives(formula: Formula) -> Derivatives:
    import sympy

    expression = symbolic(formula.tree)
    symbols = [_symbol(name) for name in formula.variables]
    gradient = tuple(_readable(sympy.diff(expression, symbol)) for symbol in symbols)
    if _operations(gradient) > MAX_OPERATIONS:
        return Derivatives(formula.variables, None, None)
    hessian = tuple(tuple(_readable(sympy.diff(slope, symbol)) for symbol in symbols) for slope in gradient)
    if max(map(_operations, hessian)) > MAX_OPERATIONS:
        return Derivatives(formula.variables, gradient, None)
    return Derivatives(formula.variables, gradient, hessian)


def _cases_below(node: Node) -> int:
    """How many distinctions of cases a formula has."""
    if not isinstance(node, Applied):
        return 0
    cases = len(node.arguments) - 1 if node.function in ("min", "max") else node.function in CASES
    return cases + sum(map(_cases_below, node.arguments))


def _operations(expressions: tuple[Any, ...]) -> int:
    return sum(int(expression.count_ops()) for expression in expressions)


def _readable(expression: Any) -> Any:
    """The expression with whole numbers for floats such as 2.0."""
    import sympy

    floats = expression.atoms(sympy.Float)
    integers = {each: sympy.Integer(int(each)) for each in floats if float(each).is_integer()}
    return expression.xreplace(integers)


def _matrix(rows: list[list[Any]]) -> str:
    import sympy

    printed = (" & ".join(sympy.latex(each, inv_trig_style="full") for each in row) for row in rows)
    return r"\begin{pmatrix} " + r" \\[4pt] ".join(printed) + r" \end{pmatrix}"


def _symbol(name: str) -> Any:
    import sympy

    return sympy.Symbol({"lam": "lambda"}.get(name, name), real=True)


def symbolic(node: Node) -> Any:
    """The SymPy expression of a tree, built from its nodes. abs, min, max and relu become cases, whose derivatives
    are cases again."""
    import sympy

    if isinstance(node, Number):
        is_whole = float(node.value) == int(node.value) and abs(node.value) < 1e6
        return sympy.Integer(int(node.value)) if is_whole else sympy.Float(repr(node.value))
    if isinstance(node, Name):
        return {"pi": sympy.pi, "e": sympy.E}.get(node.name) or _symbol(node.name)
    return _applied(node.function, [symbolic(each) for each in node.arguments])


def _applied(function: str, parts: list[Any]) -> Any:
    import sympy

    u = parts[0]
    if function in COMPARISONS:
        names = dict(zip(COMPARISONS, ("Lt", "Le", "Gt", "Ge", "Eq", "Ne"), strict=True))
        return getattr(sympy, names[function])(*parts)
    if function == "/" and parts[1] == 0:
        return sympy.nan
    arithmetic = {
        "+": lambda: u + parts[1],
        "-": lambda: u - parts[1],
        "*": lambda: u * parts[1],
        "/": lambda: u / parts[1],
        "^": lambda: u ** parts[1],
        "negative": lambda: -u,
        "and": lambda: sympy.And(*parts),
        "or": lambda: sympy.Or(*parts),
        "not": lambda: sympy.Not(u),
        "where": lambda: _cases(parts[0], parts[1], parts[2]),
        "min": lambda: reduce(lambda a, b: _cases(a <= b, a, b), parts),
        "max": lambda: reduce(lambda a, b: _cases(a >= b, a, b), parts),
        "abs": lambda: _cases(u >= 0, u, -u),
        "relu": lambda: _cases(u > 0, u, sympy.Integer(0)),
        "sign": lambda: _cases(u > 0, sympy.Integer(1), _cases(u < 0, sympy.Integer(-1), sympy.Integer(0))),
        "sigmoid": lambda: 1 / (1 + sympy.exp(-u)),
        "softplus": lambda: sympy.log(1 + sympy.exp(u)),
        "log1p": lambda: sympy.log(1 + u),
        "expm1": lambda: sympy.exp(u) - 1,
        "log2": lambda: sympy.log(u) / sympy.log(2),
        "log10": lambda: sympy.log(u) / sympy.log(10),
        "cbrt": lambda: _cases(u >= 0, u ** sympy.Rational(1, 3), -((-u) ** sympy.Rational(1, 3))),
    }
    return arithmetic[function]() if function in arithmetic else getattr(sympy, function)(u)


def _cases(condition: Any, first: Any, second: Any) -> Any:
    import sympy

    return sympy.Piecewise((first, condition), (second, True))
