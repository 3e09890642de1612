"""Krylov subspaces of a Hessian: products, Rayleigh–Ritz over chains of Lanczos vectors, quadrature.

One basis holds one or more chains. A chain is ordinary Lanczos: v, Hv, H²v, … made orthonormal against *all*
earlier vectors, twice, because without it converged eigenvalues come back as ghosts (Paige 1976). Since every
coefficient VᵀHv is computed by that orthogonalization anyway, the projected matrix VᵀHV is kept whole, not
as a tridiagonal. A new chain may therefore start at any time: at breakdown (isotropic Hessians break down at
once), and after convergence, to find the further copies of a repeated eigenvalue, of which one chain finds
only one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.hessian import curvature
from landscapes.pacing import next_count
from landscapes.problem import Problem

BLOCK = 32  # rows of the basis that one pass of the orthogonalization reads at a time
SECOND_LOOK = 16  # steps of the chain that looks for repeated eigenvalues
# Steps after which converged values must stand, to a tenth of their tolerance. Without them 35 of 1,458 smallest
# eigenvalues of small networks were off by more than their residual, by up to 4 % of |λ|max: the chain had begun
# near the eigenvector of the second smallest.
FURTHER = 8


class Basis(NamedTuple):
    """R bases side by side (one for eigenvalues, one per probe for a density).

    Attributes:
        vectors: orthonormal rows, zero from `size` on, ["R M n"].
        projected: VᵀHV, upper triangle, ["R M M"].
        ahead: the next unit vector of the chain, zero where it broke down, ["R n"].
        beyond: β, the norm of what Hv left outside the basis, ["R"].
        scale: the largest coefficient so far, a lower bound of |λ|max to within √M, ["R"].
        size: the number of vectors.
    """

    vectors: Any
    projected: Any
    ahead: Any
    beyond: Any
    scale: Any
    size: Any


def empty(starts: Any, capacity: int) -> Basis:
    """Bases without vectors, whose chains will begin at the unit rows of starts["R n"]."""
    probes, n = starts.shape
    rows = -(-capacity // BLOCK) * BLOCK
    zeros = jnp.zeros(probes, starts.dtype)
    return Basis(
        jnp.zeros((probes, rows, n), starts.dtype),
        jnp.zeros((probes, rows, rows), starts.dtype),
        starts,
        zeros + 1,
        zeros,
        jnp.zeros((), jnp.int32),
    )


def _extend(problem: Problem, point: Any, basis: Basis, stop: Any) -> Basis:
    product, _, _ = curvature(problem, point)
    noise = 4 * jnp.finfo(point.dtype).eps

    def step(basis: Basis) -> Basis:
        vectors = basis.vectors.at[:, basis.size].set(basis.ahead)
        rest, column = jax.vmap(_orthogonalize, in_axes=(0, 0, None))(
            vectors, product(basis.ahead), basis.size + 1
        )
        beyond = jnp.linalg.norm(rest, axis=1)
        scale = jnp.maximum(basis.scale, jnp.maximum(beyond, jnp.max(jnp.abs(column), axis=1)))
        alive = beyond > noise * scale
        beyond = jnp.where(alive, beyond, 0)
        ahead = jnp.where(alive[:, None], rest / jnp.where(alive, beyond, 1)[:, None], 0)
        projected = basis.projected.at[:, :, basis.size].set(column)
        return Basis(vectors, projected, ahead, beyond, scale, basis.size + 1)

    def goes_on(basis: Basis) -> Any:
        return (basis.size < stop) & jnp.any(basis.beyond > 0)

    return jax.lax.while_loop(goes_on, step, basis)


# The basis is donated: without that every segment would copy it.
extend = jax.jit(_extend, donate_argnames="basis")


@jax.jit
def restart(basis: Basis, start: Any) -> Basis:
    """The same single basis with a new chain ahead, from start["n"]."""
    rest, _ = _orthogonalize(basis.vectors[0], start, basis.size)
    rest = rest / jnp.linalg.norm(rest)
    rest, _ = _orthogonalize(basis.vectors[0], rest, basis.size)
    ahead = rest / jnp.linalg.norm(rest)
    return basis._replace(ahead=ahead[None], beyond=jnp.ones_like(basis.beyond))


def _orthogonalize(vectors: Any, vector: Any, size: Any) -> tuple[Any, Any]:
    """What is left of vector["n"] outside the first `size` rows, and its coefficients along them, by two
    passes of block Gram–Schmidt (twice is enough), reading only the rows in use."""

    def block(index, carry):
        rest, column = carry
        rows = jax.lax.dynamic_slice_in_dim(vectors, index * BLOCK, BLOCK)
        found = jnp.dot(rows, rest, precision="highest")
        rest = rest - jnp.dot(found, rows, precision="highest")
        had = jax.lax.dynamic_slice(column, (index * BLOCK,), (BLOCK,))
        return rest, jax.lax.dynamic_update_slice(column, had + found, (index * BLOCK,))

    blocks = (size + BLOCK - 1) // BLOCK
    carry = (vector, jnp.zeros(vectors.shape[0], vector.dtype))
    for _ in range(2):
        carry = jax.lax.fori_loop(0, blocks, block, carry)
    return carry


class Pace:
    """How many steps fit into one compiled call, learned from the last ones."""

    def __init__(self) -> None:
        self.steps = 2

    def extend(self, problem: Problem, point: Any, basis: Basis, stop: int) -> Basis:
        """One compiled call towards `stop` vectors."""
        before = int(basis.size)
        began = time.perf_counter()
        basis = extend(problem, point, basis, min(stop, before + self.steps))
        taken = int(basis.size) - before
        self.steps = next_count(max(taken, 1), time.perf_counter() - began)
        return basis


class Ritz(NamedTuple):
    """Ritz values of a basis, ascending, with the estimated residual norm and coefficients (columns) of each."""

    values: np.ndarray
    residuals: np.ndarray
    coefficients: np.ndarray


def ritz(projected: np.ndarray, ends: dict[int, float]) -> Ritz:
    """Eigenpairs of the projected matrix (upper triangle), in float64.

    `ends` gives the last vector of each chain and the norm β of what its product left outside the basis: the
    residual of V·s is at most Σ β_e·|s_e|.
    """
    upper = np.triu(np.asarray(projected, np.float64))
    values, coefficients = np.linalg.eigh(upper + np.triu(upper, 1).T)
    residuals = sum((beyond * np.abs(coefficients[end]) for end, beyond in ends.items()), np.zeros(len(values)))
    return Ritz(values, np.asarray(residuals), coefficients)


def ends_of_spectrum(
    problem: Problem,
    point: Any,
    key: Any,
    *,
    top: int,
    bottom: int,
    demand: Callable[[np.ndarray], tuple[float, bool]],
    capacity: int,
    report: Callable[[float, Ritz | None], None],
    start: Any = None,
    pace: Pace | None = None,
) -> tuple[Ritz, Basis, bool]:
    """Chains until the `top` largest and `bottom` smallest Ritz values are as good as demanded, or until the
    basis is full.

    `demand(values)` gives the tolerance, relative to |λ|max, that their residuals have to meet. A residual only
    says that *some* eigenvalue is near, so the values must then stand: either under one more chain from a fresh
    random vector, where `demand` asks for it, or under a few more steps of the same one. The first chain begins
    at `start`, a unit vector["n"], or at a random one.

    Returns the Ritz values, the basis, and whether the demand was met.
    """
    n = point.size
    full = min(n, capacity)
    numbers = iter(range(full + 2))

    def random() -> Any:
        return random_unit(jax.random.fold_in(key, next(numbers))[None], n, point.dtype)

    basis = empty(random() if start is None else start[None], full)
    pace = pace or Pace()
    closed: dict[int, float] = {}
    settled: np.ndarray | None = None  # what converged before the chain that is under way
    before: np.ndarray | None = None  # what had converged some steps ago on this chain
    found: Ritz | None = None
    size, check = 0, min(full, top + bottom + 4)
    while True:
        while size < check and float(basis.beyond[0]) > 0:
            basis = pace.extend(problem, point, basis, check)
            size = int(basis.size)
            report(size / full, found)
        found = _now(basis, closed)
        wanted = extremes(len(found.values), top, bottom)
        tolerance, twice = demand(found.values)
        error = tolerance * np.max(np.abs(found.values))
        done = size >= min(full, top + bottom) and bool(np.all(found.residuals[wanted] <= error))
        now = found.values[wanted]
        same = settled is not None and np.allclose(now, settled, rtol=0, atol=2 * error)
        stands = before is not None and np.allclose(now, before, rtol=0, atol=error / 10)
        if size == n or (done and (same or (stands and not twice))):
            return found, basis, True
        if size >= full:
            return found, basis, False
        before = now if done else None
        if (done and twice) or float(basis.beyond[0]) == 0:
            if float(basis.beyond[0]) > 0:
                closed[size - 1] = float(basis.beyond[0])
            settled, before = now if done else None, None
            basis = restart(basis, random()[0])
            check = min(full, size + (SECOND_LOOK if done else 1))
        elif done:
            check = min(full, size + FURTHER)
        else:
            # Each look decomposes the projected matrix, which soon costs more than a step.
            check = min(full, size + max(4, size // 5))


def _now(basis: Basis, closed: dict[int, float]) -> Ritz:
    size = int(basis.size)
    ends = {**closed, size - 1: float(basis.beyond[0])}
    return ritz(np.asarray(basis.projected[0])[:size, :size], ends)


def extremes(count: int, top: int, bottom: int) -> np.ndarray:
    """Indices of the `bottom` first and `top` last of `count` ascending values, none twice."""
    return np.array([i for i in range(count) if i < bottom or i >= count - top], int)


def ritz_vectors(basis: Basis, coefficients: np.ndarray) -> np.ndarray:
    """Unit vectors V·s for each column s of `coefficients`, as rows in float64."""
    size, count = coefficients.shape
    padded = np.zeros((count, basis.vectors.shape[1]))
    padded[:, :size] = coefficients.T
    vectors = np.asarray(_combine(basis.vectors[0], jnp.asarray(padded, basis.vectors.dtype)), np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def combine(basis: Basis, coefficients: np.ndarray) -> Any:
    """V·s for one column, left where the basis is."""
    padded = np.zeros((1, basis.vectors.shape[1]), basis.vectors.dtype)
    padded[0, : len(coefficients)] = coefficients
    return _combine(basis.vectors[0], padded)[0]


@jax.jit
def _combine(vectors: Any, coefficients: Any) -> Any:
    return jnp.dot(coefficients, vectors, precision="highest")


@partial(jax.jit, static_argnames=("n", "dtype"))
def _random_units(keys: Any, n: int, dtype: Any) -> Any:
    draws = jax.vmap(lambda key: jax.random.normal(key, (n,), jnp.float32))(keys).astype(dtype)
    return draws / jnp.linalg.norm(draws, axis=1, keepdims=True)


def random_unit(keys: Any, n: int, dtype: Any) -> Any:
    """A uniform random direction for each key, ["R n"], drawn in float32 so that both precisions see the
    same one."""
    return _random_units(keys, n, np.dtype(dtype))
