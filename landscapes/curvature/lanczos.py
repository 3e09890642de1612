"""Krylov subspaces of a Hessian: products, Rayleigh–Ritz over chains of Lanczos vectors, quadrature.

One basis holds one or more chains. A chain is ordinary Lanczos: v, Hv, H²v, … made orthonormal against *all*
earlier vectors, because without it converged eigenvalues come back as ghosts (Paige 1976). Since every
coefficient VᵀHv is computed by that orthogonalization anyway, the projected matrix VᵀHV is kept whole, not
as a tridiagonal. A new chain may therefore start at any time: at breakdown (isotropic Hessians break down at
once), and after convergence, to find the further copies of a repeated eigenvalue, of which one chain finds
only one.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from threading import Lock
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from threadpoolctl import ThreadpoolController

from landscapes.curvature.hessian import Hessian, linearized
from landscapes.curvature.krylov_basis import BLOCK, Basis, combined, orthogonalized, with_room, written
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.evaluation.devices import REPLICATED, SHARDED
from landscapes.evaluation.pacing import next_count
from landscapes.problem import Problem

# Rows that a basis begins with, or more where they take few bytes: to grow is another program to compile.
ROOM, SMALL = 4 * BLOCK, 2**25
SECOND_LOOK = 16  # steps of the chain that looks for repeated eigenvalues
# Steps after which converged values must stand, to a tenth of their tolerance. Without them 35 of 1,458 smallest
# eigenvalues of small networks were off by more than their residual, by up to 4 % of |λ|max: the chain had begun
# near the eigenvector of the second smallest.
FURTHER = 8
LIMITING = Lock()  # a limit on threads is the whole process's, and two that overlapped would leave it set
NOISE = 8  # in units of ε|λ|max: what products add to the residuals that a chain believes in


def empty(starts: Any, capacity: int) -> Basis:
    """Bases without vectors, whose chains will begin at the unit rows of starts["R n"]."""
    return _empty(starts, capacity, min(capacity, max(ROOM, SMALL // starts.nbytes)))


@partial(jit_with_fast_compile, static_argnames=("capacity", "room"))
def _empty(starts: Any, capacity: int, room: int) -> Basis:
    probes, _ = starts.shape
    zeros = jnp.zeros(probes, starts.dtype)
    projected = jnp.zeros((probes, capacity, capacity), starts.dtype)
    bare = Basis((), projected, starts, jnp.zeros_like(starts), zeros + 1, zeros, jnp.zeros((), jnp.int32))
    return with_room(bare, room)


def lengths(basis: Basis) -> np.ndarray:
    """How many vectors each basis holds: those that broke down have fewer than `size`, ["R"]."""
    norms = [np.linalg.norm(np.asarray(block), axis=2) for block in basis.blocks]
    return np.sum(np.concatenate(norms, axis=1) > 0.5, axis=1)


def _extend(hessian: Hessian, basis: Basis, stop: Any, *, mesh: Mesh | None = None) -> Basis:
    """Chains up to `stop` vectors, or until all have broken down. The bases are split over the devices of a mesh;
    none of them then waits to hear how the others fare, and goes on to the end."""
    if mesh is None:
        return _chains(hessian, basis, stop, patient=False)
    rows = Basis((SHARDED,) * len(basis.blocks), SHARDED, SHARDED, SHARDED, SHARDED, SHARDED, REPLICATED)
    loop = partial(_chains, patient=True)
    split = jax.shard_map(
        loop, mesh=mesh, in_specs=(REPLICATED, rows, REPLICATED), out_specs=rows, check_vma=False
    )
    return split(hessian, basis, stop)


def _chains(hessian: Hessian, basis: Basis, stop: Any, *, patient: bool) -> Basis:
    noise = 4 * jnp.finfo(basis.ahead.dtype).eps

    def step(basis: Basis) -> Basis:
        blocks = written(basis.blocks, basis.ahead, basis.size)
        rest, column = hessian(basis.ahead), jnp.zeros(basis.projected.shape[:2], basis.ahead.dtype)
        # But for rounding, and for what links two chains, Hv lies along these two and the next. What is left is
        # small, and one pass over all vectors is as good as the two that would otherwise be needed.
        for vectors, at in ((basis.ahead, basis.size), (basis.behind, jnp.maximum(basis.size - 1, 0))):
            found = jnp.sum(vectors * rest, axis=1)
            rest, column = rest - found[:, None] * vectors, column.at[:, at].add(found)
        rest, further = orthogonalized(blocks, rest, basis.size + 1)
        column = column.at[:, : further.shape[1]].add(further)
        beyond = jnp.linalg.norm(rest, axis=1)
        scale = jnp.maximum(basis.scale, jnp.maximum(beyond, jnp.max(jnp.abs(column), axis=1)))
        alive = beyond > noise * scale
        beyond = jnp.where(alive, beyond, 0)
        ahead = jnp.where(alive[:, None], rest / jnp.where(alive, beyond, 1)[:, None], 0)
        projected = basis.projected.at[:, :, basis.size].set(column)
        return Basis(blocks, projected, ahead, basis.ahead, beyond, scale, basis.size + 1)

    def goes_on(basis: Basis) -> Any:
        return (basis.size < stop) & (patient | jnp.any(basis.beyond > 0))

    return jax.lax.while_loop(goes_on, step, basis)


# The basis is donated: without that every segment would copy it.
extend = jit_with_fast_compile(_extend, donate_argnames="basis", static_argnames="mesh")


@jit_with_fast_compile
def restart(basis: Basis, start: Any) -> Basis:
    """The same single basis with a new chain ahead, from start["n"]."""
    ahead = start[None]
    for _ in range(2):  # twice is enough
        ahead, _ = orthogonalized(basis.blocks, ahead, basis.size)
        ahead = ahead / jnp.linalg.norm(ahead)
    return basis._replace(ahead=ahead, behind=jnp.zeros_like(ahead), beyond=jnp.ones_like(basis.beyond))


@jit_with_fast_compile
def _outside(basis: Basis, rest: Any) -> Any:
    """The length of what a single row["1 n"] has outside the basis."""
    return jnp.linalg.norm(orthogonalized(basis.blocks, rest, basis.size)[0])


class Pace:
    """How many steps fit into one compiled call, learned from the last ones."""

    def __init__(self) -> None:
        self.steps = 2

    def extend(self, hessian: Hessian, basis: Basis, stop: int, mesh: Mesh | None = None) -> Basis:
        """One compiled call towards `stop` vectors, the bases split over the devices of a mesh."""
        before = int(basis.size)
        if before == basis.room:
            basis = with_room(basis, basis.capacity)
        began = time.perf_counter()
        basis = extend(hessian, basis, min(stop, basis.room, before + self.steps), mesh=mesh)
        taken = int(basis.size) - before
        self.steps = next_count(max(taken, 1), time.perf_counter() - began)
        return basis


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


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
    # For some milliseconds after each call BLAS's other threads wait for the next one, and keep a processor busy
    # that the compiled products need: a convexity map took 5.3 s, and twice the processor time, instead of 4.3.
    with LIMITING, _blas().limit(limits=1, user_api="blas"):
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
    hessian: Hessian | None = None,
    pace: Pace | None = None,
) -> tuple[Ritz, Basis, bool]:
    """Chains until the `top` largest and `bottom` smallest Ritz values are as good as demanded, or until the
    basis is full.

    `demand(values)` gives the tolerance, relative to |λ|max, that their residuals have to meet. A residual only
    says that *some* eigenvalue is near, so the values must then stand: either under one more chain from a fresh
    random vector, where `demand` asks for it, or under a few more steps of the same one. The first chain begins
    at `start`, a unit vector["n"], or at a random one. `hessian` is that at the point, if it is known.

    Returns the Ritz values, the basis, and whether the demand was met.
    """
    n = point.size
    full = min(n, capacity)
    numbers = iter(range(full + 2))

    def random() -> Any:
        return random_unit(jax.random.fold_in(key, next(numbers))[None], n, point.dtype)

    if hessian is None:
        hessian = linearized(problem, point)
    basis = empty(random() if start is None else start[None], full)
    pace = pace or Pace()
    closed: dict[int, float] = {}
    left: list[Any] = []  # of each closed chain, what its last product left outside the basis
    settled: np.ndarray | None = None  # what converged before the chain that is under way
    before: np.ndarray | None = None  # what had converged some steps ago on this chain
    found: Ritz | None = None
    last = np.inf, 1  # the largest residual of the look before, and the steps from it to the next one
    size, check = 0, min(full, top + bottom + 4)
    while True:
        while size < check and _beyond(basis) > 0:
            basis = pace.extend(hessian, basis, check)
            size = int(basis.size)
            report(size / full, found)
        found = _now(basis, closed)
        wanted = extremes(len(found.values), top, bottom)
        tolerance, twice = demand(found.values)
        error = tolerance * np.max(np.abs(found.values))
        if closed and np.any(found.residuals[wanted] > error):
            # The chain that is under way has taken some of it in.
            outside = [_outside(basis, rest) for rest in left]
            closed = dict(zip(closed, map(float, outside), strict=True))
            found = _now(basis, closed)
        done = size >= min(full, top + bottom) and bool(np.all(found.residuals[wanted] <= error))
        now = found.values[wanted]
        same = settled is not None and np.allclose(now, settled, rtol=0, atol=2 * error)
        stands = before is not None and np.allclose(now, before, rtol=0, atol=error / 10)
        if size == n or (done and (same or (stands and not twice))):
            return found, basis, True
        if size >= full:
            return found, basis, False
        before = now if done else None
        if (done and twice) or _beyond(basis) == 0:
            if _beyond(basis) > 0:
                closed[size - 1] = _beyond(basis)
                left.append(basis.ahead * basis.beyond[:, None])
            settled, before = now if done else None, None
            basis = restart(basis, random()[0])
            check = min(full, size + (SECOND_LOOK if done else 1))
        elif done:
            check = min(full, size + FURTHER)
        else:
            # Each look decomposes the projected matrix, which soon costs more than a step.
            ahead, worst = max(4, size // 5), float(np.max(found.residuals[wanted]))
            check = min(full, size + min(ahead, _steps_left(worst, error, *last)))
            last = worst, check - size


def _steps_left(residual: float, wanted: float, before: float, steps: int) -> int:
    """In how many steps a residual will be what is wanted if it goes on to shrink as over the last ones, and one
    more, because to look once too often costs a call as well; where it does not shrink, without limit."""
    if not 0 < residual < before < np.inf or wanted <= 0:
        return sys.maxsize
    return max(1, math.ceil(steps * math.log(residual / wanted) / math.log(before / residual))) + 1


def _now(basis: Basis, closed: dict[int, float]) -> Ritz:
    size = int(basis.size)
    ends = {**closed, size - 1: _beyond(basis)}
    return ritz(np.asarray(basis.projected)[0, :size, :size], ends)


def _beyond(basis: Basis) -> float:
    return float(np.asarray(basis.beyond)[0])


def extremes(count: int, top: int, bottom: int) -> np.ndarray:
    """Indices of the `bottom` first and `top` last of `count` ascending values, none twice."""
    return np.array([i for i in range(count) if i < bottom or i >= count - top], int)


def ritz_vectors(basis: Basis, coefficients: np.ndarray) -> np.ndarray:
    """Unit vectors V·s for each column s of `coefficients`, as rows in float64."""
    vectors = np.asarray(combined(basis, coefficients), np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def combine(basis: Basis, coefficients: np.ndarray) -> Any:
    """V·s for one column, left where the basis is."""
    return combined(basis, coefficients[:, None])[0]


@partial(jit_with_fast_compile, static_argnames=("n", "dtype"))
def _random_units(keys: Any, n: int, dtype: Any) -> Any:
    draws = jax.vmap(lambda key: jax.random.normal(key, (n,), jnp.float32))(keys).astype(dtype)
    return draws / jnp.linalg.norm(draws, axis=1, keepdims=True)


def random_unit(keys: Any, n: int, dtype: Any) -> Any:
    """A uniform random direction for each key, ["R n"], drawn in float32 so that both precisions see the
    same one."""
    return _random_units(keys, n, np.dtype(dtype))
