"""The graph network: its graph, and how far its nodes read."""

import jax
import numpy as np
from flax import nnx

from landscapes import models
from landscapes.models import MODELS
from landscapes.models.graph import FRIENDS, MEMBERS, normalized_adjacency


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


def test_a_node_reads_its_neighbours_of_the_second_order():
    """One hidden layer and the output: paths of at most two friendships."""
    graph, params, state = models.split(MODELS["graph-network"].build((MEMBERS,), 2, nnx.Rngs(0)))
    ask = np.eye(MEMBERS, dtype=np.float32)[16:17]  # member 17, whose friends are 6 and 7

    @jax.jit
    @jax.grad
    def slope(params):
        return models.apply(graph, params, state, ask)[0, 0]

    reads = np.any(np.asarray(slope(params)["hidden"][0]["kernel"]) != 0, axis=1)
    near = np.linalg.matrix_power(normalized_adjacency() > 0, 2)[16] > 0
    np.testing.assert_array_equal(reads, near)
    assert 5 < near.sum() < 10
