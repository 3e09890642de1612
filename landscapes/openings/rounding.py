"""Numbers rounded to what a picture can show, as integers: multiples of a step."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from landscapes.immutable import frozen, read_only
from landscapes.scenes.behaviors import MAX_EXACT_NUMBERS

LEVELS = 2**16  # between the smallest and the largest height of a rounded grid, at least
SHADES = 255  # steps of a shade in the browser
POSITIONS = 2**12  # steps across a display
MIN_NUMBERS = 200  # of a row that is rounded. Words print numbers of smaller ones.
MAX_INTEGER = 2**40  # a number that is farther away would need more bytes than its bits


def rounding_step(grid: np.ndarray, error: float) -> float:
    """The power of two to multiples of which a grid is rounded, or 0 to keep every bit.

    The step is at most 2⁻¹⁶ of the range of the values and at most half of their stated error, so that rounding
    moves a value by less than a picture can show and by at most a quarter of that error. It is finer where most
    neighbors would become equal: on a plain beside a deep well level lines would follow the steps. A grid with
    values that are not finite keeps its bits.

    Args:
        error: of the grid, in the units of its values. Infinite where it is unknown.
    """
    if not np.isfinite(grid).all():
        return 0.0
    largest = min(error / 2, float(np.ptp(grid)) / LEVELS)
    typical = _typical_difference(grid)
    if 0 < typical < largest:
        largest = typical / 2**10
    smallest = float(np.finfo(grid.dtype).eps * np.max(np.abs(grid), initial=0))  # the values have no finer steps
    return 2.0 ** math.floor(math.log2(largest)) if largest > smallest else 0.0


def _typical_difference(grid: np.ndarray) -> float:
    """The median distance between the values of neighboring nodes."""
    values = grid.astype(float)
    return float(np.median(np.concatenate([np.abs(np.diff(values, axis=k)).ravel() for k in range(grid.ndim)])))


def display_step(rows: np.ndarray) -> tuple[float, float]:
    """The step of the numbers of a display and the number from which it counts, or 0 and 0 to keep every bit.

    Shades get the 256 levels in which the page draws them. Other rows of more than `MIN_NUMBERS` are positions of
    points and bars: their step is at most 2⁻¹² of their range, and of eight times the distance between their
    quartiles, because a page cuts off what lies far outside. It is less than half a pixel of the largest display.

    Args:
        rows: one for each shown step of a path.
    """
    numbers = rows.size // max(1, len(rows))
    if rows.dtype.kind != "f" or numbers <= MIN_NUMBERS or not np.isfinite(rows).all():
        return 0.0, 0.0
    low, high = float(rows.min()), float(rows.max())
    if numbers > MAX_EXACT_NUMBERS:
        return (high - low) / SHADES, low
    quartiles = np.quantile(rows.astype(float), (0.25, 0.75))
    scale = min(high - low, 8 * float(np.ptp(quartiles)))
    step = 2.0 ** math.floor(math.log2(scale / POSITIONS)) if scale > 0 else 0.0
    return (step, 0.0) if step and max(abs(low), abs(high)) / step < MAX_INTEGER else (0.0, 0.0)


def round_to(array: np.ndarray, step: float, first: float = 0.0) -> Any:
    """The array rounded to `first` plus multiples of `step`, as integers with what `restore` needs; the array
    itself for a step of 0."""
    if not step:
        return array
    integers = np.rint((array.astype(float) - first) / step).astype(np.int64)
    return {"type": array.dtype.name, "step": step, "first": first, "integers": integers}


def restore(rounded: Any) -> np.ndarray:
    """The array that `round_to` rounded, read-only."""
    if isinstance(rounded, np.ndarray):
        return read_only(rounded)
    return frozen((rounded["first"] + rounded["integers"] * rounded["step"]).astype(rounded["type"]))
