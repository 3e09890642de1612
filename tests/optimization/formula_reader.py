"""Evaluates the LaTeX formulas of step rules."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def sides(formula: str, values: Mapping[str, Any], functions: Mapping[str, Callable[[Any], Any]]) -> tuple:
    """The symbol on the left of an equation and the value of its right side."""
    left, right = formula.split(" = ", 1)
    return left, _Reader(right, values, functions).sum()


ENDS = ("+", "-", ")", "}", ",", r"\rVert", r"\rangle")


class _Reader:
    def __init__(self, text: str, values: Mapping[str, Any], functions: Mapping[str, Callable[[Any], Any]]):
        names = sorted([*values, *functions], key=len, reverse=True)
        pattern = "|".join([*map(re.escape, names), r"\\[a-zA-Z]+", r"\d+\.?\d*", r"\S"])
        self.tokens = re.findall(pattern, text.replace(r"\left", "").replace(r"\right", ""))
        self.values, self.functions = values, functions

    def next(self, expected: str = "") -> str:
        token = self.tokens.pop(0)
        assert expected in ("", token), (expected, token)
        return token

    def sum(self) -> Any:
        sign = -1 if self.tokens[0] == "-" else 1
        if sign < 0:
            self.next()
        total = sign * self.product()
        while self.tokens and self.tokens[0] in "+-":
            sign = 1 if self.next() == "+" else -1
            total = total + sign * self.product()
        return total

    def product(self) -> Any:
        value = self.power()
        while self.tokens and self.tokens[0] not in ENDS:
            value = value * self.power()
        return value

    def power(self) -> Any:
        value = self.atom()
        if self.tokens and self.tokens[0] == "^":
            self.next()
            value = value ** self.atom()
        return value

    def within(self, opening: str, closing: str) -> Any:
        self.next(opening)
        value = self.sum()
        self.next(closing)
        return value

    def pair(self, opening: str, closing: str) -> tuple[Any, Any]:
        self.next(opening)
        first = self.sum()
        self.next(",")
        second = self.sum()
        self.next(closing)
        return first, second

    def atom(self) -> Any:
        token = self.tokens[0]
        if token == "(":
            return self.within("(", ")")
        if token == "{":
            return self.within("{", "}")
        if token == r"\lVert":
            inside = self.within(r"\lVert", r"\rVert")
            index = self.next("_") and self.next() if self.tokens[:1] == ["_"] else "2"
            return np.linalg.norm(inside, 2 if index == r"\ell" else float(index))
        if token == r"\langle":
            return np.dot(*self.pair(r"\langle", r"\rangle"))
        self.next()
        if token in (r"\max", r"\min"):
            return {r"\max": np.maximum, r"\min": np.minimum}[token](*self.pair("(", ")"))
        if token == r"\frac":
            return self.within("{", "}") / self.within("{", "}")
        if token == r"\sqrt":
            return np.sqrt(self.within("{", "}"))
        if token == r"\operatorname":
            assert [self.next() for _ in range(6)] == list("{sign}")
            return np.sign(self.within("(", ")"))
        if token in self.functions:
            return self.functions[token](self.within("(", ")"))
        return self.values[token] if token in self.values else float(token)
