"""Tensor-product cubic splines through a grid, and estimates of their interpolation error.

The spline is the not-a-knot interpolant with error O(h⁴) in the spacing h, applied as one matrix per axis. If some
values are not finite, each run of finite nodes along a line has its own spline, so that a hole does not affect
other runs and is never bridged.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline

from landscapes.arguments import check_arguments

Axes = tuple[NDArray[np.float64], ...]
MIN_CHECKS, CELLS_PER_CHECK = 64, 16
"""Points between the nodes at which a surface is checked: one per 16 cells, at least 64."""
CHECK_FACTOR = 2.0
"""Ratio of the largest deviation at 1,000 points to that at 64, for noise: with 5 % probability the largest of 64
normal numbers is below 2.0 σ, and that of 1,000 above 4.0 σ."""


def r2_points(count: int, dim: int) -> NDArray[np.float64]:
    """The first points of Roberts' R sequence in the unit cube, ["count dim"]: xₙ = ½ + n·(φ⁻¹, φ⁻², …) mod 1
    with φ the root of φ^(dim+1) = φ + 1.

    They are evenly spread and irrational, so they lie on no dyadic grid: a periodic function such as Rastrigin can
    vanish at every node of nested grids, but not at these points.

    Reference: M. Roberts, The unreasonable effectiveness of quasirandom sequences, 2018.
    """
    phi = max(np.roots([1.0, *([0.0] * (dim - 1)), -1.0, -1.0]).real)
    steps = phi ** -np.arange(1.0, dim + 1)
    return (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1.0


def interpolate_on_grid(axes: Axes, grid: NDArray, at: Axes) -> NDArray[np.float64]:
    """The spline through `grid` ["n_1 … n_K"] on the grid of other axes, ["q_1 … q_K"].

    Further axes of `grid` hold several functions on the same nodes. The result is NaN in cells with a corner that
    is not finite, and outside the axes.
    """
    values = np.asarray(grid, np.float64)
    for k, (nodes, points) in enumerate(zip(axes, at, strict=True)):
        lines = np.moveaxis(values, k, 0)
        result = _interpolate_columns(nodes, lines.reshape(len(nodes), -1), points)
        values = np.moveaxis(result.reshape(len(points), *lines.shape[1:]), 0, k)
    return values


def interpolate_at_points(axes: Axes, grid: NDArray, points: NDArray) -> NDArray[np.float64]:
    """The spline through `grid` ["n_1 … n_K *"] at scattered points ["P K"], ["P *"]."""
    values = np.asarray(grid, np.float64)
    lines = _interpolate_columns(axes[0], values.reshape(len(axes[0]), -1), points[:, 0])
    lines = lines.reshape(len(points), *values.shape[1:])
    for k in range(1, len(axes)):
        lines = _interpolate_rows(axes[k], lines, points[:, k])
    return lines


def _interpolate_rows(nodes: NDArray, lines: NDArray, at: NDArray) -> NDArray[np.float64]:
    """The spline through each row of `lines` ["P n *"] at the point of that row, ["P *"]."""
    complete = np.all(np.isfinite(lines), axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        result = np.einsum("pn,pn...->p...", _matrix_on(nodes, at), np.where(complete[:, None], lines, 0))
    for p, *index in np.argwhere(~complete):
        line = lines[(p, slice(None), *index)]
        result[(p, *index)] = _interpolate_columns(nodes, line[:, None], at[p : p + 1])[0, 0]
    return result


class SplineDeviations(NamedTuple):
    """Absolute deviations of splines from the function at points that were not interpolated; NaN where either is
    not finite.

    Attributes:
        nodes: of the spline through every other node, at all nodes, ["n_1 … n_K"]; NaN at the interpolated ones.
        checks: of the spline through all nodes, at the check points, ["P"].
    """

    nodes: NDArray[np.float64]
    checks: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The maximum of the deviations at the nodes and `CHECK_FACTOR` times those at the checks; infinity
        without any."""
        deviations = np.concatenate([self.nodes.ravel(), CHECK_FACTOR * self.checks])
        largest = np.max(deviations, where=np.isfinite(deviations), initial=-1.0)
        return float(largest) if largest >= 0 else float("inf")

    @property
    def largest(self) -> float:
        """The largest deviation at the nodes, 0 if there is none."""
        return float(np.max(self.nodes, where=np.isfinite(self.nodes), initial=0.0))

    @property
    def median(self) -> float:
        """The median deviation at the nodes, 0 if there is none."""
        finite = self.nodes[np.isfinite(self.nodes)]
        return float(np.median(finite)) if finite.size else 0.0


@check_arguments
def error_estimate(axes: Axes, grid: NDArray, points: NDArray, values: NDArray) -> float:
    """An estimate of the interpolation error of the spline through `grid`, in the units of its values.

    It is the largest of (a) the deviations of the spline through every other node at the omitted nodes, (b)
    `CHECK_FACTOR` times the deviations of this spline at `points` ["P K"], where the function has `values`, and
    (c) rounding, 8ε·max|L|. (a) is about 16 times too large for a smooth function; (b) covers rough and noisy
    ones.

    It does not bound the maximum: a bump between all points is missed. None of P independent checks deviates by
    more, so at 95 % confidence at most a share 1 − 0.05^(1/P) ≈ 3/P of the area does (see `checked_share`).

    Deviations count only where both values are finite, because holes are drawn as holes. The result is infinity if
    there are no deviations.

    Raises:
        ValueError: if the coordinates of an axis do not increase.
    """
    if any(np.any(np.diff(nodes) <= 0) for nodes in axes):
        raise ValueError("the coordinates of an axis must increase; sort them and remove duplicates")
    return error_with_rounding(spline_deviations(axes, {"": grid}, points, {"": values})[""], grid)


