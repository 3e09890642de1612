"""The reason why a finer grid does not reduce the error of a surface: a jump, a pole, a vertical slope or an
edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from landscapes.slices.spline import Axes

ZOOM_STEPS = 13
"""Number of boxes around the largest deviation, each half as wide as the last: down to a thousandth of a cell."""
POINTS_PER_SIDE = 5
"""Points along each side of a box. The next box extends the cell of the largest range by half a cell."""
MAX_POLE_SEARCHES = 2
"""Places beside the largest deviation that are examined for a pole."""
# A spline across a jump overshoots, by 0.27 of the previous node at the next one. Nodes that are connected to the
# largest deviation by deviations of at least this share of it, and nodes at most this far from them, belong to it.
_BELONGING_SHARE, _BELONGING_NODES = 0.1, 3
# The range of the values over a box scales as its side to the power α: 1 for a slope or a kink, ½ at the end of a
# square root, 0 for a jump. At a pole α ≤ 0, and smaller boxes hold new values. A jump h on a slope b has the
# range h + b·side, so that h is twice the range minus that over a box twice as large.
_MAX_JUMP_EXPONENT, _MAX_VERTICAL_EXPONENT, _POLE_RANGE_FACTOR = 0.15, 0.75, 1.5
_MIN_JUMP_SHARE = 0.1  # least share of a jump in the range over the smallest boxes

Values = Callable[[NDArray], NDArray]


@dataclass(frozen=True, eq=False)
class Roughness:
    """The behavior of a function where the spline deviates most.

    Attributes:
        kind: "jump", "pole", "vertical" for an unbounded slope, "edge" if values are not finite next to it, or
            "steep" if the range decreases with the box, so that a sufficiently fine grid resolves it.
        height: of a jump, otherwise the range of the values over the smallest box.
        place: the center of that box.
        points, values: all that were evaluated, ["P K"] and ["P"].
    """

    kind: str
    height: float
    place: tuple[float, ...]
    points: NDArray[np.float64]
    values: NDArray[np.float64]

    @property
    def where(self) -> str:
        """The place in words, such as "(0.25, −0.1)"."""
        words = ", ".join(f"{x:.2g}" for x in self.place).replace("-", "−")
        return f"({words})" if len(self.place) > 1 else words


def examine_roughness(values: Values, axes: Axes, deviations: NDArray) -> Roughness:
    """Evaluates ever smaller boxes around the largest deviation, following the cell of the largest range.

    Args:
        values: the function at points ["P K"]; it is called `ZOOM_STEPS` times with 25 points, or 5 on a line.
        axes: of the grid.
        deviations: the absolute deviations of the spline at the nodes, NaN where unknown.
    """
    worst = np.unravel_index(np.nanargmax(deviations), deviations.shape)
    low = np.array([axis[max(i - 4, 0)] for axis, i in zip(axes, worst, strict=True)])
    high = np.array([axis[min(i + 4, len(axis) - 1)] for axis, i in zip(axes, worst, strict=True)])
    bounds = low, high
    middle = (low + high) / 2
    ranges, values_of_boxes, points_of_boxes = [], [], []
    for _ in range(ZOOM_STEPS):
        sides = [np.linspace(*side, POINTS_PER_SIDE) for side in zip(low, high, strict=True)]
        points = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1)
        box_values = np.asarray(values(points.reshape(-1, len(axes)))).reshape(points.shape[:-1])
        values_of_boxes.append(box_values)
        points_of_boxes.append(points.reshape(-1, len(axes)))
        spread = _ranges(box_values)
        cell = np.unravel_index(np.argmax(spread), spread.shape)
        ranges.append(spread[cell])
        corner, side = points[cell], (high - low) / (POINTS_PER_SIDE - 1)
        middle = corner + side / 2
        low, high = np.maximum(middle - side, bounds[0]), np.minimum(middle + side, bounds[1])
    kind, height = _kind(np.array(ranges), values_of_boxes)
    place = tuple(map(float, middle))
    all_values = np.concatenate([values.ravel() for values in values_of_boxes])
    return Roughness(kind, height, place, np.concatenate(points_of_boxes), all_values)


def pole_beside(values: Values, axes: Axes, deviations: NDArray, least: float) -> tuple[Roughness | None, int]:
    """The pole that a larger jump hides, or None, and the number of places examined.

    Next to the nodes of a coarse grid a small pole deviates less than a step. At most `MAX_POLE_SEARCHES` places
    are examined, where the deviation is largest away from those before. A pole within six nodes of a jump is
    missed.

    Args:
        values, axes, deviations: as in `examine_roughness`.
        least: deviations up to this one are not examined.
    """
    remaining, neighbors = np.nan_to_num(deviations), np.ones((3,) * deviations.ndim)
    for searches in range(MAX_POLE_SEARCHES):
        worst = np.unravel_index(np.argmax(remaining), remaining.shape)
        # Every other node is interpolated and deviates by 0, so that each takes the largest of its neighbors.
        is_large = ndimage.maximum_filter(remaining, size=3) >= _BELONGING_SHARE * remaining[worst]
        seed = np.zeros(remaining.shape, bool)
        seed[worst] = True
        region = ndimage.binary_propagation(seed, neighbors, is_large)
        near = ndimage.binary_dilation(region, neighbors, iterations=_BELONGING_NODES)
        remaining = np.where(near, 0, remaining)
        if not np.max(remaining) > least:
            return None, searches
        roughness = examine_roughness(values, axes, remaining)
        if roughness.kind == "pole":
            return roughness, searches + 1
    return None, MAX_POLE_SEARCHES


def _kind(ranges: NDArray, values_of_boxes: list[NDArray]) -> tuple[str, float]:
    """The kind and the height of a `Roughness`, from the largest range and the values of each box."""
    height = float(max(ranges[-1], 0))
    finite = [values[np.isfinite(values)] for values in values_of_boxes]
    exponent = 1.0  # for constant values, or too few finite ones
    if _is_pole_beside_node(values_of_boxes):
        return "pole", height
    above_rounding = np.flatnonzero(ranges > _rounding(values_of_boxes))
    ranges = ranges[
        : max(int(np.max(above_rounding, initial=0)) + 1, ZOOM_STEPS - 4)
    ]  # smaller boxes show rounding
    if np.all(ranges > 0):
        exponent = (
            np.log2(ranges[-9] / ranges[-1]) / 8
        )  # over the smaller boxes: larger ones can hold several waves
        if exponent < _MAX_JUMP_EXPONENT:
            has_new_values = _ptp(finite) > _POLE_RANGE_FACTOR * _ptp(finite[:3])
            return "pole" if has_new_values else "jump", height
        limits = 2 * ranges[-4:] - ranges[-5:-1]
        if (
            np.all(limits > _MIN_JUMP_SHARE * ranges[-4:])
            and np.log2(limits[0] / limits[-1]) / 3 < _MAX_JUMP_EXPONENT
        ):
            return "jump", float(limits[-1])
    if finite[0].size < values_of_boxes[0].size:
        return "edge", height
    return "vertical" if exponent < _MAX_VERTICAL_EXPONENT else "steep", height


def _is_pole_beside_node(values_of_boxes: list[NDArray]) -> bool:
    """Whether the values grow toward one sample that every box contains, so that its own value hides the growth.

    The sample is left out with its row and column. Next to a jump the others then keep their range; next to a pole
    that is closer to a node than the smallest box is wide, smaller boxes hold new values.
    """
    others = []
    for values in values_of_boxes:
        finite = np.isfinite(values)
        if not finite.any():
            return False
        with np.errstate(over="ignore", invalid="ignore"):
            distances = np.abs(values - np.median(values[finite]))
        extreme = np.unravel_index(np.argmax(np.where(finite, distances, -1)), values.shape)
        rest = values[np.ix_(*(np.arange(len(values)) != index for index in extreme))]
        others.append(rest[np.isfinite(rest)])
    if not all(rest.size for rest in others):
        return False
    ranges = np.array([_ptp([rest]) for rest in others])
    if not np.all(ranges > [_rounding([rest]) for rest in others]):
        return False
    exponent = np.log2(ranges[-9] / ranges[-1]) / 8
    return bool(exponent < _MAX_JUMP_EXPONENT and _ptp(others) > _POLE_RANGE_FACTOR * _ptp(others[:3]))


def _ptp(parts: list[NDArray]) -> float:
    return float(np.ptp(np.concatenate(parts).astype(np.float64)))


def _rounding(values_of_boxes: list[NDArray]) -> float:
    """64ε·max|L|: below this range the values of a smooth function vary as much by rounding as by slope."""
    largest = max(float(np.max(np.abs(v), where=np.isfinite(v), initial=0.0)) for v in values_of_boxes)
    return 64 * float(np.finfo(values_of_boxes[0].dtype).eps) * largest


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
