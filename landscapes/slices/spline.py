"""Tensor-product cubic splines through a grid, and how far they miss the function: the error of a surface.

The spline is the not-a-knot interpolant: O(h⁴) in the spacing h, in one matrix per axis. Where values are not
finite each run of finite nodes along a line has a spline of its own, so that a hole changes nothing beyond it
and is never bridged.
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
CHECKS, CELLS_PER_CHECK = 64, 16
"""Points off the grid at which a surface is checked: one in 16 cells, and 64 at least."""
FEW = 2.0
"""How much larger than at 64 points a miss may be among a thousand, where it is noise that no finer grid
takes away: in one case of twenty the largest of 64 normal numbers is below 2.0 σ, that of 1,000 above 4.0 σ."""


def r2_points(count: int, dim: int) -> NDArray[np.float64]:
    """The first points of Roberts' R sequence in the unit cube, ["count dim"]: xₙ = ½ + n·(φ⁻¹, φ⁻², …) mod 1
    with φ the root of φ^(dim+1) = φ + 1.

    Evenly spread and irrational, so on no grid of ours: a periodic function can vanish on every node of nested
    grids, and does (Rastrigin), but not here.

    Reference: M. Roberts, The unreasonable effectiveness of quasirandom sequences, 2018.
    """
    phi = max(np.roots([1.0, *([0.0] * (dim - 1)), -1.0, -1.0]).real)
    steps = phi ** -np.arange(1.0, dim + 1)
    return (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1.0


def on_grid(axes: Axes, grid: NDArray, at: Axes) -> NDArray[np.float64]:
    """The spline through `grid` ["n_1 … n_K"] on the grid of other axes, ["q_1 … q_K"].

    Further axes of `grid` are so many functions on the same nodes. NaN in cells with a corner that is not finite,
    and outside of the axes.
    """
    values = np.asarray(grid, np.float64)
    for k, (nodes, points) in enumerate(zip(axes, at, strict=True)):
        lines = np.moveaxis(values, k, 0)
        result = _along(nodes, lines.reshape(len(nodes), -1), points)
        values = np.moveaxis(result.reshape(len(points), *lines.shape[1:]), 0, k)
    return values


def at_points(axes: Axes, grid: NDArray, points: NDArray) -> NDArray[np.float64]:
    """The spline through `grid` ["n_1 … n_K *"] at scattered points ["P K"] of a line or plane, ["P *"]."""
    values = np.asarray(grid, np.float64)
    lines = _along(axes[0], values.reshape(len(axes[0]), -1), points[:, 0])
    lines = lines.reshape(len(points), *values.shape[1:])
    if len(axes) == 1:
        return lines
    whole = np.all(np.isfinite(lines), axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        result = np.einsum("pn,pn...->p...", _matrix_on(axes[1], points[:, 1]), np.where(whole[:, None], lines, 0))
    for p, *which in np.argwhere(~whole):
        line = lines[(p, slice(None), *which)]
        result[(p, *which)] = _along(axes[1], line[:, None], points[p, 1:])[0, 0]
    return result


class Misses(NamedTuple):
    """How far splines missed the function at points that they do not go through; NaN where either is not finite.

    Attributes:
        nodes: of the spline through every other node at all nodes, ["n_1 … n_K"]; NaN at those it goes through.
        checks: of the spline through all nodes at the checks, ["P"].
    """

    nodes: NDArray[np.float64]
    checks: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The largest at the nodes, or `FEW` times that at the checks; infinity where nothing can be compared."""
        found = np.concatenate([self.nodes.ravel(), FEW * self.checks])
        largest = np.max(found, where=np.isfinite(found), initial=-1.0)
        return float(largest) if largest >= 0 else float("inf")

    @property
    def between(self) -> float:
        """The largest at the nodes, 0 where there is none."""
        return float(np.max(self.nodes, where=np.isfinite(self.nodes), initial=0.0))

    @property
    def median(self) -> float:
        """The median at the nodes, 0 where there is none."""
        finite = self.nodes[np.isfinite(self.nodes)]
        return float(np.median(finite)) if finite.size else 0.0


@check_arguments
def error_estimate(axes: Axes, grid: NDArray, points: NDArray, values: NDArray) -> float:
    """How far the spline through `grid` may be from the function, in the units of its values: an estimate.

    The largest of (a) the misses of the spline through every other node at the nodes left out, (b) `FEW` times
    the misses of this spline at `points` ["P K"], where the function has `values`, and (c) rounding, 8ε·max|L|.
    (a) is some sixteen times too careful on a smooth function; what is rough or noisy is left to (b).

    It bounds no maximum: a bump between all points is not seen. Of P independent checks none misses by more, so
    that at 95 % confidence at most a share 1 − 0.05^(1/P) ≈ 3/P of the area does (see `checked_share`).

    Misses count only where both sides are finite: the estimate is for what is drawn, and a hole is drawn as a
    hole. Infinity when nothing can be compared.
    """
    return bounded(misses(axes, {"": grid}, points, {"": values})[""], grid)


