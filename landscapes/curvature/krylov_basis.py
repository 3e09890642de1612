"""Storage for orthonormal Lanczos vectors that a compiled loop adds one by one, and the linear algebra on them."""

from __future__ import annotations

from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.evaluation.compilation import jit_with_fast_compile

FIRST_BLOCK_ROWS = 18  # vectors; the next blocks double the basis


class Basis(NamedTuple):
    """R bases in one pytree: one basis for eigenvalues, one per probe for a density.

    Attributes:
        blocks: orthonormal rows, zero from `size` on, ["R m n"] each. Each block is as long as all blocks before
            it together. Blocks that are not yet in use are not read; of one large array XLA would copy a part.
        projected: VᵀHV, upper triangle, ["R M M"], where M is the capacity.
        next_vector: the next unit vector of the chain, zero after breakdown, ["R n"].
        previous_vector: the last vector of the chain, zero at the start, ["R n"].
        residual_norm: β, the norm of the part of Hv outside the basis, zero after breakdown, ["R"].
        scale: the largest coefficient so far, a lower bound of |λ|max to within √M, ["R"].
        size: the number of vectors.
    """

    blocks: tuple[Any, ...]
    projected: Any
    next_vector: Any
    previous_vector: Any
    residual_norm: Any
    scale: Any
    size: Any

    @property
    def allocated_rows(self) -> int:
        """The number of rows in all blocks."""
        return sum(block.shape[1] for block in self.blocks)

    @property
    def capacity(self) -> int:
        """The largest number of rows that may be allocated."""
        return self.projected.shape[1]


def allocate_rows(basis: Basis, rows: int) -> Basis:
    """The same basis with blocks of at least `rows` rows in all."""
    probes, n = basis.next_vector.shape
    blocks, allocated = list(basis.blocks), basis.allocated_rows
    while allocated < rows:
        length = min(max(allocated, FIRST_BLOCK_ROWS), rows - allocated)
        blocks.append(jnp.zeros((probes, length, n), basis.next_vector.dtype))
        allocated += length
    return basis._replace(blocks=tuple(blocks))


def _first_rows(blocks: tuple[Any, ...]) -> list[int]:
    """The index of the first row of each block."""
    return [0, *accumulate(block.shape[1] for block in blocks[:-1])]


def set_row(blocks: tuple[Any, ...], vectors: Any, row: Any) -> tuple[Any, ...]:
    """The blocks with vectors["R n"] in one row."""
    updated = []
    for block, first in zip(blocks, _first_rows(blocks), strict=True):
        index = jnp.clip(row - first, 0, block.shape[1] - 1)
        old = jax.lax.dynamic_index_in_dim(block, index, 1, keepdims=False)
        new = jnp.where(index == row - first, vectors, old)
        updated.append(jax.lax.dynamic_update_index_in_dim(block, new, index, 1))
    return tuple(updated)


def orthogonalize(blocks: tuple[Any, ...], vectors: Any, size: Any) -> tuple[Any, Any]:
    """The part of vectors["R n"] orthogonal to the first `size` rows, and their coefficients along all rows.

    One pass of classical Gram–Schmidt, which reads only the blocks in use.
    """
    dot = jax.vmap(partial(jnp.dot, precision="highest"))
    coefficients = [
        jax.lax.cond(size > first, dot, lambda block, v: jnp.zeros(block.shape[:2], v.dtype), block, vectors)
        for block, first in zip(blocks, _first_rows(blocks), strict=True)
    ]
    for block, first, part in zip(blocks, _first_rows(blocks), coefficients, strict=True):
        vectors = jax.lax.cond(
            size > first, lambda v, c, block: v - dot(c, block), lambda v, c, block: v, vectors, part, block
        )
    return vectors, jnp.concatenate(coefficients, axis=1)


def linear_combinations(basis: Basis, coefficients: np.ndarray) -> Any:
    """V·s for each column s of the coefficients of a single basis, as rows."""
    size, count = coefficients.shape
    padded = np.zeros((count, basis.allocated_rows), basis.next_vector.dtype)
    padded[:, :size] = coefficients.T
    return _linear_combinations(basis.blocks, padded)


@jit_with_fast_compile
def _linear_combinations(blocks: tuple[Any, ...], coefficients: Any) -> Any:
    parts = jnp.split(coefficients, _first_rows(blocks)[1:], axis=1)
    return sum(jnp.dot(part, block[0], precision="highest") for part, block in zip(parts, blocks, strict=True))
