"""Results in words, as figures and in notebooks."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

import numpy as np

MAX_REPR_CHARACTERS = 200  # of a result's repr


@dataclass(frozen=True, eq=False, repr=False)
class Display:
    """A result with a summary, a figure, a short repr and a view in notebooks.

    A dataclass that inherits from it sets `repr=False`. `landscapes/figures/results.py` registers the figure of
    each type, and `landscapes/figures/notebook.py` shows it in notebooks. Results come before the figures in the
    order of imports, so these modules are loaded by their names when a figure is asked for.

    Attributes:
        examples: number of examples in the batches of a loader that the loss is a mean over; None for other
            problems. `arguments.check_arguments` sets it on every result.
    """

    examples: int | None = field(default=None, kw_only=True)

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        raise NotImplementedError

    def figure(self, **options: Any) -> Any:
        """The Plotly figure.

        Args:
            options: those of the figure in `landscapes.figures`, such as theme="dark" or scale="log".
        """
        return import_module("landscapes.figures.results").figure_of(self, **options)

    def __repr__(self) -> str:
        return short_repr(self)

    def _repr_html_(self) -> str | None:
        """The figure, which turns and plays, above its summary; None for a type without a figure."""
        return import_module("landscapes.figures.notebook").html_of(self)

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """The same HTML, and the paper figure for notebooks that are converted to a PDF."""
        return import_module("landscapes.figures.notebook").mimebundle(self, include, exclude)


def short_repr(self: Any) -> str:
    """The type, the summary and the number of examples, in one line of at most 200 characters."""
    text, end = f"{type(self).__name__}({' '.join(self.summary.split())}", f"{_mean(self)})"
    length = MAX_REPR_CHARACTERS - len(end)
    return f"{text if len(text) <= length else f'{text[: length - 1]}…'}{end}"


def described(result: Any) -> str:
    """The summary, and the number of examples where they were streamed in batches."""
    return f"{result.summary}{_mean(result)}"


def _mean(result: Any) -> str:
    examples = getattr(result, "examples", None)
    return "" if examples is None else f"; mean over {examples:,} examples in batches"


def with_examples(result: Any, examples: int) -> Any:
    """The result, or each one of several, with the number of examples that entered."""
    if isinstance(result, Display):
        return result if result.examples is not None else replace(result, examples=examples)
    if hasattr(result, "_replace") and hasattr(result, "examples"):  # a named tuple
        return result._replace(examples=examples)
    if type(result) is dict:
        return {name: with_examples(each, examples) for name, each in result.items()}
    if type(result) in (list, tuple):
        return type(result)(with_examples(each, examples) for each in result)
    if isinstance(result, Iterator):
        return (with_examples(each, examples) for each in result)
    return result


def with_error(value: Any, error: Any) -> str:
    """The value with its error, such as "1.234 ± 0.002"; "error unknown" if the error is not finite."""
    if not math.isfinite(error):
        return f"{value:.4g}, error unknown"
    return f"{value:.4g} ± {error:.1g}"


def finite_range(values: Any) -> str:
    """The smallest and the largest finite value, such as "from 0.1 to 2.5"."""
    values = np.asarray(values)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "nowhere finite"
    low, high = float(finite.min()), float(finite.max())
    return f"from {low:.4g} to {high:.4g}" if low != high else f"{low:.4g} everywhere"


def ends(values: Any) -> str:
    """The first and the last value, such as "from 2.31 to 0.12"."""
    return f"from {float(values[0]):.4g} to {float(values[-1]):.4g}" if len(values) else "without values"


def grid_shape(axes: Any) -> str:
    """The number of points along each axis, such as "33 × 33"."""
    return " × ".join(str(len(axis)) for axis in axes)


def typeset(text: str) -> str:
    """The text with a minus sign in place of the hyphen before a number, and a space between a number and %."""
    return re.sub(r"(?<=\d)%", " %", re.sub(r"(?<![\w.)\]-])-(?=\.?\d)", "−", text))
