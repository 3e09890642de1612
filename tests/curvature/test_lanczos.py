"""Lanczos vectors are orthonormal for chains of any length and any number of restarts."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial

from landscapes.curvature import lanczos
from landscapes.curvature.hessian import Hessian
from tests.problems import rotation

KEY = jax.random.key(2)
# Outliers that converge within twenty steps, each of multiplicity two, and a bulk that does not converge.
VALUES = np.concatenate([np.repeat([50.0, -20.0, 9.0], 2), np.linspace(-1, 2, 94)])


def _apply(matrix, vector):
    return jnp.dot(matrix, vector, precision="highest")


def operator(dtype):
    basis = rotation(len(VALUES))
    matrix = jnp.asarray(basis * VALUES @ basis.T, dtype)
    return Hessian(Partial(_apply, matrix), matrix[0], 4), np.asarray(matrix, np.float64)


def vectors_of(basis):
    rows = np.concatenate([np.asarray(block[0], np.float64) for block in basis.blocks])
    return rows[: int(basis.size)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [16, 64])
def test_vectors_are_orthonormal_and_project_the_matrix(dtype, rows, monkeypatch):
    """One pass of Gram–Schmidt suffices after the two neighbours in the chain are subtracted. Without it the
    vectors of this chain would soon be parallel."""
    monkeypatch.setattr(lanczos, "INITIAL_ROWS", rows)
    monkeypatch.setattr(lanczos, "INITIAL_BYTES", 0)
    monkeypatch.setattr("landscapes.curvature.krylov_basis.FIRST_BLOCK_ROWS", 8)
    with jax.enable_x64(dtype == np.float64):
        hessian, matrix = operator(dtype)
        basis = lanczos.empty_basis(lanczos.random_unit_vectors(KEY[None], len(matrix), dtype), 80)
        assert basis.allocated_rows == rows
        segments = lanczos.AdaptiveSegments()
        while int(basis.size) < 40:
            basis = segments.extend(hessian, basis, 40)
        start = lanczos.random_unit_vectors(jax.random.key(5)[None], len(matrix), dtype)[0]
        blocks = basis.blocks
        basis = lanczos.restart(basis, start)
        assert all(old is new for old, new in zip(blocks, basis.blocks, strict=True))  # a copy doubles the memory
        while int(basis.size) < 75:
            basis = segments.extend(hessian, basis, 75)
        assert basis.capacity == 80 >= basis.allocated_rows >= 75
        vectors, eps = vectors_of(basis), float(np.finfo(dtype).eps)
        np.testing.assert_allclose(vectors @ vectors.T, np.eye(75), atol=20 * eps)
        projected = np.triu(np.asarray(basis.projected[0], np.float64)[:75, :75])
        expected = np.triu(vectors @ matrix @ vectors.T)
        np.testing.assert_allclose(projected, expected, atol=40 * eps * 50)


def test_breakdown_of_one_basis_leaves_others_running():
    values = jnp.linspace(1, 2, 30)
    hessian = Hessian(Partial(jnp.multiply, values), values, 4)
    # The first basis starts at an eigenvector and breaks down after one step.
    starts = jnp.stack([jnp.eye(30)[3], jnp.ones(30) / 30**0.5])
    basis = lanczos.extend(hessian, lanczos.empty_basis(starts, 20), 12)
    assert int(basis.size) == 12
    assert lanczos.chain_lengths(basis).tolist() == [1, 12]
    assert float(basis.residual_norm[0]) == 0 < float(basis.residual_norm[1])
    first, second = (np.asarray(block) for block in basis.projected[:, :12, :12])
    np.testing.assert_allclose(np.diag(first), [float(values[3])] + [0] * 11, rtol=1e-6)
    assert np.all(np.diag(second) > 1)


def test_allocating_more_rows_keeps_the_numbers(monkeypatch):
    monkeypatch.setattr(lanczos, "INITIAL_BYTES", 0)
    hessian, _ = operator(np.float32)
    projected = []
    for rows in (30, 8):
        monkeypatch.setattr(lanczos, "INITIAL_ROWS", rows)
        start = lanczos.random_unit_vectors(KEY[None], len(VALUES), np.float32)
        basis, segments = lanczos.empty_basis(start, 30), lanczos.AdaptiveSegments()
        assert basis.allocated_rows == rows
        while int(basis.size) < 20:
            basis = segments.extend(hessian, basis, 20)
        assert basis.allocated_rows == 30
        projected.append(np.asarray(basis.projected[0]))
    np.testing.assert_allclose(*projected, rtol=0, atol=1e-4)
