"""Orthonormal rows that a compiled loop fills one by one, and the little linear algebra that reads them."""

from __future__ import annotations

from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.evaluation.compilation import jit_with_fast_compile

BLOCK = 18  # rows of the first block


class Basis(NamedTuple):
    """R bases side by side (one for eigenvalues, one per probe for a density).

    Attributes:
        blocks: orthonormal rows, zero from `size` on, ["R m n"] each. Each block is as long as all before it: one
            that is not yet in use is not read, and XLA would copy a part of one large array to read it.
        projected: VᵀHV, upper triangle, ["R M M"], with room for as many as there will ever be.
        ahead: the next unit vector of the chain, zero where it broke down, ["R n"].
        behind: the last vector of the chain, zero at the start, ["R n"].
        beyond: β, the norm of what Hv left outside the basis, ["R"].
        scale: the largest coefficient so far, a lower bound of |λ|max to within √M, ["R"].
        size: the number of vectors.
    """

    blocks: tuple[Any, ...]
    projected: Any
    ahead: Any
    behind: Any
    beyond: Any
    scale: Any
    size: Any

    @property
    def room(self) -> int:
        """Rows that there are."""
        return sum(block.shape[1] for block in self.blocks)

    @property
    def capacity(self) -> int:
        """Rows that there may be."""
        return self.projected.shape[1]


def with_room(basis: Basis, rows: int) -> Basis:
    """The same with so many rows in all."""
    probes, n = basis.ahead.shape
    blocks, room = list(basis.blocks), basis.room
    while room < rows:
        length = min(max(room, BLOCK), rows - room)
        blocks.append(jnp.zeros((probes, length, n), basis.ahead.dtype))
        room += length
    return basis._replace(blocks=tuple(blocks))


def _firsts(blocks: tuple[Any, ...]) -> list[int]:
    """The number of the first row of each block."""
    return [0, *accumulate(block.shape[1] for block in blocks[:-1])]


def written(blocks: tuple[Any, ...], vectors: Any, row: Any) -> tuple[Any, ...]:
    """The blocks with vectors["R n"] in a row."""
    filled = []
    for block, first in zip(blocks, _firsts(blocks), strict=True):
        at = jnp.clip(row - first, 0, block.shape[1] - 1)
        old = jax.lax.dynamic_index_in_dim(block, at, 1, keepdims=False)
        new = jnp.where(at == row - first, vectors, old)
        filled.append(jax.lax.dynamic_update_index_in_dim(block, new, at, 1))
    return tuple(filled)


def orthogonalized(blocks: tuple[Any, ...], vectors: Any, size: Any) -> tuple[Any, Any]:
    """What is left of vectors["R n"] outside the first `size` rows, and their coefficients along all rows, by one
    pass of Gram–Schmidt that reads only the blocks in use."""
    dot = jax.vmap(partial(jnp.dot, precision="highest"))
    parts = [
        jax.lax.cond(size > first, dot, lambda block, v: jnp.zeros(block.shape[:2], v.dtype), block, vectors)
        for block, first in zip(blocks, _firsts(blocks), strict=True)
    ]
    for block, first, found in zip(blocks, _firsts(blocks), parts, strict=True):
        vectors = jax.lax.cond(
            size > first, lambda v, c, block: v - dot(c, block), lambda v, c, block: v, vectors, found, block
        )
    return vectors, jnp.concatenate(parts, axis=1)


def combined(basis: Basis, coefficients: np.ndarray) -> Any:
    """V·s for each column s of the coefficients of a single basis, as rows."""
    size, count = coefficients.shape
    padded = np.zeros((count, basis.room), basis.ahead.dtype)
    padded[:, :size] = coefficients.T
    return _combine(basis.blocks, padded)


@jit_with_fast_compile
def _combine(blocks: tuple[Any, ...], coefficients: Any) -> Any:
    parts = jnp.split(coefficients, _firsts(blocks)[1:], axis=1)
    return sum(jnp.dot(part, block[0], precision="highest") for part, block in zip(parts, blocks, strict=True))
