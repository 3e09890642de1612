"""Why a finer grid does not reduce the error of a surface: a jump, a pole, a vertical slope, or none of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landscapes.slices.spline import Axes

ROUNDS = 9
"""How often the place of the largest miss is enlarged, by two: a jump is one still in a hundredth of a cell."""
POINTS = 5
"""Along each side of a box; the next one reaches half a cell beyond the cell in which values vary most."""
# The range of the values over a box falls as its side to the power α: 1 for a slope or a kink, ½ for the edge of a
# square root, 0 for a jump. A pole goes on to new values instead.
_JUMP, _VERTICAL, _NEW_VALUES = 0.15, 0.75, 1.5

Values = Callable[[NDArray], NDArray]


@dataclass(frozen=True)
class Roughness:
    """What was found where a spline misses most.

    Attributes:
        kind: "jump", "pole", "vertical" for a slope without bound, "edge" where values are not finite next to it,
            or "steep" where values vary less over a smaller box, so that a grid that is fine enough shows them.
        height: the range of the values over the smallest box.
        place: the middle of that box.
    """

    kind: str
    height: float
    place: tuple[float, ...]


def look_closer(values: Values, axes: Axes, missed: NDArray) -> Roughness:
    """Enlarges the place of the largest miss and follows where the values vary most.

    Args:
        values: the function at points ["P K"]; it is asked `ROUNDS` times, for 25 points each, or 5 on a line.
        axes: of the grid.
        missed: the misses at its nodes, NaN where there are none.
    """
    worst = np.unravel_index(np.nanargmax(missed), missed.shape)
    low = np.array([axis[max(i - 4, 0)] for axis, i in zip(axes, worst, strict=True)])
    high = np.array([axis[min(i + 4, len(axis) - 1)] for axis, i in zip(axes, worst, strict=True)])
    ends = low, high
    middle = (low + high) / 2
    ranges, seen = [], []
    for _ in range(ROUNDS):
        sides = [np.linspace(*side, POINTS) for side in zip(low, high, strict=True)]
        points = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1)
        found = np.asarray(values(points.reshape(-1, len(axes))), np.float64).reshape(points.shape[:-1])
        seen.append(found)
        spread = _ranges(found)
        cell = np.unravel_index(np.argmax(spread), spread.shape)
        ranges.append(spread[cell])
        corner, side = points[cell], (high - low) / (POINTS - 1)
        middle = corner + side / 2
        low, high = np.maximum(middle - side, ends[0]), np.minimum(middle + side, ends[1])
    return Roughness(_kind(np.array(ranges), seen), float(max(ranges[-1], 0)), tuple(map(float, middle)))


def _kind(ranges: NDArray, seen: list[NDArray]) -> str:
    finite = [values[np.isfinite(values)] for values in seen]
    if np.ptp(np.concatenate(finite)) > _NEW_VALUES * np.ptp(np.concatenate(finite[:3])):
        return "pole"
    exponent = 1.0  # where the values are constant, or too few are finite to tell
    if np.all(ranges > 0):
        exponent = np.log2(ranges[-5] / ranges[-1]) / 4  # over the smaller boxes: waves fill the larger ones
    if exponent < _JUMP:
        return "jump"
    if finite[0].size < seen[0].size:
        return "edge"
    return "vertical" if exponent < _VERTICAL else "steep"


def _ranges(values: NDArray) -> NDArray:
    """The range over the finite corners of each cell, −1 where fewer than two are finite."""
    corners = values[None]
    for k in range(values.ndim):
        first, last = (np.delete(corners, end, axis=k + 1) for end in (-1, 0))
        corners = np.concatenate([first, last])
    finite = np.isfinite(corners)
    high = np.max(corners, axis=0, where=finite, initial=-np.inf)
    low = np.min(corners, axis=0, where=finite, initial=np.inf)
    return np.where(finite.sum(axis=0) > 1, high - low, -1.0)
