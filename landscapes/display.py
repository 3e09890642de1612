"""Results in words, as figures and in notebooks."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

import numpy as np

MAX_REPR_CHARACTERS = 200


class Display:
    """A result with a summary, a figure, a short repr and a view in notebooks.

    A dataclass that inherits from it sets `repr=False`. `landscapes/figures/results.py` registers the figure of
    each type. Results come before the figures in the order of imports, so that module is loaded by its name when
    a figure is asked for.
    """

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

    def _repr_html_(self) -> str:
        """The figure above its summary. It contains plotly.js (5 MB), so that a notebook needs no network."""
        return import_module("landscapes.figures.results").html_of(self)


def short_repr(self: Any) -> str:
    """The type and the summary, in one line of at most 200 characters."""
    text = f"{type(self).__name__}({' '.join(self.summary.split())})"
    return text if len(text) <= MAX_REPR_CHARACTERS else f"{text[: MAX_REPR_CHARACTERS - 2]}…)"


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
