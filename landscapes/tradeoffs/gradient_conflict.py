"""Gradient conflict: the cosine between the gradients of two terms, over a plane and along a path.

The cosine cos(∇L₁, ∇L₂) = ⟨∇L₁, ∇L₂⟩ / ‖∇L₁‖‖∇L₂‖ is that of the gradients in the full parameter space, not in
the slice. Where it is negative, a small step down the gradient of one term increases the other (Yu et al. 2020,
arXiv:2001.06782). Positive weights of the terms do not change it. Parameters that only one term reads lengthen its
gradient and so bring the cosine closer to 0.
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

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.evaluation.pacing import next_count
from landscapes.optimization.run_setup import MAX_SEGMENT_BYTES
from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane, check_space
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.slices.grid import Extent, check_extent, coarse_to_fine, nodes

Progress = Callable[[float, Any], object]

DEFAULT_CELLS = 25  # along each axis
MAX_CHUNK_POINTS = 256  # in one compiled call
# Bound on the rounding error of a gradient, in units of ε times the largest gradient norm. Over planes through a
# variational autoencoder and a classifier with a decoder, float32 differed from float64 by at most 0.06 of it.
ROUNDING_FACTOR = 8


@dataclass(frozen=True, eq=False, repr=False)
class Cosines(Display):
    """The cosine between the gradients of two terms at some points. All arrays have the shape of the points.

    Attributes:
        terms: the names of the two terms.
        cosine: NaN where a gradient vanishes, where it or the term is not finite, and where not evaluated.
        norms: ‖∇L₁‖ and ‖∇L₂‖ of the unweighted terms, along a leading axis.
        epsilon: machine epsilon of the arithmetic.
        evaluated: whether each point has been evaluated.
    """

    terms: tuple[str, str]
    cosine: Float[np.ndarray, "..."]
    norms: Float[np.ndarray, "2 ..."]
    epsilon: float
    evaluated: Bool[np.ndarray, "..."]

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        error = float(np.nanmax(self.errors, initial=0.0))
        return (
            f"{' and '.join(self.terms)}: cosine {display.finite_range(self.cosine)}, error up to {error:.1g}, "
            f"in conflict at {self.conflicting_share:.0%} of {int(np.sum(self.evaluated)):,} points, "
            f"{self.undetermined_share:.0%} undetermined"
        )

    @property
    def errors(self) -> Float[np.ndarray, "..."]:
        """Bound on the rounding error of each cosine: 8ε·Σᵢ max‖∇Lᵢ‖/‖∇Lᵢ‖, at most 2. A gradient that is small
        because large contributions cancel loses digits in that ratio."""
        largest = [np.max(norm[np.isfinite(norm)], initial=0) for norm in self.norms]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratios = sum(top / norm for top, norm in zip(largest, self.norms, strict=True))
            return np.where(
                np.isfinite(self.cosine), np.minimum(ROUNDING_FACTOR * self.epsilon * ratios, 2.0), np.nan
            )

    @property
    def conflicting_share(self) -> float:
        """The share of the evaluated points whose cosine is negative by more than its error."""
        return self._share(self.cosine < -self.errors)

    @property
    def undetermined_share(self) -> float:
        """The share of the evaluated points where the sign of the cosine is unknown: a gradient vanishes, or the
        error exceeds the cosine."""
        return self._share(~(np.abs(self.cosine) > self.errors))

    def _share(self, which: np.ndarray) -> float:
        count = int(np.sum(self.evaluated))
        return float(np.sum(which & self.evaluated) / count) if count else 0.0


@dataclass(frozen=True, eq=False, repr=False)
class ConflictMap(Display):
    """The cosines over a grid: cosines.cosine[i, j] is at (axes[0][i], axes[1][j])."""

    axes: tuple[Float[np.ndarray, "_"], ...]
    cosines: Cosines

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        return f"{display.grid_shape(self.axes)} cells, {self.cosines.summary}"


@dataclass(frozen=True, eq=False, repr=False)
class ConflictPath(Display):
    """The cosines at the snapshots of a path in the full space, not at their projections onto a plane."""

    steps: Int[np.ndarray, "S"]
    cosines: Cosines

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        return f"{len(self.steps)} snapshots, {self.cosines.summary}"


@check_arguments
def conflict_map(
    problem: Problem,
    plane: Plane,
    extent: Extent,
    first: str,
    second: str,
    *,
    cells: int = DEFAULT_CELLS,
    progress: Progress | None = None,
) -> ConflictMap:
    """The cosine between the gradients of two terms at each of cells^K points of a line or plane.

    Cells are evaluated coarse to fine, so that a partial map covers the whole extent.

    Args:
        extent: a half-width, or one (low, high) per axis.
        cells: number of points per axis, from 2 to 129.
        progress: called with (fraction, partial map) at least every tenth of a second; may raise to cancel.

    Raises:
        ValueError: for a term that does not exist, two equal terms, a game, another number of cells, or an extent
            that is empty or does not fit the plane.
    """
    check_pair(problem, first, second)
    check_space(plane, problem.params, most=2)
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

    flat_indices = np.asarray(np.ravel_multi_index(tuple(order.T), shape))
    return _evaluate_cosines(
        problem, points, flat_indices, shape, (first, second), progress, partial(ConflictMap, axes)
    )


@check_arguments
def conflict_path(
    problem: Problem, path: Trajectory, first: str, second: str, *, progress: Progress | None = None
) -> ConflictPath:
    """The cosine between the gradients of two terms at the snapshots of a path, over all examples of the problem.

    Raises:
        ValueError: for a term that does not exist, two equal terms, or a game.
    """
    check_pair(problem, first, second)
    count = len(path.steps)
    flat_indices = np.arange(count)

    snapshots = path.snapshots(problem.params)

    def points(part: slice) -> PyTree:
        return snapshots.block(part.start, min(part.stop, count))

    return _evaluate_cosines(
        problem, points, flat_indices, (count,), (first, second), progress, partial(ConflictPath, path.steps)
    )


def check_pair(problem: Problem, first: str, second: str) -> None:
    """Checks that two terms can be compared.

    Raises:
        ValueError: unless the names are two different terms of a problem that is not a game.
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


