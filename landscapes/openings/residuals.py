"""Arrays as integers that are small where a prediction is good, so that they compress well, and back.

Every number keeps every bit. Floating-point numbers become integers in the same order: those of their bits. A
prediction of each integer from others that are known is subtracted. `METHODS` are the predictions; `encode` takes
the one with the smallest residuals.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

MAX_EXACT = 2**52  # integers up to this size are exact as float64
# Weights of the 2, 4 or 6 nodes around the middle between two nodes, in their order: Lagrange's interpolation.
CENTERED = {2: (0.5, 0.5), 4: (-0.0625, 0.5625, 0.5625, -0.0625),
            6: (3 / 256, -25 / 256, 150 / 256, 150 / 256, -25 / 256, 3 / 256)}  # fmt: skip
AT_THE_EDGE = (0.3125, 0.9375, -0.3125, 0.0625)  # of the first four nodes, in the middle of the first two


class Method(NamedTuple):
    """A prediction: what is left of an array of integers, in one row, and the array of a shape from this."""

    subtract: Callable[[np.ndarray], np.ndarray]
    add: Callable[[np.ndarray, tuple[int, ...]], np.ndarray]


def encode(integers: np.ndarray) -> tuple[str, np.ndarray]:
    """The name of the method with the smallest residuals, and these in one row."""
    results = {name: method.subtract(integers) for name, method in METHODS.items() if _fits(name, integers)}
    name = min(results, key=lambda each: _bits(results[each]))
    return name, results[name]


def decode(name: str, residuals: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The integers that `encode` had."""
    return METHODS[name].add(residuals, shape)


def to_integers(array: np.ndarray) -> np.ndarray:
    """Numbers of at most 64 bits as int64. Those of floating-point numbers are in the order of the numbers."""
    if array.dtype.kind in "iub":
        return array.astype(np.int64)
    bits = np.ascontiguousarray(array).view(f"<i{array.dtype.itemsize}").astype(np.int64).reshape(array.shape)
    return np.where(bits < 0, ~bits ^ _sign(array.dtype), bits)


def from_integers(integers: np.ndarray, dtype: str) -> np.ndarray:
    """The numbers of this type that `to_integers` had."""
    kind = np.dtype(dtype)
    if kind.kind in "iub":
        return integers.astype(kind)
    bits = np.where(integers < 0, ~(integers ^ _sign(kind)), integers)
    return bits.astype(f"<i{kind.itemsize}").view(kind).reshape(integers.shape)


