"""A map of convexity over a line or plane: the extreme eigenvalues of the full Hessian at every cell."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from landscapes.arguments import check_arguments
from landscapes.curvature import lanczos
from landscapes.curvature.cell_files import add_cells, piece_names, restore_cells, write_cells
from landscapes.curvature.convexity_verdict import State
from landscapes.curvature.extreme_eigenvalues import FLOAT64_EPS, ROUNDING_UNITS, extreme_eigenvalues
from landscapes.curvature.float64 import to_float64
from landscapes.curvature.hessian import Progress, check_no_game, progress_reporter
from landscapes.curvature.largest_eigenvalue import add_noise
from landscapes.curvature.slice_derivatives import cast_to_float32, flat_rows, linearize_at, slice_derivatives
from landscapes.curvature.summaries import map_summary
from landscapes.display import Display
from landscapes.evaluation.processes import each_piece
from landscapes.evaluation.result_directory import ResultDirectory, open_results
from landscapes.immutable import frozen
from landscapes.objective import Sense
from landscapes.plane import Plane, check_space
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.random_key import as_key
from landscapes.slices.grid import Extent, check_extent, coarse_to_fine, nodes

CELLS_PER_AXIS = 17  # by default
MAX_SUBSPACE = (
    lanczos.INITIAL_ROWS
)  # vectors of one cell's Krylov subspace; more would need another compiled program
RELATIVE_TOLERANCE = 5e-3  # of a residual, relative to |λ|max: less than one color step of the map
MAX_BYTES = 2**28  # for the eigenvectors from which the chains of later cells start
STATES: tuple[State, ...] = ("convex", "non-convex", "undetermined")


@dataclass(frozen=True, eq=False, repr=False)
class ConvexityMap(Display):
    """The extreme eigenvalues of the full Hessian over a grid, with the sign of the objective.

    Attributes:
        axes: coordinates of the cells along each direction, increasing.
        smallest, largest: eigenvalues, NaN where not evaluated or where the loss is not finite.
        smallest_error, largest_error: the bound from the residual in float64 and the gap to the next Ritz value
            (see `ritz_bounds.ritz_value_bound`) plus a bound on rounding: 48ε|λ|max, and 48 times the rounding
            error observed in float32 at this cell, scaled to float64. Where the cell is not convex and the
            residual is far above rounding, at least four times the tolerance, the resolution of a short chain.
        states: index into `STATES`, as defined by `verdict.Verdict`; −1 where not evaluated. Two neighbouring
            convex cells are "non-convex" if the slope of the loss decreases from one to the next, which proves it.
        strict: where a cell is convex beyond its error.
        slice_curvature: eigenvalues of the K × K Hessian of the slice, ascending, which a picture of the loss over
            the plane shows. They lie between the extreme eigenvalues of the full Hessian.
        evaluated: which cells have been evaluated.
        products: number of Hessian-vector products.
        sense: of the problem.
        jumps: where a derivative jumps at the cell, so that its eigenvalues decide nothing.
        nonmonotone_slope: cells that are "non-convex" because the slope falls (rises, if maximized) to the next.
    """

    axes: tuple[Float[np.ndarray, "_"], ...]
    smallest: Float[np.ndarray, "..."]
    largest: Float[np.ndarray, "..."]
    smallest_error: Float[np.ndarray, "..."]
    largest_error: Float[np.ndarray, "..."]
    states: Int[np.ndarray, "..."]
    strict: Bool[np.ndarray, "..."]
    slice_curvature: Float[np.ndarray, "... K"]
    evaluated: Bool[np.ndarray, "..."]
    products: int
    sense: Sense
    jumps: Bool[np.ndarray, "..."]
    nonmonotone_slope: Bool[np.ndarray, "..."]
    summary = property(map_summary)

    @property
    def ratio(self) -> Float[np.ndarray, "..."]:
        """|λmin|/λmax (Li et al. 2018): negative relative to positive curvature, 0 where no eigenvalue is
        negative. For an objective that is maximized, λmax/|λmin|."""
        low, high = self.smallest, self.largest
        if self.sense == "maximize":
            low, high = -self.largest, -self.smallest
        scale = np.maximum(np.abs(low), np.abs(high))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(scale > 0, np.maximum(-low, 0) / np.abs(high), 0.0)

    def share(self, state: State) -> float:
        """The fraction of evaluated cells in a state."""
        count = int(np.sum(self.evaluated))
        return float(np.sum(self.states == STATES.index(state)) / count) if count else 0.0


@check_arguments
def convexity_map(
    problem: Problem,
    plane: Plane,
    extent: Extent,
    *,
    key: Any = 0,
    cells: int = CELLS_PER_AXIS,
    tolerance: float = RELATIVE_TOLERANCE,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> ConvexityMap:
    """The smallest and largest eigenvalue of the full Hessian at each of cells^K points of a line or plane.

    Each cell runs one Lanczos chain, started from the extreme eigenvectors of the nearest evaluated cell plus
    noise. The eigenvalues are Rayleigh quotients in float64 in either precision of the parameters, and a cell that
    rounding leaves undetermined is computed in float64 again. Objectives that draw random numbers in the precision
    of their parameters have another loss in float64 and are excepted. Cells are ordered from coarse to fine, so
    that a partial map covers the whole extent.

    Args:
        extent: a half-width, or one (low, high) per axis.
        key: random key (seed 0 if not given) of the noise in every start vector.
        cells: per axis, at least 2.
        tolerance: of the residual, relative to |λ|max at the cell.
        progress: called with (fraction, partial map) after each cell or segment; may raise to cancel.
        checkpoint: a directory to which finished cells are written every second. The same call with the same
            directory computes the others; the values are those of an uninterrupted call to the bit. Several
            processes of `jax.distributed` share the cells. A cell then starts from one of its own process, so that
            values differ from those of a single process within their errors.

    Raises:
        ValueError: for a game, fewer than two cells per axis, an extent that is empty or does not fit, or a
            directory that holds results of another problem.
    """
    check_no_game(problem)
    check_space(plane, problem.params, most=2)
    key = as_key(key)
    if cells < 2 or cells > 129:
        raise ValueError(f"cells = {cells} per axis; choose from 2 to 129")
    if not 0 < tolerance < 1:
        raise ValueError(f"the tolerance is relative to |λ|max, between 0 and 1, not {tolerance}")
    axes = tuple(nodes(low, high, cells) for low, high in check_extent(extent, plane.dim))
    with precision(problem.params):
        report = progress_reporter(progress)
        settings = {"plane": plane, "grid": axes, "key": key, "tolerance": tolerance, "weights": problem.weights}
        results = open_results(checkpoint, "convexity_map", problem, settings)
        build = partial(_MapBuilder, problem, to_float64(problem), plane, axes, key, tolerance)
        order, complete = list(coarse_to_fine(tuple(map(len, axes)))), None
        names = piece_names(results)[: len(order)]
        for piece in each_piece(results, names):
            if piece is not None:
                part = build()
                part.build(order[piece :: len(names)], names[piece], report, results)
                complete = part if complete is None else add_cells(complete, part)
            elif complete is not None:
                report(float(np.mean(complete.states >= 0)), complete.result())
        assert complete is not None
        return complete.result()


class _MapBuilder:
    """A convexity map while it is computed, or a piece of it."""

    def __init__(
        self, problem: Problem, float64_problem: Problem, plane: Plane, axes: tuple, key: Any, tolerance: float
    ) -> None:
        shape = tuple(map(len, axes))
        self.problem, self.float64_problem, self.plane, self.axes = problem, float64_problem, plane, axes
        self.key, self.tolerance, self.dtype = key, tolerance, dtype_of(problem.params)
        self.origin, self.basis = flat_rows(plane.origin, ()), flat_rows(plane.basis, (plane.dim,))
        self.maximize = problem.sense == "maximize"
        self.extremes, self.errors = np.full((2, *shape), np.nan), np.full((2, *shape), np.nan)
        self.slice_curvature = np.full((*shape, plane.dim), np.nan)
        self.slopes, self.max_gradient_norm = np.full((*shape, plane.dim), np.nan), 0.0
        self.states, self.strict = np.full(shape, -1, np.int8), np.zeros(shape, bool)
        self.jumps = np.zeros(shape, bool)
        self.products, self.has_float64_slopes = 0, True
        self.segments = lanczos.AdaptiveSegments()
        vector_bytes = problem.dim * self.dtype.itemsize
        self.capacity = int(np.clip(MAX_BYTES // vector_bytes, 24, MAX_SUBSPACE))
        self.eigenvectors: OrderedDict[tuple[int, ...], Any] = OrderedDict()
        self.stored_eigenvectors: set[str] = set()
        self.max_eigenvectors = max(1, MAX_BYTES // vector_bytes)

    def build(self, order: Sequence, name: str, progress: Progress, results: ResultDirectory | None) -> None:
        """Evaluates these cells, except for those in the file of that name."""

        def report(done: int) -> None:
            progress(done / len(order), self.result())

        first = 0 if results is None else restore_cells(self, results, name)
        for done, cell in enumerate(order[first:], first):
            self.evaluate(cell, partial(report, done))
            is_finished = done + 1 == len(order)
            if results is not None and (results.is_due or is_finished):
                write_cells(self, results, name, done + 1, is_finished=is_finished)
            report(done + 1)

    def evaluate(self, cell: tuple[int, ...], pause: Callable[[], None]) -> None:
        coordinates = np.array([axis[i] for axis, i in zip(self.axes, cell, strict=True)], self.dtype)
        point, loss, directions, hessian = linearize_at(self.problem, self.plane, coordinates)
        slice_hessian, gradient_norm, slopes = slice_derivatives(hessian, directions)
        if not (np.all(np.isfinite(slice_hessian)) and np.isfinite(gradient_norm) and np.isfinite(loss)):
            self.states[cell] = STATES.index("undetermined")
            return
        key = jax.random.fold_in(self.key, int(np.ravel_multi_index(cell, self.states.shape)))
        start = self.start_vector(cell, key)
        float32_slice_hessian = (
            np.asarray(slice_hessian) if self.dtype == np.float32 else self.float32_slice(coordinates)
        )
        arguments: dict[str, Any] = {
            "wide_problem": self.float64_problem,
            "wide_point": self.origin + coordinates.astype(np.float64) @ self.basis,
            "directions": self.basis,
            "loss": float(loss),
            "narrow_slice_hessian": float32_slice_hessian,
            "resolution": float(jnp.finfo(self.dtype).eps),
            "tolerance": self.tolerance,
            "capacity": self.capacity,
            "segments": self.segments,
            "pause": pause,
        }
        result = extreme_eigenvalues(self.problem, point, key, start=start, hessian=hessian, **arguments)
        self.products += self.plane.dim + result.products
        is_undetermined = result.converged and result.verdict.state == "undetermined"
        needs_float64 = is_undetermined and np.any(result.values != 0) and not result.jump
        if needs_float64 and result.slice_hessian is not None and self.dtype == np.float32:
            with jax.enable_x64(True):
                point, start = (jnp.asarray(each, jnp.float64) for each in (point, start))
                arguments["product_error"] = result.product_error
                result = extreme_eigenvalues(self.float64_problem, point, key, start=start, **arguments)
            self.products += result.products
        slice_hessian = slice_hessian if result.slice_hessian is None else result.slice_hessian
        slice_hessian = np.asarray(slice_hessian, np.float64)
        self.slice_curvature[cell] = np.linalg.eigvalsh((slice_hessian + slice_hessian.T) / 2)
        self.extremes[(slice(None), *cell)], self.errors[(slice(None), *cell)] = result.values, result.errors
        self.states[cell] = STATES.index(result.verdict.state)
        self.strict[cell] = result.verdict.strict and result.verdict.state == "convex"
        self.jumps[cell] = result.jump is not None
        self.slopes[cell] = slopes if result.slice_gradient is None else result.slice_gradient
        self.max_gradient_norm = max(self.max_gradient_norm, float(gradient_norm))
        self.has_float64_slopes &= result.slice_gradient is not None
        self.eigenvectors[cell] = result.start.astype(self.dtype)
        if len(self.eigenvectors) > self.max_eigenvectors:
            self.eigenvectors.popitem(last=False)

    def float32_slice(self, coordinates: np.ndarray) -> np.ndarray:
        """The Hessian of the slice in float32, for a problem in float64."""
        with jax.enable_x64(False):
            problem, plane, coordinates = jax.tree.map(cast_to_float32, (self.problem, self.plane, coordinates))
            _, _, directions, hessian = linearize_at(problem, plane, coordinates)
            return np.asarray(slice_derivatives(hessian, directions)[0])

    def start_vector(self, cell: tuple[int, ...], key: Any) -> Any:
        """The sum of both extreme eigenvectors of the nearest cell, with a third of noise. A chain from this sum
        needs half the steps of a chain from noise; a block of both vectors needs more."""
        keys = jax.random.fold_in(key, 2**31 - 1)[None]
        noise = lanczos.random_unit_vectors(keys, self.problem.dim, self.dtype)[0]
        if not self.eigenvectors:
            return noise
        nearest = min(self.eigenvectors, key=lambda c: sum((a - b) ** 2 for a, b in zip(c, cell, strict=True)))
        return add_noise(self.eigenvectors[nearest], noise)

    def nonmonotone_slope(self) -> np.ndarray:
        """Neighbouring convex cells from one to the next of which the slope decreases beyond rounding. The loss is
        not convex between them, since the slope of a convex function is monotone."""
        is_nonmonotone = np.zeros(self.states.shape, bool)
        eps = FLOAT64_EPS if self.has_float64_slopes else float(jnp.finfo(self.dtype).eps)
        rounding = ROUNDING_UNITS * eps * self.max_gradient_norm
        convex = self.states == STATES.index("convex")
        for axis in range(is_nonmonotone.ndim):
            rise = np.diff(self.slopes[..., axis], axis=axis) * (-1 if self.maximize else 1)
            first, second = (
                tuple(part if each == axis else slice(None) for each in range(is_nonmonotone.ndim))
                for part in (slice(None, -1), slice(1, None))
            )
            decreases = convex[first] & convex[second] & (rise < -rounding)
            is_nonmonotone[first] |= decreases
            is_nonmonotone[second] |= decreases
        return is_nonmonotone

    def result(self) -> ConvexityMap:
        nonmonotone = self.nonmonotone_slope()
        return ConvexityMap(
            tuple(map(frozen, self.axes)),
            frozen(self.extremes[0]),
            frozen(self.extremes[1]),
            frozen(self.errors[0]),
            frozen(self.errors[1]),
            frozen(np.where(nonmonotone, STATES.index("non-convex"), self.states)),
            frozen(self.strict & ~nonmonotone),
            frozen(self.slice_curvature),
            frozen(self.states >= 0),
            self.products,
            self.problem.sense,
            frozen(self.jumps),
            frozen(nonmonotone),
        )
