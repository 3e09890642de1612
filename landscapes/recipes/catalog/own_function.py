"""The function of two variables that a user writes as a formula: an entry like those of `FUNCTIONS`.

Its knobs are the text, the box and a number for each free name, so that its entry depends on its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from inspect import Parameter, Signature
from typing import Annotated, Any

import jax
import numpy as np
from annotated_types import Interval

from landscapes.formulas.latex import latex
from landscapes.formulas.numerics import evaluate, evaluate_plainly
from landscapes.formulas.parsing import Formula, parse
from landscapes.knobs import check_knobs
from landscapes.objectives import FUNCTIONS, Function
from landscapes.recipes.recipe import Choice

FORMULA = "formula"
TITLE = "Your own function"
DEFAULT_TEXT = "(1-x)^2 + a*(y-x^2)^2"
LARGEST = 1e6  # absolute value of an end of the range and of a free name
BOX = {"x_low": -2.0, "x_high": 2.0, "y_low": -2.0, "y_high": 2.0}
BOX_NUMBER = Annotated[float, Interval(ge=-LARGEST, le=LARGEST), "an end of the range that is drawn"]
FREE_NUMBER = Annotated[float, Interval(ge=-LARGEST, le=LARGEST), "a free name of the formula"]
TEXT = Annotated[str, "formula of x and y"]
GRID = 129  # points along each axis, from which the start and the learning rate are read
STARTS = ((0.2, 0.7), (0.8, 0.7), (0.2, 0.2), (0.7, 0.2), (0.6, 0.6), (0.4, 0.9))  # shares of the box


# A formula's programs take about 20 MB, and a field that is read while somebody types meets many formulas.
MAX_COMPILED_TEXTS = 32
_compiled: set[str] = set()


def limit_programs(text: str) -> None:
    """Drop all compiled programs when there are too many texts whose programs are kept; call it before a text is
    compiled. Programs that are still wanted come back from the compilation cache on disk."""
    if text not in _compiled and len(_compiled) >= MAX_COMPILED_TEXTS:
        _compiled.clear()
        jax.clear_caches()
    _compiled.add(text)


def read(text: str) -> Formula:
    """The formula of a text in x and y.

    Raises:
        ValueError: one sentence that names the place and the remedy.
    """
    return parse(text, taken=("text", *BOX))


def signed(function: Callable[..., Any], knobs: Mapping[str, tuple[Any, Any]]) -> Callable[..., Any]:
    """The function with keywords, as {name: (annotation, default)}, in its signature."""
    parameters = [Parameter(name, Parameter.KEYWORD_ONLY, default=default) for name, (_, default) in knobs.items()]
    function.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it
    function.__annotations__ = {name: annotation for name, (annotation, _) in knobs.items()}
    return function


@lru_cache(maxsize=1024)
def function_of_text(text: str) -> Callable[..., Any]:
    """`f(xy["2"], **knobs)` of a formula, the same for the same text. The box does not enter its value.

    Raises:
        ValueError: as `read` does.
    """
    formula = read(text)

    def f(xy: Any, **settings: Any) -> Any:
        free = {name: settings.get(name, 1.0) for name in formula.names}
        return evaluate(formula.tree, {"x": xy[0], "y": xy[1], **free})

    knobs = {"text": (TEXT, DEFAULT_TEXT)} | {name: (BOX_NUMBER, end) for name, end in BOX.items()}
    return signed(f, knobs | dict.fromkeys(formula.names, (FREE_NUMBER, 1.0)))


@lru_cache(maxsize=1024)
def own_function(choice: Choice) -> Function:
    """The entry of a formula with its settings.

    Raises:
        ValueError: for a text that is no formula, a free name that it does not have, or an empty box.
    """
    text = str(choice.settings.get("text", DEFAULT_TEXT))
    f = function_of_text(text)
    settings = check_knobs(FORMULA, f, choice.settings)
    box = _box(settings)
    formula = read(text)
    values = {name: float(settings[name]) for name in formula.names}
    start, rate = _start_and_rate(formula, values, box)
    return Function(f, box, lambda **_: (), start, lambda **_: rate, TITLE, latex(formula.tree), "written by you")


def _box(settings: Mapping[str, Any]) -> tuple[tuple[float, float], tuple[float, float]]:
    ranges = []
    for axis in "xy":
        low, high = float(settings[f"{axis}_low"]), float(settings[f"{axis}_high"])
        # Beyond this a grid's points would coincide.
        if high - low <= 1e-6 * max(abs(low), abs(high)):
            raise ValueError(f"{axis}_low = {low:g} is not below {axis}_high = {high:g}; give a lower {axis}_low")
        ranges.append((low, high))
    return ranges[0], ranges[1]


def _start_and_rate(
    formula: Formula, values: Mapping[str, float], box: tuple[tuple[float, float], ...]
) -> tuple[tuple[float, float], float]:
    """A start at which the formula has a slope, and a learning rate for gradient descent from there: 1/λ, with λ
    the largest curvature by differences of a grid wherever the formula is not above the start, at most one that
    moves the start by a tenth of the box."""
    (x, width), (y, height) = ((np.linspace(*side, GRID), side[1] - side[0]) for side in box)
    grid = evaluate_plainly(formula.tree, {"x": x[:, None], "y": y[None, :], **values})
    grid = np.broadcast_to(grid, (GRID, GRID))
    steps = width / (GRID - 1), height / (GRID - 1)
    with np.errstate(all="ignore"):
        first, last = np.gradient(grid, *steps)
        (xx, xy), (_, yy) = np.gradient(first, *steps), np.gradient(last, *steps)
        curvature = np.abs((xx + yy) / 2) + np.hypot((xx - yy) / 2, xy)
        slope = np.hypot(first, last)
    places = [(round(a * (GRID - 1)), round(b * (GRID - 1))) for a, b in STARTS]
    # A slope is finite only where the values around it are.
    fits = [place for place in places if np.isfinite(slope[place]) and slope[place] > 0]
    i, j = (fits or places)[0]
    start = float(x[i]), float(y[j])
    if not fits:
        return start, 0.01
    below = curvature[np.isfinite(curvature) & (grid <= grid[i, j])]
    largest = float(np.max(below, initial=0))
    rate = 0.1 * min(width, height) / float(slope[i, j])
    return start, float(np.clip(min(rate, 1 / largest) if largest > 0 else rate, 1e-12, 1e3))


# The default formula stands for all of them where only the name is asked for.
ALL_FUNCTIONS: dict[str, Function] = {FORMULA: own_function(Choice(FORMULA)), **FUNCTIONS}


def function_entry(choice: Choice) -> Function:
    """The entry of a test function or of a formula, with the choice's settings.

    Raises:
        ValueError: as `own_function` does.
    """
    return own_function(choice) if choice.name == FORMULA else FUNCTIONS[choice.name]