def to_bytes(residuals: np.ndarray) -> tuple[int, bytes]:
    """How many bytes the largest residual needs, and these bytes: all lowest ones, then all next ones.

    A residual d becomes 2d, or −2d − 1 if it is negative, so that small ones have high bytes of zero.
    """
    unsigned = ((residuals << 1) ^ (residuals >> 63)).view(np.uint64)
    used = -(-int(np.max(unsigned, initial=0)).bit_length() // 8)
    parts = unsigned.astype("<u8").view(np.uint8).reshape(-1, 8).T[:used]
    return used, np.ascontiguousarray(parts).tobytes()


def from_bytes(data: memoryview, used: int, count: int) -> np.ndarray:
    """The residuals that `to_bytes` had."""
    parts = np.zeros((count, 8), np.uint8)
    parts[:, :used] = np.frombuffer(data, np.uint8).reshape(used, count).T
    unsigned = parts.view("<u8").ravel().astype(np.uint64)
    return (unsigned >> np.uint64(1)).view(np.int64) ^ -(unsigned & np.uint64(1)).view(np.int64)


def _sign(dtype: np.dtype) -> np.int64:
    """The bit of the sign, extended to 64 bits."""
    return np.int64(-(2 ** (8 * dtype.itemsize - 1)))


def _bits(residuals: np.ndarray) -> float:
    return float(np.sum(np.log2(1.0 + 2.0 * np.abs(residuals.astype(float)))))


def _fits(name: str, integers: np.ndarray) -> bool:
    """Whether the numbers are exact in the prediction, and there are enough of them."""
    if name == "between" and integers.ndim and min(integers.shape) > 2:
        return -MAX_EXACT < int(np.min(integers)) <= int(np.max(integers)) < MAX_EXACT
    return name == "0" or (name != "between" and integers.ndim > 0)


def _differences(order: int, *, every_axis: bool = False) -> Method:
    """Differences along the first axis, or along every axis."""

    def subtract(integers: np.ndarray) -> np.ndarray:
        for axis in range(integers.ndim if every_axis else 1):
            for _ in range(order):
                integers = np.diff(integers, axis=axis, prepend=0)
        return integers.ravel()

    def add(residuals: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        integers = residuals.reshape(shape)
        for axis in range(integers.ndim if every_axis else 1):
            for _ in range(order):
                integers = np.cumsum(integers, axis=axis, dtype=np.int64)
        return integers

    return Method(subtract, add)


def _halvings(shape: tuple[int, ...]) -> tuple[int, list[int]]:
    """The stride of the coarsest nodes of a grid, and the strides between which new nodes are predicted."""
    stride = math.gcd(*(count - 1 for count in shape))
    stride &= -stride  # the largest power of two that divides it
    return stride, [stride >> k for k in range(stride.bit_length() - 1)]


def _blocks(stride: int, dim: int) -> Iterator[tuple[tuple[slice, ...], list[tuple[int, tuple[slice, ...]]]]]:
    """The nodes that come between those of a stride: for each axis along which they do, the nodes around them."""
    half = stride // 2
    known, new = slice(None, None, stride), slice(half, None, stride)
    for odd in sorted(itertools.product((False, True), repeat=dim), key=sum):
        block = tuple(new if each else known for each in odd)
        yield (
            block,
            [(axis, (*block[:axis], known, *block[axis + 1 :])) for axis, is_new in enumerate(odd) if is_new],
        )


def _predicted(grid: np.ndarray, sources: list[tuple[int, tuple[slice, ...]]]) -> np.ndarray:
    """The mean of the interpolations along each axis, to an integer."""
    rows = [np.moveaxis(_midpoints(np.moveaxis(grid[at], axis, 0)), 0, axis) for axis, at in sources]
    return np.rint(sum(rows[1:], rows[0]) / len(rows)).astype(np.int64)


def _midpoints(nodes: np.ndarray) -> np.ndarray:
    """Between neighbors along the first axis, from up to six nodes."""
    values, count = nodes.astype(float), len(nodes)

    def mean(weights: tuple[float, ...]) -> np.ndarray:
        rows = [weight * values[k : count - len(weights) + 1 + k] for k, weight in enumerate(weights)]
        return sum(rows[1:], rows[0])

    result = mean(CENTERED[2])
    if count >= 4:
        result[1:-1] = mean(CENTERED[4])
        for at, ends in ((0, values[:4]), (-1, values[:-5:-1])):
            result[at] = sum(weight * row for weight, row in zip(AT_THE_EDGE, ends, strict=True))
    if count >= 6:
        result[2:-2] = mean(CENTERED[6])
    return result


def _subtract_between(integers: np.ndarray) -> np.ndarray:
    stride, strides = _halvings(integers.shape)
    coarsest = (slice(None, None, stride),) * integers.ndim
    parts = [FIRST.subtract(integers[coarsest])]
    for each in strides:
        for block, sources in _blocks(each, integers.ndim):
            if sources:
                parts.append((integers[block] - _predicted(integers, sources)).ravel())
    return np.concatenate(parts)


def _add_between(residuals: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    grid = np.zeros(shape, np.int64)
    stride, strides = _halvings(shape)
    taken = 0

    def take(view: np.ndarray) -> np.ndarray:
        nonlocal taken
        taken += view.size
        return residuals[taken - view.size : taken]

    coarsest = grid[(slice(None, None, stride),) * len(shape)]
    coarsest[...] = FIRST.add(take(coarsest), coarsest.shape)
    for each in strides:
        for block, sources in _blocks(each, len(shape)):
            if sources:
                view = grid[block]
                view[...] = take(view).reshape(view.shape) + _predicted(grid, sources)
    return grid


FIRST = _differences(1, every_axis=True)
METHODS: dict[str, Method] = {
    "0": _differences(0),
    "1": _differences(1),
    "2": _differences(2),
    "3": _differences(3),
    "all": FIRST,
    "between": Method(_subtract_between, _add_between),
}
