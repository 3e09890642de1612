"""From the text of a formula to its tree. Only listed nodes of Python's grammar and listed names are read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NoReturn

from landscapes.arguments import check_arguments
from landscapes.formulas.constants import MAX_CONSTANT, check_numbers, shorten
from landscapes.formulas.tree import (
    ALIASES,
    CONSTANTS,
    FUNCTIONS,
    Applied,
    Kind,
    Name,
    Node,
    Number,
    names_in,
)
from landscapes.knobs import either, nearest

MAX_CHARACTERS = 400  # of a text, which is also part of an address
MAX_DEPTH = 120  # of nested operations, below Python's limit of recursion
MAX_NODES = 200  # operations and numbers of a formula
MAX_NAMES = 6  # free names: each is a slider

# What keyboards and other programs write for the same thing.
SYMBOLS = {
    "−": "-", "–": "-", "·": "*", "×": "*", "∗": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=",
    "²": "^2", "³": "^3", "⁴": "^4", "π": " pi ", "\t": " ", "\n": " ", "\r": " ", "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip
ALLOWED = re.compile(r"[A-Za-z0-9_α-ωΑ-Ω .,()+\-*/^<>=!&|%~]")
NAME = re.compile(r"[A-Za-zα-ωΑ-Ω][A-Za-z0-9α-ωΑ-Ω]*(_[A-Za-z0-9]+)?")
MAX_NAME_CHARACTERS = 12  # of a free name, the label of a slider
MISSING_TIMES = re.compile(r"(?<![\w.])((?>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))\s*([A-Za-zα-ωΑ-Ω_(]\w*)")

OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.And: "and", ast.Or: "or",
}  # fmt: skip


@dataclass(frozen=True)
class Formula:
    """A formula that has been read.

    Attributes:
        text: as written, without spaces at its ends.
        tree: what it computes.
        variables: the names that stand for arguments, such as ("x", "y").
        names: its free names, in the order in which they are written.
    """

    text: str
    tree: Node
    variables: tuple[str, ...]
    names: tuple[str, ...]


@check_arguments
def parse(
    text: str, variables: tuple[str, ...] = ("x", "y"), *, needs: tuple[str, ...] = (), taken: tuple[str, ...] = ()
) -> Formula:
    """The formula of a text such as `(1-x)^2 + a*(y-x^2)^2`, with `^` or `**` for powers.

    Args:
        variables: the names of its arguments. Every other name is a free name.
        needs: variables of which it must contain one, by default any.
        taken: names that cannot be free.

    Raises:
        ValueError: one sentence that names the place and the remedy.
    """
    return _parse(text, variables, needs or variables, taken)


@lru_cache(maxsize=1024)
def _parse(text: str, variables: tuple[str, ...], needs: tuple[str, ...], taken: tuple[str, ...]) -> Formula:
    text = text.strip()
    if not text:
        raise ValueError(f"there is no formula; write one of {either(variables)}, such as {variables[0]}^2")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the formula has {len(text)} characters; shorten it to {MAX_CHARACTERS}")
    source = _Source(text)
    tree = _Reader(source, variables, taken).read(source.parsed(), "number", 1)
    check_numbers(tree)
    names = tuple(dict.fromkeys(names_in(tree)))
    if not set(needs) & set(names):
        raise ValueError(f"the formula does not contain {either(needs)}; write one such as {needs[0]}^2")
    free = tuple(name for name in names if name not in variables)
    if len(free) > MAX_NAMES:
        raise ValueError(
            f"{', '.join(free)} are {len(free)} free names; use at most {MAX_NAMES}, and numbers for the others"
        )
    return Formula(text, tree, variables, free)


class _Source:
    """The text, and the same with `**` for `^`, which Python's grammar reads with the right precedence."""

    def __init__(self, text: str) -> None:
        self.text = text
        written, self.at = "", []  # the position in the text of each character of the code
        for position, character in enumerate(text):
            replacement = SYMBOLS.get(character, character)
            if not all(ALLOWED.match(each) for each in replacement):
                raise ValueError(
                    f"{character!r} at character {position + 1} is not part of a formula; use numbers, names, "
                    "+ - * / ^, parentheses and commas"
                )
            replacement = replacement.replace("^", "**")
            written += replacement
            self.at += [position] * len(replacement)
        if "|" in text:
            raise ValueError("write abs(…) for |…|, and or between conditions")
        if match := re.search(r"(?<![<>=!])=(?!=)", text):
            raise ValueError(f"= at character {match.start() + 1} is not part of a formula; write one side alone")
        self.code = written.strip()
        self.at = self.at[len(written) - len(written.lstrip()) :]
        for match in MISSING_TIMES.finditer(self.code):
            number, following = match.groups()
            if following not in ("and", "or", "if", "else"):
                raise ValueError(f"write * between {number} and {following}")

    def parsed(self) -> ast.expr:
        try:
            return ast.parse(self.code, mode="eval").body
        except SyntaxError as error:
            raise ValueError(self._explained(error)) from None
        except (MemoryError, RecursionError, ValueError):
            raise ValueError("the formula is nested too deeply; write it with fewer parentheses") from None

    def _explained(self, error: SyntaxError) -> str:
        if "never closed" in error.msg:
            return "a parenthesis is not closed; add )"
        if "unmatched" in error.msg:
            return "a parenthesis closes nothing; remove one )"
        if "nested" in error.msg:
            return "the formula is nested too deeply; write it with fewer parentheses"
        if re.search(r"\blambda\b", self.code):
            return "lambda is a word of Python; write lam"
        position = min(max((error.offset or 1) - 1, 0), len(self.at))
        if re.search(r"([+\-*/<>=,(]|\b(and|or|not|if|else))$", self.code):
            return "the formula ends too early; add what follows the last operator"
        place = self.at[position]
        tail = shorten(self.text[place:], 12)
        return f"the formula cannot be read at character {place + 1}, {tail!r}; an operator or a number is missing"

    def segment(self, node: ast.AST) -> str:
        """What a node was written as."""
        return shorten((ast.get_source_segment(self.code, node) or "").replace("**", "^"))


