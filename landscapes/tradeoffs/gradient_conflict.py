"""Conflict: do the gradients of two terms agree about where to go, over a plane and along a path?

The cosine cos(∇L₁, ∇L₂) = ⟨∇L₁, ∇L₂⟩ / ‖∇L₁‖‖∇L₂‖ of the gradients in the full parameter space, not of the
slice: below 0 a small step down one term goes up the other (Yu et al. 2020, arXiv:2001.06782). Positive weights of
the terms do not change it. Parameters that only one of the terms reads lengthen its gradient and so shrink the
cosine, whatever its sign.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Bool, Float, Int, PyTree

from landscapes.arguments import check_arguments
from landscapes.evaluation.pacing import next_count
from landscapes.optimization.run_setup import MAX_SEGMENT_BYTES
from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane, check_space
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.slices.grid import Extent, check_extent, coarse_to_fine, nodes

Progress = Callable[[float, Any], object]

CELLS = 25
ROWS = 256  # points in one compiled call, at most
# The rounding of a gradient, in units of ε times the largest norm met: float32 missed float64 by at most 0.06 of
# it over planes through a variational autoencoder and a classifier with a decoder.
ROUNDING = 8


@dataclass(frozen=True, eq=False)
class Cosines:
    """The angle between two terms' gradients at some points, arrays of one shape.

    Attributes:
        terms: the names of the two.
        cosine: NaN where a gradient vanishes, where it or the term is not finite, and where not evaluated.
        norms: ‖∇L₁‖ and ‖∇L₂‖ of the unweighted terms, in a leading axis.
        epsilon: of the arithmetic.
        evaluated: which points have been.
    """

    terms: tuple[str, str]
    cosine: Float[np.ndarray, "..."]
    norms: Float[np.ndarray, "2 ..."]
    epsilon: float
    evaluated: Bool[np.ndarray, "..."]

    @property
    def errors(self) -> Float[np.ndarray, "..."]:
        """By how much rounding may have turned each cosine: 8ε·Σᵢ max‖∇Lᵢ‖/‖∇Lᵢ‖. A gradient that is small
        because large ones cancel has lost that many digits. At most 2."""
        largest = [np.max(norm[np.isfinite(norm)], initial=0) for norm in self.norms]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratios = sum(top / norm for top, norm in zip(largest, self.norms, strict=True))
            return np.where(np.isfinite(self.cosine), np.minimum(ROUNDING * self.epsilon * ratios, 2.0), np.nan)

    @property
    def conflicting(self) -> float:
        """The share of the evaluated points at which the cosine is below 0 beyond its error."""
        return self._share(self.cosine < -self.errors)

    @property
    def undetermined(self) -> float:
        """The share of the evaluated points at which the cosine's sign is unknown: a gradient vanishes, or is
        smaller than what rounding leaves of it."""
        return self._share(~(np.abs(self.cosine) > self.errors))

    def _share(self, which: np.ndarray) -> float:
        count = int(np.sum(self.evaluated))
        return float(np.sum(which & self.evaluated) / count) if count else 0.0


@dataclass(frozen=True, eq=False)
class ConflictMap:
    """`cosines` over a grid: cosines.cosine[i, j] is at (axes[0][i], axes[1][j])."""

    axes: tuple[Float[np.ndarray, "_"], ...]
    cosines: Cosines


@dataclass(frozen=True, eq=False)
class ConflictPath:
    """`cosines` at the snapshots of a path, where it was and not where the plane shows it."""

    steps: Int[np.ndarray, "S"]
    cosines: Cosines


@check_arguments
def conflict_map(
    problem: Problem,
    plane: Plane,
    extent: Extent,
    first: str,
    second: str,
    *,
    cells: int = CELLS,
    progress: Progress | None = None,
) -> ConflictMap:
    """The cosine between the gradients of two terms at each of cells^K points of a line or plane.

    Cells come coarse to fine, so that a partial map covers the whole extent.

    Args:
        extent: a half-width, or one (low, high) per axis.
        cells: per axis, from 2 to 129.
        progress: called with (fraction, partial map) every tenth of a second or sooner; may raise to cancel.

    Raises:
        ValueError: for a term that does not exist, twice the same, a game, another number of cells, or an extent
            that is empty or does not fit.
    """
    check_pair(problem, first, second)
    check_space(plane, problem.params)
    if not 2 <= cells <= 129:
        raise ValueError(f"cells = {cells} per axis; choose from 2 to 129")
    axes = tuple(nodes(low, high, cells) for low, high in check_extent(extent, plane.dim))
    shape = tuple(map(len, axes))
    order = np.array(list(coarse_to_fine(shape)))
    coordinates = np.stack([axis[i] for axis, i in zip(axes, order.T, strict=True)], axis=-1)
    dtype = dtype_of(problem.params)
    origin, basis = (jax.tree.map(np.asarray, tree) for tree in (plane.origin, plane.basis))

    def points(part: slice) -> PyTree:
        moves = coordinates[part].astype(dtype)
        return jax.tree.map(lambda o, d: (o[None] + np.tensordot(moves, d, axes=1)).astype(dtype), origin, basis)

    places = np.asarray(np.ravel_multi_index(tuple(order.T), shape))
    return _evaluated(problem, points, places, shape, (first, second), progress, partial(ConflictMap, axes))


@check_arguments
def conflict_path(
    problem: Problem, path: Trajectory, first: str, second: str, *, progress: Progress | None = None
) -> ConflictPath:
    """The cosine between the gradients of two terms at the snapshots of a path, on all of the problem's examples.

    Raises:
        ValueError: for a term that does not exist, twice the same, or a game.
    """
    check_pair(problem, first, second)
    count = len(path.steps)
    places = np.arange(count)

    def points(part: slice) -> PyTree:
        return jax.tree.map(lambda rows: rows[part], path.params)

    return _evaluated(
        problem, points, places, (count,), (first, second), progress, partial(ConflictPath, path.steps)
    )


def check_pair(problem: Problem, first: str, second: str) -> None:
    """
    Raises:
        ValueError: unless the names are two different terms of a problem that is no game.
    """
    if problem.objective.players is not None:
        raise ValueError("each player of a game has a loss of its own; two terms are compared in one loss only")
    for name in (first, second):
        if name not in problem.weights:
            raise ValueError(f"there is no term {name!r}; the terms are: {', '.join(problem.weights)}")
    if len(problem.weights) < 2:
        raise ValueError(f"{first} is the only term; choose an objective of two terms, such as one with a penalty")
    if first == second:
        raise ValueError(f"{first} does not conflict with itself; choose two different terms")


def _evaluated(
    problem: Problem,
    points: Callable[[slice], PyTree],
    places: Int[np.ndarray, "N"],
    shape: tuple[int, ...],
    terms: tuple[str, str],
    progress: Progress | None,
    shown: Callable[[Cosines], Any],
) -> Any:
    """What `shown` makes of the cosines; point i goes to the flat index places[i]."""
    dtype = dtype_of(problem.params)
    cosine, norms = np.full(shape, np.nan), np.full((2, *shape), np.nan)
    evaluated = np.zeros(shape, bool)
    rows = max(1, min(ROWS, MAX_SEGMENT_BYTES // (problem.dim * dtype.itemsize)))
    with precision(problem.params):
        # What the terms do not read is left out: a new weight or start must not make a new program.
        bare = jax.device_put(replace(problem, params=None, weights={}, filter_axes=()))

    def so_far() -> Any:
        copies = [array.copy() for array in (cosine, norms, evaluated)]
        for array in copies:
            array.flags.writeable = False
        return shown(Cosines(terms, copies[0], copies[1], float(jnp.finfo(dtype).eps), copies[2]))

    done, count = 0, 1
    while done < len(places):
        part = slice(done, done + min(count, rows, len(places) - done))
        began = time.perf_counter()
        with precision(problem.params):  # not around progress, whose owner has a precision of its own
            chunk = jax.tree.map(partial(_padded, rows=rows), points(part))
            values = np.asarray(_cosines(bare, chunk, np.int32(part.stop - done), terms=terms))
        here = places[part]
        cosine.flat[here], norms[0].flat[here], norms[1].flat[here] = values[: part.stop - done].T
        evaluated.flat[here] = True
        count, done = next_count(part.stop - done, time.perf_counter() - began), part.stop
        if progress is not None:
            progress(done / len(places), so_far())
    return so_far()


@partial(jax.jit, static_argnames="terms")
def _cosines(problem: Problem, points: PyTree, count: Any, *, terms: tuple[str, str]) -> Any:
    """["rows 3"] of the cosine and both norms at the first `count` points."""
    leaf = jax.tree.leaves(points)[0]

    def pair(params: PyTree) -> Any:
        values = problem.terms(params)
        return jnp.stack([values[name] for name in terms])

    def row(i: Any, found: Any) -> Any:
        values, pull = jax.vjp(pair, jax.tree.map(lambda stack: stack[i], points))
        # Scaled to a largest entry of 1 before they are squared, which float32 could not hold for all of them.
        (one, size), (other, width) = (
            _scaled(ravel_pytree(pull(chosen)[0])[0]) for chosen in jnp.eye(2, dtype=leaf.dtype)
        )
        cosine = jnp.clip(jnp.vdot(one, other, precision="highest"), -1, 1)
        # A term may be NaN where its derivative is a number, as is that of a logarithm below 0.
        fine = jnp.isfinite(size + width + jnp.sum(values)) & (size > 0) & (width > 0)
        return found.at[i].set(jnp.stack([jnp.where(fine, cosine, jnp.nan), size, width]))

    return jax.lax.fori_loop(0, count, row, jnp.zeros((len(leaf), 3), leaf.dtype))


def _scaled(vector: Any) -> tuple[Any, Any]:
    """The vector at length 1, and its norm."""
    largest = jnp.max(jnp.abs(vector))
    reduced = vector / jnp.where(largest > 0, largest, 1)
    length = jnp.linalg.norm(reduced)
    return reduced / jnp.where(length > 0, length, 1), largest * length


def _padded(rows_of: np.ndarray, rows: int) -> np.ndarray:
    """Always of the same length, so that nothing is compiled anew."""
    chunk = np.zeros((rows, *rows_of.shape[1:]), rows_of.dtype)
    chunk[: len(rows_of)] = rows_of
    return chunk
