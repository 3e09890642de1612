"""Products with the snapshots of paths are those of one matrix, however it is read."""

import numpy as np
import pytest

from landscapes.directions import snapshot_matrix
from landscapes.directions.snapshot_matrix import SnapshotMatrix
from landscapes.optimization.trajectory import descend
from tests.bowl import bowl


@pytest.mark.parametrize(("rows", "columns"), [(100, 100), (3, 1), (2, 2)])
def test_blocks_and_chunks_do_not_change_products(monkeypatch, rows, columns):
    problem = bowl()
    paths = [descend(problem, ("sgd", {"learning_rate": rate}), steps) for rate, steps in ((0.01, 4), (0.002, 2))]
    monkeypatch.setattr(snapshot_matrix, "MAX_BLOCK_BYTES", rows * 2 * 8)
    monkeypatch.setattr(snapshot_matrix, "CHUNK_ENTRIES", columns)
    whole = np.concatenate([path.params for path in paths])
    matrix = SnapshotMatrix.about_mean(paths, problem.params)
    centered = whole - whole.mean(axis=0)
    assert len(matrix) == len(whole) == 8
    vectors, coefficients = np.array([[1.0, 2.0, -1.0], [0.5, -3.0, 4.0]]), np.arange(16.0).reshape(2, 8)
    np.testing.assert_allclose(matrix.products(vectors), centered @ vectors, atol=1e-12)
    np.testing.assert_allclose(matrix.combined(coefficients), coefficients @ centered, atol=1e-12)
    np.testing.assert_allclose(matrix.gram(), centered @ centered.T, atol=1e-12)
    assert matrix.sum_of_squares() == pytest.approx(np.sum(centered**2))
    direction = np.array([0.6, 0.8])
    rest = matrix.without(centered @ direction, direction)
    np.testing.assert_allclose(rest.products(direction[:, None]), 0, atol=1e-12)
    np.testing.assert_allclose(rest.gram(), np.outer(*[centered @ [-0.8, 0.6]] * 2), atol=1e-12)
