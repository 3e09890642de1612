"""Krylov subspaces of a Hessian by the Lanczos iteration.

One basis holds one or more chains. A chain is v, Hv, H²v, … made orthonormal against *all* earlier vectors;
without full reorthogonalization converged eigenvalues appear several times (Paige 1976). Orthogonalization
computes all coefficients VᵀHv, so the whole projected matrix VᵀHV is kept instead of a tridiagonal one. A new
chain may therefore start at any time: after breakdown (an isotropic Hessian breaks down at the first step), and
after convergence, to find further copies of a repeated eigenvalue, of which one chain finds only one.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from landscapes.curvature.hessian import Hessian
from landscapes.curvature.krylov_basis import FIRST_BLOCK_ROWS, Basis, allocate_rows, orthogonalize, set_row
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.evaluation.devices import REPLICATED, SHARDED
from landscapes.evaluation.pacing import next_count

# A basis starts with this many rows, or with as many as fit into these bytes. Growing compiles another program.
INITIAL_ROWS, INITIAL_BYTES = 4 * FIRST_BLOCK_ROWS, 2**25


def empty_basis(starts: Any, capacity: int) -> Basis:
    """Bases without vectors. Their chains start at the unit rows of starts["R n"]."""
    return _empty_basis(starts, capacity, min(capacity, max(INITIAL_ROWS, INITIAL_BYTES // starts.nbytes)))


@partial(jit_with_fast_compile, static_argnames=("capacity", "rows"))
def _empty_basis(starts: Any, capacity: int, rows: int) -> Basis:
    probes, _ = starts.shape
    zeros = jnp.zeros(probes, starts.dtype)
    projected = jnp.zeros((probes, capacity, capacity), starts.dtype)
    basis = Basis((), projected, starts, jnp.zeros_like(starts), zeros + 1, zeros, jnp.zeros((), jnp.int32))
    return allocate_rows(basis, rows)


def chain_lengths(basis: Basis) -> np.ndarray:
    """The number of nonzero vectors in each basis, ["R"]; fewer than `size` after breakdown."""
    norms = [np.linalg.norm(np.asarray(block), axis=2) for block in basis.blocks]
    return np.sum(np.concatenate(norms, axis=1) > 0.5, axis=1)


def _extend(hessian: Hessian, basis: Basis, stop: Any, *, mesh: Mesh | None = None) -> Basis:
    """The bases with chains of up to `stop` vectors; ends earlier if all have broken down.

    A mesh splits the bases over its devices. The devices do not communicate, so each one continues to `stop`.
    """
    if mesh is None:
        return _run_chains(hessian, basis, stop, stop_at_breakdown=True)
    rows = Basis((SHARDED,) * len(basis.blocks), SHARDED, SHARDED, SHARDED, SHARDED, SHARDED, REPLICATED)
    loop = partial(_run_chains, stop_at_breakdown=False)
    sharded = jax.shard_map(
        loop, mesh=mesh, in_specs=(REPLICATED, rows, REPLICATED), out_specs=rows, check_vma=False
    )
    return sharded(hessian, basis, stop)


def _run_chains(hessian: Hessian, basis: Basis, stop: Any, *, stop_at_breakdown: bool) -> Basis:
    breakdown = 4 * jnp.finfo(basis.next_vector.dtype).eps

    def step(basis: Basis) -> Basis:
        v = basis.next_vector
        blocks = set_row(basis.blocks, v, basis.size)
        residual, column = hessian(v), jnp.zeros(basis.projected.shape[:2], v.dtype)
        # Up to rounding, and to coefficients between two chains, Hv is a combination of these two vectors and the
        # next one. After they are subtracted, one pass of Gram–Schmidt is as accurate as the usual two.
        for vectors, index in ((v, basis.size), (basis.previous_vector, jnp.maximum(basis.size - 1, 0))):
            coefficient = jnp.sum(vectors * residual, axis=1)
            residual = residual - coefficient[:, None] * vectors
            column = column.at[:, index].add(coefficient)
        residual, coefficients = orthogonalize(blocks, residual, basis.size + 1)
        column = column.at[:, : coefficients.shape[1]].add(coefficients)
        norm = jnp.linalg.norm(residual, axis=1)
        scale = jnp.maximum(basis.scale, jnp.maximum(norm, jnp.max(jnp.abs(column), axis=1)))
        active = norm > breakdown * scale
        norm = jnp.where(active, norm, 0)
        next_vector = jnp.where(active[:, None], residual / jnp.where(active, norm, 1)[:, None], 0)
        projected = basis.projected.at[:, :, basis.size].set(column)
        return Basis(blocks, projected, next_vector, v, norm, scale, basis.size + 1)

    def is_unfinished(basis: Basis) -> Any:
        has_room = basis.size < stop
        return has_room & jnp.any(basis.residual_norm > 0) if stop_at_breakdown else has_room

    return jax.lax.while_loop(is_unfinished, step, basis)


# The basis is donated. Otherwise every segment would copy it.
extend = jit_with_fast_compile(_extend, donate_argnames="basis", static_argnames="mesh")


def restart(basis: Basis, start: Any) -> Basis:
    """The same single basis with a new chain that starts at start["n"], or at this only row."""
    # The compiled part does not return the blocks, which would be copied.
    vector, previous, norm = _new_chain(basis.blocks, start, basis.size)
    return basis._replace(next_vector=vector, previous_vector=previous, residual_norm=norm)


@jit_with_fast_compile
def _new_chain(blocks: tuple[Any, ...], start: Any, size: Any) -> tuple[Any, Any, Any]:
    """A unit vector orthogonal to the basis, no vector before it, and its residual norm 1."""

    def orthogonal(_: Any, vector: Any) -> Any:
        vector, _ = orthogonalize(blocks, vector, size)
        return vector / jnp.linalg.norm(vector)

    vector = jax.lax.fori_loop(0, 2, orthogonal, start.reshape(1, -1))  # twice is enough
    return vector, jnp.zeros_like(vector), jnp.ones(1, vector.dtype)


@jit_with_fast_compile
def norm_outside(basis: Basis, row: Any) -> Any:
    """The norm of the part of row["1 n"] orthogonal to a single basis."""
    return jnp.linalg.norm(orthogonalize(basis.blocks, row, basis.size)[0])


class AdaptiveSegments:
    """Compiled calls of the Lanczos iteration. Each has as many steps as the time of the calls before suggests."""

    def __init__(self) -> None:
        self.steps = 2

    def extend(self, hessian: Hessian, basis: Basis, stop: int, mesh: Mesh | None = None) -> Basis:
        """The basis after one compiled call towards `stop` vectors. A mesh splits the bases over its devices."""
        size = int(basis.size)
        if size == basis.allocated_rows:
            basis = allocate_rows(basis, basis.capacity)
        start_time = time.perf_counter()
        basis = extend(hessian, basis, min(stop, basis.allocated_rows, size + self.steps), mesh=mesh)
        steps = int(basis.size) - size
        self.steps = next_count(max(steps, 1), time.perf_counter() - start_time)
        return basis


def _draw_unit_vectors(keys: Any, n: int, dtype: Any) -> Any:
    draws = jax.vmap(lambda key: jax.random.normal(key, (n,), jnp.float32))(keys).astype(dtype)
    return draws / jnp.linalg.norm(draws, axis=1, keepdims=True)


_random_unit_vectors = jit_with_fast_compile(_draw_unit_vectors, static_argnames=("n", "dtype"))


def random_unit_vectors(keys: Any, n: int, dtype: Any) -> Any:
    """A uniformly random unit vector for each key, ["R n"]. Drawn in float32, so that it is the same in both
    precisions."""
    return _random_unit_vectors(keys, n, np.dtype(dtype))


@partial(jit_with_fast_compile, static_argnames=("n", "dtype"))
def _random_unit_vector(key: Any, index: Any, n: int, dtype: Any) -> Any:
    return _draw_unit_vectors(jax.random.fold_in(key, index)[None], n, dtype)


def random_unit_vector(key: Any, index: Any, n: int, dtype: Any) -> Any:
    """`random_unit_vectors` of one key, folded with an index, ["1 n"]."""
    return _random_unit_vector(key, index, n, np.dtype(dtype))
