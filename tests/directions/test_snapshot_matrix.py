"""The matrix of snapshots: every product equals NumPy's, whatever the blocks."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import Trajectory
from landscapes.directions import snapshot_matrix
from landscapes.directions.snapshot_matrix import SnapshotMatrix
from landscapes.optimization.checkpoints import Checkpoints

# Two paths, of 5 and 3 snapshots, through 3 + 4 parameters.
LIKE = {"a": np.zeros(3), "b": np.zeros((2, 2))}
RANDOM = np.random.default_rng(2)
ROWS = RANDOM.normal(size=(8, 7)) + 3


def path_of(rows):
    return Trajectory.of([{"a": row[:3], "b": row[3:].reshape(2, 2)} for row in rows])


PATHS = [path_of(ROWS[:5]), path_of(ROWS[5:])]


BLOCKS = {"single rows": (1, 10**6), "odd blocks": (3, 5), "one block": (100, 10**6)}


@pytest.fixture(params=BLOCKS.values(), ids=list(BLOCKS), autouse=True)
def blocks(request, monkeypatch):
    rows, entries = request.param
    monkeypatch.setattr(snapshot_matrix, "MAX_BLOCK_BYTES", rows * 7 * 8)
    monkeypatch.setattr(snapshot_matrix, "CHUNK_ENTRIES", entries)
    return rows


def test_products_equal_those_of_the_whole_matrix():
    matrix = SnapshotMatrix.about_mean(PATHS, LIKE)
    centred = ROWS - ROWS.mean(axis=0)
    assert len(matrix) == 8
    np.testing.assert_allclose(matrix.origin, ROWS.mean(axis=0), rtol=1e-13)
    vectors, coefficients = RANDOM.normal(size=(7, 2)), RANDOM.normal(size=(3, 8))
    np.testing.assert_allclose(matrix.gram(), centred @ centred.T, atol=1e-12)
    np.testing.assert_allclose(matrix.products(vectors), centred @ vectors, atol=1e-12)
    np.testing.assert_allclose(matrix.combined(coefficients), coefficients @ centred, atol=1e-12)
    np.testing.assert_allclose(matrix.sum_of_squares(), np.sum(centred**2), rtol=1e-12)


def test_rows_without_a_direction_are_orthogonal_to_it():
    direction = RANDOM.normal(size=7)
    direction /= np.linalg.norm(direction)
    matrix = SnapshotMatrix.about(PATHS, LIKE, ROWS[2])
    components = matrix.products(direction[:, None])[:, 0]
    residuals = matrix.without(components, direction)
    np.testing.assert_allclose(residuals.products(direction[:, None]), 0, atol=1e-12)
    expected = ROWS - ROWS[2] - np.outer(components, direction)
    np.testing.assert_allclose(residuals.gram(), expected @ expected.T, atol=1e-12)


def test_gram_matrix_reads_each_pair_of_blocks_once(blocks):
    reads = []

    def counted(path):
        checkpoints = path.params
        assert isinstance(checkpoints, Checkpoints)

        def read(index):
            reads.append(index)
            return checkpoints.read(index)

        return replace(path, params=Checkpoints(checkpoints.names, read))

    SnapshotMatrix.about([counted(path) for path in PATHS], LIKE, np.zeros(7)).gram()
    assert len(reads) == 8 + sum(max(0, 8 - start) for start in range(blocks, 8, blocks))