def spline_deviations(
    axes: Axes, grids: Mapping[str, NDArray], points: NDArray, values: Mapping[str, NDArray]
) -> dict[str, SplineDeviations]:
    """The deviations of several functions on the same nodes, in one call because calls cost more than
    functions."""
    stacked = np.stack(list(grids.values()), axis=-1, dtype=np.float64)
    known = np.stack([values[name] for name in grids], axis=-1, dtype=np.float64)
    coarse = tuple(_every_other(len(nodes)) for nodes in axes)
    thinned = tuple(nodes[keep] for nodes, keep in zip(axes, coarse, strict=True))
    with np.errstate(over="ignore", invalid="ignore"):
        at_nodes = np.abs(interpolate_on_grid(thinned, stacked[np.ix_(*coarse)], axes) - stacked)
        at_checks = np.abs(interpolate_at_points(axes, stacked, points) - known)
    at_nodes[np.ix_(*coarse)] = np.nan  # zero by construction
    return {name: SplineDeviations(at_nodes[..., t], at_checks[:, t]) for t, name in enumerate(grids)}


def number_of_checks(axes: Axes) -> int:
    """The number of check points for a grid: 64 up to 33² nodes, then 256, 1,024 and 4,096."""
    return max(MIN_CHECKS, int(np.prod([len(nodes) - 1 for nodes in axes])) // CELLS_PER_CHECK)


def error_with_rounding(deviations: SplineDeviations, grid: NDArray) -> float:
    """The error estimated from deviations, but at least rounding."""
    return max(deviations.error, rounding_error(grid))


def checked_share(checks: int) -> float:
    """The share of the area on which the estimate holds at 95 % confidence, for a number of independent checks: if
    deviations were larger on more than 1 − share of it, a check would have shown so with probability 95 %."""
    return 0.05 ** (1 / checks) if checks else 0.0


def rounding_error(grid: NDArray) -> float:
    """8ε·max|L| over the finite values: a bound on rounding errors in the precision of the grid."""
    finite = np.abs(grid[np.isfinite(grid)].astype(np.float64))
    return 8 * float(np.finfo(grid.dtype).eps) * float(finite.max()) if finite.size else 0.0


def settled_error(grid: NDArray, tolerance: float) -> float:
    """The largest error at which no finer grid is needed: `tolerance` times the range, or rounding alone; infinity
    if no value is finite."""
    finite = grid[np.isfinite(grid)].astype(np.float64)
    with np.errstate(over="ignore"):
        return max(tolerance * float(np.ptp(finite)), rounding_error(grid)) if finite.size else float("inf")


def is_settled(grid: NDArray, error: float, tolerance: float) -> bool:
    """Whether an error is so small that no finer grid is needed, see `settled_error`."""
    return error <= settled_error(grid, tolerance)


def _every_other(count: int) -> NDArray[np.intp]:
    return np.unique(np.append(np.arange(0, count, 2), count - 1))


def _interpolate_columns(nodes: NDArray, values: NDArray, at: NDArray) -> NDArray[np.float64]:
    """The splines through the columns of `values` ["n m"], at points along axis 0: ["q m"]."""
    finite = np.isfinite(values)
    with np.errstate(over="ignore", invalid="ignore"):
        if np.all(finite):
            return _matrix_on(nodes, at) @ values
        complete = np.all(finite, axis=0)
        result = np.full((len(at), values.shape[1]), np.nan)
        result[:, complete] = _matrix_on(nodes, at) @ values[:, complete]
        # Columns with the same holes are interpolated together: a hole is usually a half-plane or a disk.
        patterns, members = np.unique(finite[:, ~complete], axis=1, return_inverse=True)
        incomplete = np.flatnonzero(~complete)
        for p in range(patterns.shape[1]):
            columns = incomplete[members.ravel() == p]
            for start, stop in _runs(patterns[:, p]):
                inside = (at >= nodes[start]) & (at <= nodes[stop - 1])
                if inside.any():
                    run = _interpolant(nodes[start:stop], values[start:stop, columns], at[inside])
                    result[np.ix_(inside, columns)] = run
    return result


def _runs(finite: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(start, stop) of each run of finite values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _interpolant(nodes: NDArray, values: NDArray, at: NDArray) -> NDArray[np.float64]:
    if len(nodes) == 1:
        return np.where((at == nodes[0])[:, None], values, np.nan)
    return make_interp_spline(nodes, values, k=min(3, len(nodes) - 1))(at, extrapolate=False)


def _matrix_on(nodes: NDArray, at: NDArray) -> NDArray[np.float64]:
    """The spline as a matrix ["q n"], computed with the nodes scaled to [−1, 1], so that the cached matrix serves
    every extent."""
    middle, half = (nodes[0] + nodes[-1]) / 2, (nodes[-1] - nodes[0]) / 2 or 1.0
    return _matrix(((nodes - middle) / half).tobytes(), ((at - middle) / half).tobytes())


# The largest matrix of a refinement is 257 × 257, half a megabyte.
@lru_cache(maxsize=64)
def _matrix(nodes: bytes, at: bytes) -> NDArray[np.float64]:
    values = np.frombuffer(nodes)
    matrix = _interpolant(values, np.eye(len(values)), np.frombuffer(at))
    matrix.flags.writeable = False
    return matrix
