"""A map of convexity over a line or plane: the ends of the full Hessian's spectrum at every cell."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Bool, Float, Int

from landscapes.arguments import check_arguments
from landscapes.curvature import lanczos
from landscapes.curvature.extreme_eigenvalues import FLOAT64_EPS, ROUNDING_UNITS, extreme_eigenvalues
from landscapes.curvature.hessian import Hessian, Progress, linearize, refuse_game, telling, widened
from landscapes.curvature.largest_eigenvalue import add_noise
from landscapes.curvature.verdict import State
from landscapes.evaluation.compilation import jit_with_fast_compile
from landscapes.immutable import frozen
from landscapes.plane import Plane, check_space
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem, Sense
from landscapes.random_key import as_key
from landscapes.slices.grid import Extent, check_extent, coarse_to_fine, nodes

CELLS = 17
VECTORS = lanczos.INITIAL_ROWS  # that one cell's subspace may hold: a longer one would be another program
TOLERANCE = 5e-3  # residual asked for, relative to |λ|max: less than a color step of the map
MEMORY = 2**28  # bytes for the eigenvectors that warm the next cells
STATES: tuple[State, ...] = ("convex", "non-convex", "undetermined")


@dataclass(frozen=True, eq=False)
class ConvexityMap:
    """The ends of the full-space spectrum over a grid, in the objective's own sense.

    Attributes:
        axes: coordinates of the cells along each direction, increasing.
        smallest, largest: eigenvalues, NaN where not evaluated or where the loss is not finite.
        smallest_error, largest_error: of each the bound from its residual in float64 and the gap to the next Ritz
            value (see `ritz_bounds.ritz_value_bound`) + rounding, which is 48ε|λ|max and 48 times what float32
            lost at this cell, scaled to float64; where the cell is not convex and the residual still far from
            rounding, at least four times the tolerance, which is what a short chain can tell apart.
        states: index into `STATES`, as `verdict.Verdict` defines them; −1 where not evaluated. Two neighbouring
            convex cells between which the slope of the loss falls are "non-convex": that proves it.
        strict: where "convex" is beyond the error bar.
        slice_curvature: eigenvalues of the K × K Hessian of the slice itself, ascending: what a picture of the
            loss over the plane shows. Between the full Hessian's ends, everywhere.
        evaluated: which cells have been.
        products: Hessian-vector products spent.
        sense: that of the problem.
        jumps: where a derivative jumps at the cell, so that its eigenvalues decide nothing.
        between: the cells that are "non-convex" because the slope falls towards a neighbour (rises, where the
            objective is maximized).
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
    between: Bool[np.ndarray, "..."]

    @property
    def ratio(self) -> Float[np.ndarray, "..."]:
        """|λmin|/λmax (Li et al. 2018), the share of negative curvature: 0 where no eigenvalue is negative. Of an
        objective that is maximized λmax/|λmin|, the share of positive curvature."""
        against, along = self.smallest, self.largest
        if self.sense == "maximize":
            against, along = -self.largest, -self.smallest
        scale = np.maximum(np.abs(against), np.abs(along))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(scale > 0, np.maximum(-against, 0) / np.abs(along), 0.0)

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
    key: Any,
    cells: int = CELLS,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> ConvexityMap:
    """The smallest and largest eigenvalue of the full Hessian at each of cells^K points of a line or plane.

    One Lanczos chain per cell, started from the end vectors of the nearest cell done before, with noise. Its two
    ends are Rayleigh quotients in float64, whatever the parameters' precision, and a cell that rounding leaves
    undetermined is looked at in float64 altogether; except where an objective's loss is another in float64, as
    that of one which draws its randomness in the parameters' own. Cells come coarse to fine, so that a partial map
    covers the whole extent.

    Args:
        extent: a half-width, or one (low, high) per axis.
        key: draws the random part of every chain.
        cells: per axis, at least 2.
        tolerance: the residual asked for, relative to |λ|max at the cell.
        progress: called with (fraction, partial map) after each cell or segment; may raise to cancel.

    Raises:
        ValueError: for a game, fewer than two cells per axis, or an extent that is empty or does not fit.
    """
    refuse_game(problem)
    check_space(plane, problem.params)
    key = as_key(key)
    if cells < 2 or cells > 129:
        raise ValueError(f"cells = {cells} per axis; choose from 2 to 129")
    if not 0 < tolerance < 1:
        raise ValueError(f"the tolerance is relative to |λ|max, between 0 and 1, not {tolerance}")
    axes = tuple(nodes(low, high, cells) for low, high in check_extent(extent, plane.dim))
    with precision(problem.params):
        return _Painter(problem, plane, axes, key, tolerance).paint(
            None if progress is None else telling(progress)
        )


