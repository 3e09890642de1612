"""Why a finer grid does not reduce the error of a surface: a jump, a pole, a vertical slope, or none of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landscapes.slices.spline import Axes

ROUNDS = 13
"""How often the place of the largest miss is enlarged, by two: a jump is one still in a thousandth of a cell."""
POINTS = 5
"""Along each side of a box; the next one reaches half a cell beyond the cell in which values vary most."""
# The range of the values over a box falls as its side to the power α: 1 for a slope or a kink, ½ for the edge of a
# square root, 0 for a jump. At a pole α is 0 or less, and
# the values go on to new ones. A jump beside a slope has the range
# h + b·side, of which twice the range less that over a box twice as large is h.
_JUMP, _VERTICAL, _NEW_VALUES = 0.15, 0.75, 1.5
_JUMP_SHARE = 0.1  # of the range over the smallest boxes, which a jump is at least

Values = Callable[[NDArray], NDArray]


@dataclass(frozen=True, eq=False)
class Roughness:
    """What was found where a spline misses most.

    Attributes:
        kind: "jump", "pole", "vertical" for a slope without bound, "edge" where values are not finite next to it,
            or "steep" where values vary less over a smaller box, so that a grid that is fine enough shows them.
        height: of a jump, otherwise the range of the values over the smallest box.
        place: the middle of that box.
        points, values: all that were asked for, ["P K"] and ["P"].
    """

    kind: str
    height: float
    place: tuple[float, ...]
    points: NDArray[np.float64]
    values: NDArray[np.float64]


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
    ranges, seen, asked = [], [], []
    for _ in range(ROUNDS):
        sides = [np.linspace(*side, POINTS) for side in zip(low, high, strict=True)]
        points = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1)
        found = np.asarray(values(points.reshape(-1, len(axes)))).reshape(points.shape[:-1])
        seen.append(found)
        asked.append(points.reshape(-1, len(axes)))
        spread = _ranges(found)
        cell = np.unravel_index(np.argmax(spread), spread.shape)
        ranges.append(spread[cell])
        corner, side = points[cell], (high - low) / (POINTS - 1)
        middle = corner + side / 2
        low, high = np.maximum(middle - side, ends[0]), np.minimum(middle + side, ends[1])
    kind, height = _kind(np.array(ranges), seen)
    place = tuple(map(float, middle))
    return Roughness(kind, height, place, np.concatenate(asked), np.concatenate([s.ravel() for s in seen]))


def _kind(ranges: NDArray, seen: list[NDArray]) -> tuple[str, float]:
    height = float(max(ranges[-1], 0))
    finite = [values[np.isfinite(values)] for values in seen]
    exponent = 1.0  # where the values are constant, or too few are finite to tell
    beyond = np.flatnonzero(ranges > _rounding(seen))
    ranges = ranges[: max(int(np.max(beyond, initial=0)) + 1, ROUNDS - 4)]  # smaller boxes would show rounding
    if np.all(ranges > 0):
        exponent = np.log2(ranges[-9] / ranges[-1]) / 8  # over the smaller boxes: waves fill the larger ones
        if exponent < _JUMP:
            goes_on = np.ptp(np.concatenate(finite)) > _NEW_VALUES * np.ptp(np.concatenate(finite[:3]))
            return "pole" if goes_on else "jump", height
        limits = 2 * ranges[-4:] - ranges[-5:-1]
        if np.all(limits > _JUMP_SHARE * ranges[-4:]) and np.log2(limits[0] / limits[-1]) / 3 < _JUMP:
            return "jump", float(limits[-1])
    if finite[0].size < seen[0].size:
        return "edge", height
    return "vertical" if exponent < _VERTICAL else "steep", height


def _rounding(seen: list[NDArray]) -> float:
    """64ε·max|L|: below it the values of a smooth function vary by rounding as much as by slope."""
    largest = max(float(np.max(np.abs(v), where=np.isfinite(v), initial=0.0)) for v in seen)
    return 64 * float(np.finfo(seen[0].dtype).eps) * largest


def _ranges(values: NDArray) -> NDArray:
    """The range over the finite corners of each cell, −1 where fewer than two are finite."""
    corners = values[None].astype(np.float64)
    for k in range(values.ndim):
        first, last = (np.delete(corners, end, axis=k + 1) for end in (-1, 0))
        corners = np.concatenate([first, last])
    finite = np.isfinite(corners)
    high = np.max(corners, axis=0, where=finite, initial=-np.inf)
    low = np.min(corners, axis=0, where=finite, initial=np.inf)
    return np.where(finite.sum(axis=0) > 1, high - low, -1.0)