def _evaluate_cosines(
    problem: Problem,
    points: Callable[[slice], PyTree],
    flat_indices: Int[np.ndarray, "N"],
    shape: tuple[int, ...],
    terms: tuple[str, str],
    progress: Progress | None,
    wrap: Callable[[Cosines], Any],
) -> Any:
    """`wrap` of the cosines. Point i has the flat index flat_indices[i] in arrays of that shape."""
    dtype = dtype_of(problem.params)
    cosine, norms = np.full(shape, np.nan), np.full((2, *shape), np.nan)
    evaluated = np.zeros(shape, bool)
    rows = max(1, min(MAX_CHUNK_POINTS, MAX_SEGMENT_BYTES // (problem.dim * dtype.itemsize)))
    with precision(problem.params):
        # Without the fields that the terms do not read: new weights or starts compile no new program.
        terms_problem = jax.device_put(replace(problem, params=None, weights={}, filter_axes=()))

    def partial_result() -> Any:
        copies = [array.copy() for array in (cosine, norms, evaluated)]
        for array in copies:
            array.flags.writeable = False
        return wrap(Cosines(terms, copies[0], copies[1], float(jnp.finfo(dtype).eps), copies[2]))

    done, count = 0, 1
    while done < len(flat_indices):
        part = slice(done, done + min(count, rows, len(flat_indices) - done))
        start_time = time.perf_counter()
        with precision(problem.params):  # progress is called outside of it: its caller may use another precision
            chunk = jax.tree.map(partial(_pad_rows, rows=rows), points(part))
            values = np.asarray(_cosines(terms_problem, chunk, np.int32(part.stop - done), terms=terms))
        indices = flat_indices[part]
        cosine.flat[indices], norms[0].flat[indices], norms[1].flat[indices] = values[: part.stop - done].T
        evaluated.flat[indices] = True
        count, done = next_count(part.stop - done, time.perf_counter() - start_time), part.stop
        if progress is not None:
            progress(done / len(flat_indices), partial_result())
    return partial_result()


@partial(jax.jit, static_argnames="terms")
def _cosines(problem: Problem, points: PyTree, count: Any, *, terms: tuple[str, str]) -> Any:
    """The cosine and both norms at the first `count` points, ["rows 3"]."""
    leaf = jax.tree.leaves(points)[0]

    def pair(params: PyTree) -> Any:
        values = problem.terms(params)
        return jnp.stack([values[name] for name in terms])

    def row(i: Any, table: Any) -> Any:
        values, pullback = jax.vjp(pair, jax.tree.map(lambda stack: stack[i], points))
        # Normalized first: the squares of large entries would overflow float32.
        (first_unit, first_norm), (second_unit, second_norm) = (
            _normalize(ravel_pytree(pullback(cotangent)[0])[0]) for cotangent in jnp.eye(2, dtype=leaf.dtype)
        )
        cosine = jnp.clip(jnp.vdot(first_unit, second_unit, precision="highest"), -1, 1)
        # A term may be NaN where its derivative is finite, such as a logarithm of a negative number.
        is_finite = jnp.isfinite(first_norm + second_norm + jnp.sum(values))
        is_valid = is_finite & (first_norm > 0) & (second_norm > 0)
        return table.at[i].set(jnp.stack([jnp.where(is_valid, cosine, jnp.nan), first_norm, second_norm]))

    return jax.lax.fori_loop(0, count, row, jnp.zeros((len(leaf), 3), leaf.dtype))


def _normalize(vector: Any) -> tuple[Any, Any]:
    """The unit vector and the norm; the zero vector stays zero."""
    largest = jnp.max(jnp.abs(vector))
    scaled = vector / jnp.where(largest > 0, largest, 1)
    length = jnp.linalg.norm(scaled)
    return scaled / jnp.where(length > 0, length, 1), largest * length


def _pad_rows(leaf: np.ndarray, rows: int) -> np.ndarray:
    """The leaf with zero rows appended, so that every call has the same shape and one program serves all."""
    chunk = np.zeros((rows, *leaf.shape[1:]), leaf.dtype)
    chunk[: len(leaf)] = leaf
    return chunk