class _Reader:
    def __init__(self, source: _Source, variables: tuple[str, ...], taken: tuple[str, ...]) -> None:
        self.source, self.variables, self.taken, self.nodes = source, variables, taken, 0

    def read(self, node: ast.expr, kind: Kind, depth: int) -> Node:
        """The tree of a node that has to be a number or a condition."""
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"the formula is nested more than {MAX_DEPTH} deep; write it with fewer parentheses")
        if self.nodes > MAX_NODES:
            raise ValueError(f"the formula has more than {MAX_NODES} operations and numbers; shorten it")
        tree = self._node(node, depth + 1)
        is_condition = isinstance(tree, Applied) and tree.kind == "condition"
        if kind == "number" and is_condition:
            raise ValueError(f"{self._quoted(node)} is a condition and no number; write where(…, 1, 0) around it")
        if kind == "condition" and not is_condition:
            raise ValueError(f"{self._quoted(node)} is no condition; compare it, as in {self.variables[0]} > 0")
        return tree

    def _node(self, node: ast.expr, depth: int) -> Node:
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            arguments = (node.left, node.right)
            return Applied(OPERATORS[type(node.op)], self._all(arguments, "number", depth))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
            return self.read(node.operand, "number", depth)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return Applied("negative", (self.read(node.operand, "number", depth),))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Applied("not", (self.read(node.operand, "condition", depth),))
        if isinstance(node, ast.BoolOp):
            return Applied(OPERATORS[type(node.op)], self._all(node.values, "condition", depth))
        if isinstance(node, ast.Compare) and all(type(op) in OPERATORS for op in node.ops):
            sides = self._all([node.left, *node.comparators], "number", depth)
            pairs = [
                Applied(OPERATORS[type(op)], pair) for op, pair in zip(node.ops, pairwise(sides), strict=True)
            ]
            return pairs[0] if len(pairs) == 1 else Applied("and", tuple(pairs))
        if isinstance(node, ast.IfExp):
            condition = self.read(node.test, "condition", depth)
            return Applied("where", (condition, *self._all((node.body, node.orelse), "number", depth)))
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        return self._refuse(node)

    def _all(self, nodes: Iterable[ast.expr], kind: Kind, depth: int) -> tuple[Node, ...]:
        return tuple(self.read(each, kind, depth) for each in nodes)

    def _number(self, node: ast.Constant) -> Number:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{self._quoted(node)} is not a number; use numbers, names and functions")
        if abs(value) > MAX_CONSTANT:
            raise ValueError(f"{self._quoted(node)} is too large; the largest number is {MAX_CONSTANT:.0e}")
        return Number(value)

    def _name(self, node: ast.Name) -> Name:
        name = node.id
        if name in (*self.variables, *CONSTANTS):
            return Name(name)
        if name in FUNCTIONS or name in ALIASES:
            raise ValueError(f"{name} is a function; write what it is of in parentheses, as in {name}(…)")
        if name in self.taken:
            raise ValueError(f"{name} is taken; choose another name")
        if not NAME.fullmatch(name) or len(name) > MAX_NAME_CHARACTERS:
            raise ValueError(
                f"{shorten(name)!r} cannot be a name here; use a letter, then letters and digits, at most "
                f"{MAX_NAME_CHARACTERS} in all"
            )
        return Name(name)

    def _call(self, node: ast.Call, depth: int) -> Node:
        if not isinstance(node.func, ast.Name):
            raise ValueError(f"{self._quoted(node)} calls what is no function; write * before the parenthesis")
        written = node.func.id
        name = ALIASES.get(written, written)
        if name not in FUNCTIONS:
            hint = nearest(written, [*FUNCTIONS, *ALIASES], "there are exp, log, sin, max and others")
            if written in (*self.variables, *CONSTANTS) or len(written) == 1:
                hint = f"write {written}*(…) to multiply"
            raise ValueError(f"{shorten(written)!r} is no function; {hint}")
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
            raise ValueError(f"{self._quoted(node)} names its arguments; write them one after another")
        least, most = FUNCTIONS[name]
        if not least <= len(node.args) <= most:
            count = f"{least}" if least == most else f"{least} to {most}"
            raise ValueError(f"{written} takes {count} argument{'s' * (most > 1)}; found {len(node.args)}")
        if name == "where":
            condition = self.read(node.args[0], "condition", depth)
            return Applied(name, (condition, *self._all(node.args[1:], "number", depth)))
        return Applied(name, self._all(node.args, "number", depth))

    def _refuse(self, node: ast.expr) -> NoReturn:
        if isinstance(node, ast.Attribute):
            raise ValueError(f"{self._quoted(node)} has a point behind a name; use a point in numbers only")
        if isinstance(node, ast.Tuple):
            raise ValueError(f"{self._quoted(node)} is more than one formula; write one, with a point in decimals")
        raise ValueError(f"{self._quoted(node)} is not available; use + - * / ^, comparisons and functions")

    def _quoted(self, node: ast.AST) -> str:
        return repr(self.source.segment(node))
