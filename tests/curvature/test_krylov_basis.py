"""Rows of a Krylov basis in several blocks behave as those of one matrix."""

import jax.numpy as jnp
import numpy as np

from landscapes.curvature.krylov_basis import Basis, linear_combinations, orthogonalize, set_row
from tests.problems import normal, rotation

ROWS = rotation(7)[:5].astype(np.float32)


def filled_blocks():
    blocks = (jnp.zeros((1, 3, 7)), jnp.zeros((1, 3, 7)))
    for index, row in enumerate(ROWS):
        blocks = set_row(blocks, row[None], index)
    return blocks


def test_set_row_fills_blocks_in_order():
    np.testing.assert_array_equal(np.concatenate(filled_blocks(), axis=1)[0, :5], ROWS)


def test_orthogonalize_reads_only_the_blocks_in_use():
    vector = normal(1, 7).astype(np.float32)
    for size, count in ((5, 5), (3, 3)):
        residual, coefficients = orthogonalize(filled_blocks(), vector[None], size)
        expected = ROWS[:count] @ vector
        np.testing.assert_allclose(coefficients[0, :count], expected, atol=1e-6)
        np.testing.assert_array_equal(coefficients[0, count:], 0)
        np.testing.assert_allclose(residual[0], vector - expected @ ROWS[:count], atol=1e-6)


def test_linear_combinations_span_all_blocks():
    zeros = jnp.zeros((1, 7))
    basis = Basis(filled_blocks(), jnp.zeros((1, 6, 6)), zeros, zeros, zeros[:, 0], zeros[:, 0], jnp.int32(5))
    coefficients = normal(2, 5, 2).astype(np.float32)
    np.testing.assert_allclose(linear_combinations(basis, coefficients), coefficients.T @ ROWS, atol=1e-6)
