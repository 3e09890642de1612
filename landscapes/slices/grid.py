"""The nodes of a grid over a line or a plane, and checks of axes and extents."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscapes.arguments import check_arguments, describe_value

MAX_POINTS = 2**18
"""The largest grid: four times the finest that a refinement makes."""

Extent = float | int | Sequence[Sequence[float | int]]
"""A half-width around the origin, or (low, high) along each direction."""


@check_arguments
def nodes(low: float, high: float, count: int) -> NDArray[np.float64]:
    """`count` evenly spaced coordinates from low to high.

    The first and the last node are low and high themselves. For an odd count the middle node is exact, so it is 0
    if low = −high. The nodes of n = 2ᵏ + 1 are among those of 2n − 1 bit for bit, because halves of a dyadic step
    are exact.

    Raises:
        ValueError: if the count is not positive, or low is not below high.
    """
    if count < 1:
        raise ValueError(f"count = {count} makes no axis; give a positive number")
    if not (math.isfinite(low) and math.isfinite(high) and (low < high or count == 1)):
        raise ValueError(f"nodes from {low} to {high} make no axis; give finite numbers, the lower one first")
    steps = np.arange(1 - count, count, 2) / max(count - 1, 1)
    coordinates = (low + high) / 2 + (high - low) / 2 * steps
    if count > 1:
        # Rounding would leave (0.1, 0.3) by 1e-17, and a spline has no value outside its axis.
        coordinates[[0, -1]] = low, high
    return coordinates


def coarse_to_fine(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every cell once: first three per axis, then repeatedly those halfway between, in rows of alternating
    direction."""
    longest = max(shape) - 1
    stride = 1
    while 2 * stride <= longest / 2:
        stride *= 2
    done = np.zeros(shape, bool)
    while stride >= 1:
        axes = [sorted({*range(0, count, stride), count - 1}) for count in shape]
        for row, i in enumerate(axes[0]):
            row_cells = list(product(*axes[1:]))
            for indices in row_cells if row % 2 == 0 else row_cells[::-1]:
                cell = (i, *indices)
                if not done[cell]:
                    done[cell] = True
                    yield cell
        stride //= 2


def check_axes(axes: Sequence[Any], dim: int) -> tuple[NDArray[np.float64], ...]:
    """The axes as new float64 arrays.

    Raises:
        ValueError: unless there is one axis per direction, finite and increasing, with few enough nodes.
    """
    if len(axes) != dim:
        raise ValueError(f"{len(axes)} axes were given for {dim} direction(s); give one array for each")
    arrays = tuple(
        _numbers(axis, "an axis must be an array of numbers, such as np.linspace(-1, 1, 51)") for axis in axes
    )
    for axis in arrays:
        if axis.ndim != 1 or axis.size == 0:
            raise ValueError("an axis must be a one-dimensional array of at least one coordinate")
        if not np.all(np.isfinite(axis)):
            raise ValueError("an axis has a coordinate that is not finite; leave it out")
        if np.any(np.diff(axis) <= 0):
            raise ValueError("the coordinates of an axis must increase; sort them and remove duplicates")
    check_size(tuple(map(len, arrays)))
    return arrays


def check_size(shape: tuple[int, ...]) -> None:
    """Checks the size of a grid.

    Raises:
        ValueError: if a grid of this shape has more than `MAX_POINTS` nodes.
    """
    if math.prod(shape) > MAX_POINTS:
        largest = math.floor(MAX_POINTS ** (1 / len(shape)) + 1e-9)
        raise ValueError(
            f"a grid of {' × '.join(map(str, shape))} has more than {MAX_POINTS:,} points; "
            f"use at most {' × '.join([str(largest)] * len(shape))}"
        )


def grid_of_values(axes: Sequence[Any], values: Any) -> tuple[tuple[NDArray[np.float64], ...], NDArray]:
    """The axes and the values at their nodes as new arrays; values[i, j] is at (axes[0][i], axes[1][j]).

    An axis that decreases is reversed together with the values. Float32 and float64 keep their precision; other
    numbers become float64.

    Raises:
        ValueError: if the values are not real numbers or do not fit the axes, or an axis is neither increasing nor
            decreasing.
    """
    try:
        grid = np.array(values)
        if grid.dtype.kind not in "fiub":
            raise TypeError
        grid = grid if grid.dtype in (np.float32, np.float64) else grid.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"z = {describe_value(values)} is not valid; give an array of real numbers") from None
    arrays = [
        _numbers(axis, f"{name} must be an array of numbers, the coordinates along that axis")
        for name, axis in zip("xy", axes, strict=False)
    ]
    for k, (name, axis) in enumerate(zip("xy", arrays, strict=False)):
        if axis.ndim != 1 or axis.size < 2:
            raise ValueError(
                f"{name} has shape {axis.shape}; give the coordinates along one axis, at least 2 in one dimension"
            )
        if axis[0] > axis[-1] and grid.ndim == len(arrays):
            arrays[k], grid = axis[::-1], np.flip(grid, k)
    shape = tuple(map(len, arrays))
    if grid.shape != shape:
        transposed = " give z.T, because" if grid.shape == shape[::-1] else " give"
        places = "z[i, j] at (x[i], y[j])" if len(shape) == 2 else "z[i] at x[i]"
        raise ValueError(f"z has shape {grid.shape} and the axes have {shape};{transposed} {places}")
    return check_axes(arrays, len(arrays)), grid


def check_extent(extent: Extent, dim: int) -> tuple[tuple[float, float], ...]:
    """(low, high) along each direction.

    Raises:
        ValueError: unless the half-width is finite and positive, or there is one (low, high) per direction,
            finite, with low below high.
    """
    bounds = _numbers(extent, "the extent must be a half-width, or (low, high) for each direction")
    if bounds.ndim == 0:
        half = float(bounds)
        if not (half > 0 and math.isfinite(half)):
            raise ValueError(f"the extent {half} shows nothing; give a finite half-width above 0")
        return ((-half, half),) * dim
    if bounds.shape != (dim, 2):
        raise ValueError(f"the extent {extent} does not fit {dim} direction(s); give (low, high) for each")
    for low, high in bounds:
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"the extent ({low}, {high}) is empty; give finite bounds with low below high")
    return tuple((float(low), float(high)) for low, high in bounds)


def _numbers(value: Any, remedy: str) -> NDArray[np.float64]:
    """The value as a float64 array; raises `ValueError` with this remedy if it is not numeric."""
    try:
        array = np.array(value)
        if array.dtype.kind in "cUSmM":  # complex numbers, text and dates
            raise TypeError
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(remedy) from None
