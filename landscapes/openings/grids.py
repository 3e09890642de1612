"""Grids of a smooth function, written so that they compress well. Every bit is kept.

Neighboring values of a smooth grid differ little, also as the integers of their bits. Differences of these along
every axis are small, and their high bytes are nearly constant.
"""

from __future__ import annotations

import numpy as np

from landscapes.immutable import frozen


def pack(grid: np.ndarray) -> np.ndarray:
    """The differences along every axis of the bits of a grid, as uint8, indexed [byte, …]."""
    bits = np.ascontiguousarray(grid).view(f"<u{grid.dtype.itemsize}")
    for axis in range(bits.ndim):
        bits = np.diff(bits, axis=axis, prepend=np.zeros_like(bits.take([0], axis)))
    shifts = 8 * np.arange(grid.dtype.itemsize, dtype=bits.dtype).reshape(-1, *(1 for _ in grid.shape))
    return ((bits[None] >> shifts) & np.asarray(255, bits.dtype)).astype(np.uint8)


def unpack(packed: np.ndarray, kind: str) -> np.ndarray:
    """The grid of this dtype that `pack` wrote, read-only."""
    dtype = np.dtype(f"<u{len(packed)}")
    bits = np.zeros(packed.shape[1:], dtype)
    for k, part in enumerate(packed):
        bits |= part.astype(dtype) << np.asarray(8 * k, dtype)
    for axis in range(bits.ndim):
        bits = np.cumsum(bits, axis=axis, dtype=dtype)
    return frozen(bits.view(kind))
