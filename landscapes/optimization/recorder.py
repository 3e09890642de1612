"""The record of a run: the growing path on the host, as compiled segments hand it over."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from landscapes.optimization.descent import Curves, Walk


class Record:
    """Snapshots at the multiples of `stride` and curves of every step, in arrays as large as the whole run needs.

    What it hands out are read-only views of rows already final, so that a partial path costs nothing and never
    changes.

    Attributes:
        seen: points looked at and found finite; the updates taken are one fewer.
    """

    def __init__(self, params: PyTree, steps: int, stride: int):
        self.stride = stride
        self.seen = 0
        self._length = steps + 1
        self._params = jax.tree.map(lambda p: np.empty((steps // stride + 2, *p.shape), p.dtype), params)
        self._terms: tuple[str, ...] = ()
        self._curves: Any = None

    def add(self, walk: Walk, curves: Curves, snapshots: Any) -> bool:
        """Takes in what `descent.segment` returned. True if the run goes on, False if it is over early."""
        first, self.seen = self.seen, int(np.asarray(walk.step))
        rows = np.asarray(curves.rows)
        if self._curves is None:
            self._terms, self._curves = curves.terms, np.empty((len(rows), self._length), rows.dtype)
        last = max(self.seen, 1)  # a start that is not finite is kept, as the evidence
        self._curves[:, first:last] = rows[:, : last - first]
        self._keep(-(-first // self.stride), self._rows, np.asarray(snapshots))
        return not np.asarray(walk.faults).any()

    def path(self, end: np.ndarray | None = None) -> dict[str, Any]:
        """Steps, params, loss, gradient_norm and terms so far; `end`, the last finite point, closes it."""
        steps, last = np.arange(self._rows) * self.stride, max(self.seen - 1, 0)
        if end is not None and steps[-1] < last:
            self._keep(len(steps), len(steps) + 1, end[None])
            steps = np.append(steps, last)
        params = jax.tree.map(lambda whole: _frozen(whole[: len(steps)]), self._params)
        loss, gradient_norm, *terms = (_frozen(row[: last + 1]) for row in self._curves)
        return {
            "steps": _frozen(steps),
            "params": params,
            "loss": loss,
            "gradient_norm": gradient_norm,
            "terms": dict(zip(self._terms, terms, strict=True)),
        }

    def _keep(self, first: int, last: int, points: np.ndarray) -> None:
        """Rows `first` to `last` of the snapshots, from points that are one vector each."""
        start = 0
        for whole in jax.tree.leaves(self._params):
            size = math.prod(whole.shape[1:])
            whole[first:last] = points[: last - first, start : start + size].reshape(-1, *whole.shape[1:])
            start += size

    @property
    def _rows(self) -> int:
        """How many snapshots are final: the multiples of the stride among the steps seen, and the start."""
        return max(self.seen - 1, 0) // self.stride + 1


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
