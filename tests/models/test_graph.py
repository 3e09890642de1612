"""The graph of the graph network."""

import numpy as np

from landscapes.models.graph import FRIENDS, normalized_adjacency


def test_graph_is_the_karate_club():
    """78 friendships; the instructor has 16 friends and the officer 17 (Zachary 1977)."""
    matrix = normalized_adjacency()
    degrees = np.count_nonzero(matrix, axis=1) - 1
    assert degrees.sum() == 2 * 78 == 2 * sum(map(len, FRIENDS.values()))
    assert (degrees[0], degrees[33]) == (16, 17)
    np.testing.assert_array_equal(matrix, matrix.T)
    eigenvalues = np.linalg.eigvalsh(matrix)
    assert eigenvalues[0] > -1
    np.testing.assert_allclose(eigenvalues[-1], 1)
