"""Chains of Lanczos vectors stay orthonormal, however long they get and wherever they begin anew."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.tree_util import Partial
from threadpoolctl import threadpool_info, threadpool_limits

from landscapes.curvature import lanczos
from landscapes.curvature.hessian import Hessian
from tests.problems import rotation

KEY = jax.random.key(2)
# Outliers that converge within twenty steps, twice each, and a bulk that never does.
VALUES = np.concatenate([np.repeat([50.0, -20.0, 9.0], 2), np.linspace(-1, 2, 94)])


def _apply(matrix, vector):
    return jnp.dot(matrix, vector, precision="highest")


def operator(dtype):
    basis = rotation(len(VALUES))
    matrix = jnp.asarray(basis * VALUES @ basis.T, dtype)
    return Hessian(Partial(_apply, matrix), matrix[0], 4), np.asarray(matrix, np.float64)


def rows(basis):
    whole = np.concatenate([np.asarray(block[0], np.float64) for block in basis.blocks])
    return whole[: int(basis.size)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("room", [16, 64])
def test_all_vectors_are_orthonormal_and_project_the_matrix(dtype, room, monkeypatch):
    """One pass of Gram–Schmidt suffices once the two neighbours in the chain are removed, and without it the
    vectors of this chain would soon be parallel again."""
    monkeypatch.setattr(lanczos, "ROOM", room)
    monkeypatch.setattr(lanczos, "SMALL", 0)
    monkeypatch.setattr("landscapes.curvature.krylov_basis.BLOCK", 8)
    with jax.enable_x64(dtype == np.float64):
        hessian, matrix = operator(dtype)
        basis = lanczos.empty(lanczos.random_unit(KEY[None], len(matrix), dtype), 80)
        assert basis.room == room
        pace = lanczos.Pace()
        while int(basis.size) < 40:
            basis = pace.extend(hessian, basis, 40)
        basis = lanczos.restart(basis, lanczos.random_unit(jax.random.key(5)[None], len(matrix), dtype)[0])
        while int(basis.size) < 75:
            basis = pace.extend(hessian, basis, 75)
        assert basis.capacity == 80 >= basis.room >= 75
        vectors, eps = rows(basis), float(np.finfo(dtype).eps)
        np.testing.assert_allclose(vectors @ vectors.T, np.eye(75), atol=20 * eps)
        projected = np.triu(np.asarray(basis.projected[0], np.float64)[:75, :75])
        expected = np.triu(vectors @ matrix @ vectors.T)
        np.testing.assert_allclose(projected, expected, atol=40 * eps * 50)


def test_a_chain_that_breaks_down_waits_for_the_others():
    """Two bases side by side, one of which has found all it can after a step."""
    values = jnp.linspace(1, 2, 30)
    hessian = Hessian(Partial(jnp.multiply, values), values, 4)
    starts = jnp.stack([jnp.eye(30)[3], jnp.ones(30) / 30**0.5])
    basis = lanczos.extend(hessian, lanczos.empty(starts, 20), 12)
    assert int(basis.size) == 12
    assert lanczos.lengths(basis).tolist() == [1, 12]
    assert float(basis.beyond[0]) == 0 < float(basis.beyond[1])
    first, second = (np.asarray(block) for block in basis.projected[:, :12, :12])
    np.testing.assert_allclose(np.diag(first), [float(values[3])] + [0] * 11, rtol=1e-6)
    assert np.all(np.diag(second) > 1)


def test_growing_changes_no_number(monkeypatch):
    monkeypatch.setattr(lanczos, "SMALL", 0)
    hessian, _ = operator(np.float32)
    found = []
    for room in (30, 8):
        monkeypatch.setattr(lanczos, "ROOM", room)
        basis, pace = lanczos.empty(lanczos.random_unit(KEY[None], len(VALUES), np.float32), 30), lanczos.Pace()
        assert basis.room == room
        while int(basis.size) < 20:
            basis = pace.extend(hessian, basis, 20)
        assert basis.room == 30
        found.append(np.asarray(basis.projected[0]))
    np.testing.assert_allclose(*found, rtol=0, atol=1e-4)


def test_small_eigenproblems_leave_the_other_processors_alone(monkeypatch):
    def threads():
        return {pool["filepath"]: pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    def eigh(matrix):
        seen.append(threads())
        return np.zeros(len(matrix)), matrix

    seen = []
    with threadpool_limits(limits=2, user_api="blas"):
        before = threads()
        monkeypatch.setattr(np.linalg, "eigh", eigh)
        lanczos.ritz(np.eye(3), {})
        assert threads() == before
    assert set(seen[0].values()) == {1} != set(before.values())
