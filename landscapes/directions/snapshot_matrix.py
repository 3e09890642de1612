"""The snapshots of paths as the rows of a matrix that need not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import jax
import numpy as np
from jaxtyping import Float, PyTree

from landscapes.optimization.checkpoints import Snapshots
from landscapes.optimization.trajectory import Trajectory

MAX_BLOCK_BYTES = 2**28
"""Bytes of the snapshots in a block of rows. Two blocks are held at a time."""
CHUNK_ENTRIES = 2**22
"""Entries of a block that are held in float64 at a time."""


@dataclass(frozen=True, eq=False)
class SnapshotMatrix:
    """X["S n"], the flattened snapshots of all paths relative to an origin, less their part along one direction.

    Rows are read in blocks, and each product reads all of them; XXᵀ reads the later blocks again for each block.

    Attributes:
        paths: the snapshots of each path.
        origin: what is subtracted from each row.
        components, direction: what is subtracted besides, components ⊗ direction; None where nothing is.
    """

    paths: tuple[Snapshots, ...]
    origin: Float[np.ndarray, "n"]
    components: Float[np.ndarray, "S"] | None = None
    direction: Float[np.ndarray, "n"] | None = None

    @classmethod
    def about_mean(cls, paths: Sequence[Trajectory], params: PyTree) -> SnapshotMatrix:
        """The snapshots relative to their mean."""
        matrix = cls.about(paths, params, np.zeros(sum(np.size(leaf) for leaf in jax.tree.leaves(params))))
        count = len(matrix)
        return replace(matrix, origin=matrix.combined(np.full((1, count), 1 / count))[0])

    @classmethod
    def about(cls, paths: Sequence[Trajectory], params: PyTree, origin: np.ndarray) -> SnapshotMatrix:
        return cls(tuple(path.snapshots(params) for path in paths), origin)

    def without(self, components: np.ndarray, direction: np.ndarray) -> SnapshotMatrix:
        """The same rows less components ⊗ direction."""
        return replace(self, components=components, direction=direction)

    def __len__(self) -> int:
        return sum(map(len, self.paths))

    def products(self, vectors: Float[np.ndarray, "n K"]) -> Float[np.ndarray, "S K"]:
        """X · vectors."""
        result = np.zeros((len(self), vectors.shape[1]))
        for start, block in self._blocks():
            for columns in self._chunks(len(block)):
                rows = slice(start, start + len(block))
                result[rows] += self._relative(block, start, columns) @ vectors[columns]
        return result

    def combined(self, coefficients: Float[np.ndarray, "K S"]) -> Float[np.ndarray, "K n"]:
        """coefficients · X."""
        result = np.zeros((len(coefficients), len(self.origin)))
        for start, block in self._blocks():
            for columns in self._chunks(len(block)):
                part = coefficients[:, start : start + len(block)]
                result[:, columns] += part @ self._relative(block, start, columns)
        return result

    def gram(self) -> Float[np.ndarray, "S S"]:
        """XXᵀ."""
        result = np.zeros((len(self), len(self)))
        for first, block in self._blocks():
            rows = slice(first, first + len(block))
            for columns in self._chunks(len(block)):
                left = self._relative(block, first, columns)
                result[rows, rows] += left @ left.T
            for second, other in self._blocks(rows.stop):
                other_rows = slice(second, second + len(other))
                for columns in self._chunks(max(len(block), len(other))):
                    left, right = self._relative(block, first, columns), self._relative(other, second, columns)
                    result[rows, other_rows] += left @ right.T
                result[other_rows, rows] = result[rows, other_rows].T
        return result

    def sum_of_squares(self) -> float:
        """‖X‖²."""
        return sum(
            float(np.sum(np.square(self._relative(block, start, columns))))
            for start, block in self._blocks()
            for columns in self._chunks(len(block))
        )

    def _blocks(self, first: int = 0) -> Iterator[tuple[int, np.ndarray]]:
        """Blocks of rows in the precision of the snapshots, each with the number of its first row, from that row
        on."""
        count = len(self)
        dtype = np.result_type(*(np.asarray(leaf).dtype for leaf in jax.tree.leaves(self.paths[0].like)))
        size = max(1, MAX_BLOCK_BYTES // (len(self.origin) * dtype.itemsize))
        for start in range(first, count, size):
            block = np.empty((min(size, count - start), len(self.origin)), dtype)
            path_start = 0
            for path in self.paths:
                low, high = max(start, path_start), min(start + len(block), path_start + len(path))
                if low < high:
                    path.write_flat(low - path_start, block[low - start : high - start])
                path_start += len(path)
            yield start, block

    def _chunks(self, rows: int) -> Iterator[slice]:
        size = max(1, CHUNK_ENTRIES // rows)
        for start in range(0, len(self.origin), size):
            yield slice(start, min(start + size, len(self.origin)))

    def _relative(self, block: np.ndarray, start: int, columns: slice) -> np.ndarray:
        rows = block[:, columns].astype(np.float64)
        rows -= self.origin[columns]
        if self.direction is not None and self.components is not None:
            rows -= np.outer(self.components[start : start + len(block)], self.direction[columns])
        return rows