def misses(
    axes: Axes, grids: Mapping[str, NDArray], points: NDArray, values: Mapping[str, NDArray]
) -> dict[str, Misses]:
    """The misses of several functions on the same nodes: together, for a call costs more than a function."""
    stacked = np.stack(list(grids.values()), axis=-1, dtype=np.float64)
    known = np.stack([values[name] for name in grids], axis=-1, dtype=np.float64)
    coarse = tuple(_every_other(len(nodes)) for nodes in axes)
    thinned = tuple(nodes[keep] for nodes, keep in zip(axes, coarse, strict=True))
    with np.errstate(over="ignore", invalid="ignore"):
        between = np.abs(on_grid(thinned, stacked[np.ix_(*coarse)], axes) - stacked)
        off = np.abs(at_points(axes, stacked, points) - known)
    between[np.ix_(*coarse)] = np.nan  # these are zero by construction, and prove nothing
    return {name: Misses(between[..., t], off[:, t]) for t, name in enumerate(grids)}


def check_count(axes: Axes) -> int:
    """How many checks a claim rests on: 64 up to 33² nodes, then 256, 1,024 and 4,096."""
    return max(CHECKS, int(np.prod([len(nodes) - 1 for nodes in axes])) // CELLS_PER_CHECK)


def bounded(missed: Misses, grid: NDArray) -> float:
    """The error that misses support, and never less than rounding."""
    return max(missed.error, rounding(grid))


def checked_share(checks: int) -> float:
    """The share of the area of which so many independent checks speak at 95 % confidence: where the misses on more
    than 1 − share of it were larger, one of the checks would have seen that in 95 cases of 100."""
    return 0.05 ** (1 / checks) if checks else 0.0


def rounding(grid: NDArray) -> float:
    """8ε·max|L| over the finite values: by how much arithmetic in the grid's precision may have moved them."""
    finite = np.abs(grid[np.isfinite(grid)].astype(np.float64))
    return 8 * float(np.finfo(grid.dtype).eps) * float(finite.max()) if finite.size else 0.0


def is_settled(grid: NDArray, error: float, tolerance: float) -> bool:
    """Whether a finer grid is not worth it: the error is within `tolerance` of the range, or is rounding alone,
    or there is no finite value to refine."""
    finite = grid[np.isfinite(grid)].astype(np.float64)
    with np.errstate(over="ignore"):
        return not finite.size or error <= max(tolerance * float(np.ptp(finite)), rounding(grid))


def _every_other(count: int) -> NDArray[np.intp]:
    return np.unique(np.append(np.arange(0, count, 2), count - 1))


def _along(nodes: NDArray, values: NDArray, at: NDArray) -> NDArray[np.float64]:
    """The splines through the columns of `values` ["n m"], at points along axis 0: ["q m"]."""
    finite = np.isfinite(values)
    with np.errstate(over="ignore", invalid="ignore"):
        if np.all(finite):
            return _matrix_on(nodes, at) @ values
        whole = np.all(finite, axis=0)
        result = np.full((len(at), values.shape[1]), np.nan)
        result[:, whole] = _matrix_on(nodes, at) @ values[:, whole]
        # Columns with the same holes go together: a hole is usually a half-plane or a disk.
        patterns, members = np.unique(finite[:, ~whole], axis=1, return_inverse=True)
        broken = np.flatnonzero(~whole)
        for p in range(patterns.shape[1]):
            columns = broken[members.ravel() == p]
            for start, stop in _runs(patterns[:, p]):
                inside = (at >= nodes[start]) & (at <= nodes[stop - 1])
                if inside.any():
                    run = _interpolant(nodes[start:stop], values[start:stop, columns], at[inside])
                    result[np.ix_(inside, columns)] = run
    return result


def _runs(finite: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _interpolant(nodes: NDArray, values: NDArray, at: NDArray) -> NDArray[np.float64]:
    if len(nodes) == 1:
        return np.where((at == nodes[0])[:, None], values, np.nan)
    return make_interp_spline(nodes, values, k=min(3, len(nodes) - 1))(at, extrapolate=False)


def _matrix_on(nodes: NDArray, at: NDArray) -> NDArray[np.float64]:
    """The spline as a matrix ["q n"], in coordinates where the nodes span [−1, 1], so that every extent of a
    picture finds the same matrix again."""
    middle, half = (nodes[0] + nodes[-1]) / 2, (nodes[-1] - nodes[0]) / 2 or 1.0
    return _matrix(((nodes - middle) / half).tobytes(), ((at - middle) / half).tobytes())


# The largest matrix of a refinement is 257 × 257, half a megabyte.
@lru_cache(maxsize=64)
def _matrix(nodes: bytes, at: bytes) -> NDArray[np.float64]:
    values = np.frombuffer(nodes)
    matrix = _interpolant(values, np.eye(len(values)), np.frombuffer(at))
    matrix.flags.writeable = False
    return matrix