class _Painter:
    """The map while it is being made."""

    def __init__(self, problem: Problem, plane: Plane, axes: tuple, key: Any, tolerance: float) -> None:
        shape = tuple(map(len, axes))
        self.problem, self.plane, self.axes, self.key, self.tolerance = problem, plane, axes, key, tolerance
        self.dtype = dtype_of(problem.params)
        self.wide = widened(problem)
        self.origin, self.basis = _row(plane.origin, ()), _row(plane.basis, (plane.dim,))
        self.maximize = problem.sense == "maximize"
        self.ends, self.errors = np.full((2, *shape), np.nan), np.full((2, *shape), np.nan)
        self.slice = np.full((*shape, plane.dim), np.nan)
        self.slopes, self.steepest = np.full((*shape, plane.dim), np.nan), 0.0
        self.states, self.strict = np.full(shape, -1, np.int8), np.zeros(shape, bool)
        self.jumps = np.zeros(shape, bool)
        self.products, self.exact = 0, True  # whether all slopes are those of float64
        self.pace = lanczos.Pace()
        room = problem.dim * self.dtype.itemsize
        self.capacity = int(np.clip(MEMORY // room, 24, VECTORS))
        self.kept: OrderedDict[tuple[int, ...], Any] = OrderedDict()
        self.keep = max(1, MEMORY // room)

    def paint(self, tell: Progress | None) -> ConvexityMap:
        order = list(coarse_to_fine(self.states.shape))

        def report(done: int) -> None:
            if tell is not None:
                tell(done / len(order), self.picture())

        for done, cell in enumerate(order):
            self.visit(cell, partial(report, done))
            report(done + 1)
        return self.picture()

    def visit(self, cell: tuple[int, ...], pause: Callable[[], None]) -> None:
        coordinates = np.array([axis[i] for axis, i in zip(self.axes, cell, strict=True)], self.dtype)
        point, loss, directions, hessian = _here(self.problem, self.plane, coordinates)
        bent, slope, slopes = _slice(hessian, directions)
        if not (np.all(np.isfinite(bent)) and np.isfinite(slope) and np.isfinite(loss)):
            self.states[cell] = STATES.index("undetermined")
            return
        key = jax.random.fold_in(self.key, int(np.ravel_multi_index(cell, self.states.shape)))
        start = self.start(cell, key)
        shared: dict[str, Any] = {
            "wide_problem": self.wide,
            "wide_point": self.origin + coordinates.astype(np.float64) @ self.basis,
            "directions": self.basis,
            "loss": float(loss),
            "narrow_slice_hessian": np.asarray(bent) if self.dtype == np.float32 else self.narrow(coordinates),
            "resolution": float(jnp.finfo(self.dtype).eps),
            "tolerance": self.tolerance,
            "capacity": self.capacity,
            "pace": self.pace,
            "pause": pause,
        }
        found = extreme_eigenvalues(self.problem, point, key, start=start, hessian=hessian, **shared)
        self.products += self.plane.dim + found.products
        blurred = (
            found.converged
            and found.verdict.state == "undetermined"
            and np.any(found.values != 0)
            and not found.jump
        )
        if blurred and found.slice_hessian is not None and self.dtype == np.float32:
            with jax.enable_x64(True):
                point, start = (jnp.asarray(each, jnp.float64) for each in (point, start))
                found = extreme_eigenvalues(
                    self.wide, point, key, start=start, product_error=found.product_error, **shared
                )
            self.products += found.products
        bent = np.asarray(bent, np.float64) if found.slice_hessian is None else found.slice_hessian
        self.slice[cell] = np.linalg.eigvalsh((bent + bent.T) / 2)
        self.ends[(slice(None), *cell)], self.errors[(slice(None), *cell)] = found.values, found.errors
        self.states[cell] = STATES.index(found.verdict.state)
        self.strict[cell] = found.verdict.strict and found.verdict.state == "convex"
        self.jumps[cell] = found.jump is not None
        self.slopes[cell] = slopes if found.slice_gradient is None else found.slice_gradient
        self.steepest = max(self.steepest, float(slope))
        self.exact &= found.slice_gradient is not None
        self.kept[cell] = found.start.astype(self.dtype)
        if len(self.kept) > self.keep:
            self.kept.popitem(last=False)

    def narrow(self, coordinates: np.ndarray) -> np.ndarray:
        """The slice's Hessian in float32, of a problem in float64."""
        with jax.enable_x64(False):
            _, _, directions, hessian = _here(*jax.tree.map(_narrowed, (self.problem, self.plane, coordinates)))
            return np.asarray(_slice(hessian, directions)[0])

    def start(self, cell: tuple[int, ...], key: Any) -> Any:
        """The sum of both end vectors of the nearest cell, with a third of noise. One chain from such a sum
        needs half the steps of one from noise; a subspace that keeps the two vectors apart needs more."""
        noise = lanczos.random_unit_vectors(
            jax.random.fold_in(key, 2**31 - 1)[None], self.problem.dim, self.dtype
        )[0]
        if not self.kept:
            return noise
        near = min(self.kept, key=lambda other: sum((a - b) ** 2 for a, b in zip(cell, other, strict=True)))
        return add_noise(self.kept[near], noise)

    def between(self) -> np.ndarray:
        """Convex cells from one to the next of which the slope falls beyond rounding: on the way the loss is not
        convex, however it bends at both."""
        marked = np.zeros(self.states.shape, bool)
        rounding = (
            ROUNDING_UNITS * (FLOAT64_EPS if self.exact else float(jnp.finfo(self.dtype).eps)) * self.steepest
        )
        convex = self.states == STATES.index("convex")
        for axis in range(marked.ndim):
            rise = np.diff(self.slopes[..., axis], axis=axis) * (-1 if self.maximize else 1)
            first, second = (
                tuple(cut if each == axis else slice(None) for each in range(marked.ndim))
                for cut in (slice(None, -1), slice(1, None))
            )
            falls = convex[first] & convex[second] & (rise < -rounding)
            marked[first] |= falls
            marked[second] |= falls
        return marked

    def picture(self) -> ConvexityMap:
        between = self.between()
        return ConvexityMap(
            tuple(map(frozen, self.axes)),
            frozen(self.ends[0]),
            frozen(self.ends[1]),
            frozen(self.errors[0]),
            frozen(self.errors[1]),
            frozen(np.where(between, STATES.index("non-convex"), self.states)),
            frozen(self.strict & ~between),
            frozen(self.slice),
            frozen(self.states >= 0),
            self.products,
            self.problem.sense,
            frozen(self.jumps),
            frozen(between),
        )


def _row(tree: Any, leading: tuple[int, ...]) -> Float[np.ndarray, "... n"]:
    """`ravel_pytree` behind these axes, in float64 and in NumPy, where nothing is compiled."""
    leaves = [np.reshape(np.asarray(leaf, np.float64), (*leading, -1)) for leaf in jax.tree.leaves(tree)]
    return np.concatenate(leaves, axis=-1)


@jit_with_fast_compile
def _here(problem: Problem, plane: Plane, coordinates: Any) -> tuple[Any, Any, Any, Hessian]:
    """The flat point at these coordinates, the loss there, the slice's directions["K n"] and the Hessian."""
    there = plane.point(coordinates)
    point, _ = ravel_pytree(there)
    directions = jax.vmap(lambda d: ravel_pytree(d)[0])(plane.basis)
    # A loss may have derivatives where it has no value: ln y does, for y < 0.
    return point, problem.loss(there), directions, linearize(problem, point)


@jit_with_fast_compile
def _slice(hessian: Hessian, directions: Any) -> tuple[Any, Any, Any]:
    """The slice's Hessian, the norm of the whole gradient, and its components in the slice."""
    bent = jnp.dot(hessian(directions), directions.T, precision="highest")
    slopes = jnp.dot(directions, hessian.gradient, precision="highest")
    return bent, jnp.linalg.norm(hessian.gradient), slopes


def _narrowed(leaf: Any) -> Any:
    return jnp.asarray(leaf, jnp.float32) if jnp.issubdtype(jnp.result_type(leaf), jnp.floating) else leaf
