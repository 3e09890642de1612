"""The path of a run on the host, as it grows from one compiled call to the next."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from landscapes.optimization.descent import Curves, OptimizerState


class Record:
    """Snapshots at the multiples of `stride` and curves of every step, in arrays as long as the whole run needs.

    `path` returns read-only views of rows that are final. A partial path therefore costs nothing and never
    changes. While one thread adds the next segment another one may read the path up to the `points` of an earlier
    state: the rows behind them are not written yet.

    With a directory the snapshots are memory-mapped files there, and may be larger than memory.

    Attributes:
        points: number of finite points evaluated so far; one more than the updates taken.
    """

    def __init__(self, params: PyTree, steps: int, stride: int, directory: Path | None = None):
        self.stride = stride
        self.points = 0
        self._length = steps + 1
        self._params = _empty_rows(params, steps // stride + 2, directory)
        self._terms: tuple[str, ...] = ()
        self._curves: Any = None

    def add(self, state: OptimizerState, curves: Curves, snapshots: Any) -> bool:
        """Stores the result of `descent.run_segment`. Returns whether the run goes on."""
        first, points = self.points, int(np.asarray(state.step))
        rows = np.asarray(curves.rows)
        if self._curves is None:
            self._terms, self._curves = curves.terms, np.empty((len(rows), self._length), rows.dtype)
        last = max(points, 1)  # a start that is not finite is kept, to be shown
        self._curves[:, first:last] = rows[:, : last - first]
        self._store(-(-first // self.stride), self._rows(points), np.asarray(snapshots))
        self.points = points
        return not np.asarray(state.faults).any()

    def path(self, end: np.ndarray | None = None, *, points: int | None = None) -> dict[str, Any]:
        """Steps, params, loss, gradient_norm, terms and evaluations of the first `points`, or of all so far.
        `end`, the last finite point, is appended."""
        points = self.points if points is None else points
        steps, last = np.arange(self._rows(points)) * self.stride, max(points - 1, 0)
        if end is not None and steps[-1] < last:
            self._store(len(steps), len(steps) + 1, end[None])
            steps = np.append(steps, last)
        params = jax.tree.map(lambda leaf: _frozen(leaf[: len(steps)]), self._params)
        curves = self._curves[: 3 + len(self._terms), : last + 1]
        loss, gradient_norm, *terms, gradients = map(_frozen, curves)
        return {
            "steps": _frozen(steps),
            "params": params,
            "loss": loss,
            "gradient_norm": gradient_norm,
            "terms": dict(zip(self._terms, terms, strict=True)),
            # In float64, because sums above 2²⁴ are not exact in float32.
            "evaluations": _frozen(np.cumsum([0, *gradients[:-1]], dtype=float).astype(int)),
        }

    def projected(self, points: int) -> np.ndarray:
        """What `noted_entries.projected_entries` noted at each of the first `points`, ["R T"]."""
        return _frozen(self._curves[3 + len(self._terms) :, : max(points, 1)])

    def _store(self, first: int, last: int, points: np.ndarray) -> None:
        """Writes rows `first` to `last` of the snapshots, from points that are one vector each."""
        start = 0
        for leaf in jax.tree.leaves(self._params):
            size = math.prod(leaf.shape[1:])
            leaf[first:last] = points[: last - first, start : start + size].reshape(-1, *leaf.shape[1:])
            start += size

    def _rows(self, points: int) -> int:
        """Number of final snapshots: the start and the multiples of the stride among the points evaluated."""
        return max(points - 1, 0) // self.stride + 1


def _empty_rows(params: PyTree, rows: int, directory: Path | None) -> PyTree:
    """Arrays like the parameters with a leading axis, in memory or in memory-mapped files of a directory."""
    if directory is None:
        return jax.tree.map(lambda leaf: np.empty((rows, *leaf.shape), leaf.dtype), params)
    directory.mkdir(exist_ok=True)
    leaves, structure = jax.tree.flatten(params)
    files = [
        np.lib.format.open_memmap(directory / f"{index}.npy", "w+", leaf.dtype, (rows, *leaf.shape))
        for index, leaf in enumerate(leaves)
    ]
    return jax.tree.unflatten(structure, files)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
