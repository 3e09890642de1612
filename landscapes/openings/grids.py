"""Grids of a smooth function, written so that they compress well.

Neighboring values of a smooth grid differ little, also as integers. Differences of these along every axis are
small, and their high bytes are zero. The integers are multiples of a step, or the bits of the values, which keep
all of them.
"""

from __future__ import annotations

import math

import numpy as np

from landscapes.immutable import frozen

LEVELS = 2**16  # between the smallest and the largest value of a rounded grid, at least


def rounding_step(grid: np.ndarray, error: float) -> float:
    """The power of two to multiples of which a grid is rounded, or 0 to keep every bit.

    The step is at most 2⁻¹⁶ of the range of the values and at most half of their stated error, so that rounding
    moves a value by less than a picture can show and by at most a quarter of that error. A grid with values that
    are not finite keeps its bits.

    Args:
        error: of the grid, in the units of its values. Infinite where it is unknown.
    """
    if not np.isfinite(grid).all():
        return 0.0
    largest = min(error / 2, float(np.ptp(grid)) / LEVELS)
    smallest = float(np.finfo(grid.dtype).eps * np.max(np.abs(grid), initial=0))  # the values have no finer steps
    return 2.0 ** math.floor(math.log2(largest)) if largest > smallest else 0.0


def pack(grid: np.ndarray, step: float = 0.0) -> np.ndarray:
    """The differences along every axis of the multiples of `step`, or of the bits, as uint8 [byte, …].

    A difference d becomes 2d, or −2d − 1 if it is negative, so that small ones have high bytes of zero, which are
    left out.
    """
    if step:
        integers = np.rint(grid.astype(float) / step).astype(np.int64)
    else:
        integers = np.ascontiguousarray(grid).view(f"<i{grid.dtype.itemsize}")
    for axis in range(integers.ndim):
        integers = np.diff(integers, axis=axis, prepend=np.zeros_like(integers.take([0], axis)))
    bits = 8 * integers.itemsize
    unsigned = ((integers << 1) ^ (integers >> (bits - 1))).view(f"<u{integers.itemsize}")
    used = max(1, -(-int(np.max(unsigned, initial=0)).bit_length() // 8))
    shifts = 8 * np.arange(used, dtype=unsigned.dtype).reshape(-1, *(1 for _ in grid.shape))
    return ((unsigned[None] >> shifts) & np.asarray(255, unsigned.dtype)).astype(np.uint8)


def unpack(packed: np.ndarray, kind: str, step: float = 0.0) -> np.ndarray:
    """The grid of this dtype that `pack` wrote, read-only. A rounded one holds the nearest multiples of `step`."""
    width = 8 if step else np.dtype(kind).itemsize
    unsigned = np.zeros(packed.shape[1:], f"<u{width}")
    for k, part in enumerate(packed):
        unsigned |= part.astype(unsigned.dtype) << np.asarray(8 * k, unsigned.dtype)
    integers = (unsigned >> 1).view(f"<i{width}") ^ -(unsigned & 1).view(f"<i{width}")
    for axis in range(integers.ndim):
        integers = np.cumsum(integers, axis=axis, dtype=integers.dtype)
    return frozen((integers * step).astype(kind) if step else integers.view(kind))
