"""Surfaces: the terms of a loss over a line, a plane or a volume, with estimates of their interpolation error."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.evaluation.batching import Run, points_program
from landscapes.evaluation.result_directory import open_results, resumable
from landscapes.immutable import read_only
from landscapes.plane import Plane, check_space
from landscapes.problem import Problem, Sense
from landscapes.slices.conversion import dataset, fields_from_grid, resampled_fields, summary
from landscapes.slices.grid import check_axes, check_size
from landscapes.slices.spline import (
    SplineDeviations,
    checked_share,
    error_with_rounding,
    number_of_checks,
    r2_points,
    spline_deviations,
)

LEVELS = (9, 17, 33, 65, 129, 257)
"""Nodes per axis of the nested grids."""

Progress = Callable[[float, "Surface"], Any]


@dataclass(frozen=True, eq=False, repr=False)
class Surface(Display):
    """The unweighted terms Lᵢ(θ₀ + Σₖ cₖ·dₖ) on a grid, with estimates of the interpolation error.

    Terms are stored separately, so that weights can be applied afterwards. Arrays are read-only; values keep the
    precision in which they were computed.

    Attributes:
        axes: coordinates of the nodes along each direction, increasing, in float64.
        terms: a grid per term; terms[t][i, j] is at (axes[0][i], axes[1][j]). NaN where not evaluated, and
            NaN or infinity where the loss is.
        evaluated: which nodes have been evaluated; it distinguishes a NaN from a node that is not evaluated yet.
        weights: the weight of each term in the loss.
        errors: for each term an estimate of the interpolation error of the spline on at least `checked_share` of
            the area, in the units of the term. It does not bound the largest error: a feature between all nodes
            and checks is missed (see `spline.error_estimate`). Infinite where it is unknown.
        evaluations: number of points evaluated so far, including coarser levels and the error estimate.
        checks: number of points between the nodes from which the errors are estimated.
        verified: whether two consecutive levels agree that the errors are small enough; False for the coarse
            levels of a refinement and for a single grid.
        note: one sentence on why the refinement ended earlier; "" otherwise.
        sense: "minimize" or "maximize".
        game: whether the terms belong to several players, so that there is no single loss.
    """

    axes: tuple[Float[np.ndarray, "_"], ...]
    terms: dict[str, Float[np.ndarray, "..."]]
    evaluated: Bool[np.ndarray, "..."]
    weights: dict[str, float]
    errors: dict[str, float]
    evaluations: int
    sense: str = "minimize"
    game: bool = field(default=False)
    checks: int = 0
    verified: bool = False
    note: str = ""

    @classmethod
    def from_grid(cls, x: Any, y: Any, z: Any, *, name: str = "loss", sense: Sense = "minimize") -> Surface:
        """A surface from values of another program: z[i, j] at (x[i], y[j]), for x and y that increase or
        decrease. NaN and infinity count as evaluated, and the error is unknown.

        Raises:
            ValueError: if the arrays do not fit.
        """
        return cls(**fields_from_grid((x, y), z, name), sense=sense)

    @classmethod
    def from_line(cls, x: Any, z: Any, *, name: str = "loss", sense: Sense = "minimize") -> Surface:
        """The same over one axis: z[i] at x[i]."""
        return cls(**fields_from_grid((x,), z, name), sense=sense)

    summary = property(summary)

    def to_xarray(self) -> Any:
        """The terms and their weighted sum as an `xarray.Dataset` over x and y; NaN where not evaluated.

        Raises:
            ValueError: if xarray is not installed.
        """
        return dataset(self)

    @property
    def loss(self) -> Float[np.ndarray, "..."]:
        """L = Σᵢ wᵢ·Lᵢ, NaN where not evaluated. A term of weight 0 is left out, even where it is NaN.

        Raises:
            ValueError: for a game, which has no single loss.
        """
        self._refuse_game()
        total = np.zeros(self.evaluated.shape, next(iter(self.terms.values())).dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            for name, weight in self.weights.items():
                if weight != 0:
                    total = total + weight * self.terms[name]
        return read_only(np.where(self.evaluated, total, np.nan).astype(total.dtype))

    @property
    def error(self) -> float:
        """Σᵢ |wᵢ|·errorᵢ, in the units of the loss.

        Raises:
            ValueError: for a game, which has no single loss.
        """
        self._refuse_game()
        return sum(abs(weight) * self.errors[name] for name, weight in self.weights.items() if weight != 0)

    @property
    def checked_share(self) -> float:
        """The share of the area on which the errors hold at 95 % confidence: 0.95 for the 64 checks of 33² nodes,
        0.988 for the 256 of 65², 0.997 for the 1,024 of 129²."""
        return checked_share(self.checks)

    @cached_property
    def nonfinite(self) -> int:
        """The number of evaluated nodes at which a term is NaN or infinite."""
        finite = np.logical_and.reduce([np.isfinite(grid) for grid in self.terms.values()])
        return int(np.count_nonzero(self.evaluated & ~finite))

    @check_arguments
    def reweighted(self, weights: Mapping[str, float]) -> Surface:
        """The same surface with other weights for the named terms; nothing is evaluated again.

        Raises:
            ValueError: for an unknown term or a weight that is not finite.
        """
        for name, weight in weights.items():
            if name not in self.terms:
                raise ValueError(f"there is no term {name!r}; the terms are: {', '.join(self.terms)}")
            if not math.isfinite(weight):
                raise ValueError(f"the weight of {name} is {weight}; give a finite number")
        return replace(self, weights={**self.weights, **{n: float(w) for n, w in weights.items()}})

    @check_arguments
    def resampled(self, n: int) -> Surface:
        """The spline through the grid on n nodes per axis, for display; errors and evaluations are kept.

        Cells with a corner that is not finite or not evaluated are NaN.

        Raises:
            ValueError: if n is below 2 or the grid would be too large.
        """
        check_size((n,) * len(self.axes))
        if n < 2:
            raise ValueError(f"a picture of {n} nodes per axis shows nothing; give at least 2")
        return replace(self, **resampled_fields(self, n))

    def _refuse_game(self) -> None:
        if self.game:
            raise ValueError(
                "a game has no single loss to draw; choose one of the terms: " + ", ".join(self.terms)
            )


@check_arguments
def evaluate(
    problem: Problem,
    plane: Plane,
    axes: Sequence[Any],
    *,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> Surface:
    """Every term at every node of a grid.

    Args:
        problem: provides the terms.
        plane: of K = 1, 2 or 3 directions through the problem's parameter space.
        axes: K increasing arrays of coordinates; axes[0] belongs to the first direction.
        progress: called as progress(fraction, partial) every tenth of a second or sooner; it may raise to
            cancel. Errors of a partial surface are infinite, because they are not known yet.
        checkpoint: a directory to which values are written every second. The same call with the same directory
            computes what is missing; the values are those of an uninterrupted call to the bit. Several processes
            of `jax.distributed` share the points, and each returns the whole surface. Without a directory each
            of them computes all of it.

    Returns:
        The surface. Its errors are estimated from the grid and from check points between the nodes: one per 16
        cells and at least 64, but at most as many as nodes. Unlike in `refine`, no second level confirms them.

    Raises:
        ValueError: if the axes do not fit the plane, are not finite and increasing, or make too large a grid;
            if parameters have less than 32 bits; if one point needs more memory than there is; if the directory
            holds results of another problem.
    """
    checked = check_axes(axes, plane.dim)
    check_space(plane, problem.params)
    results = open_results(checkpoint, "evaluate", problem, {"plane": plane, "grid": checked})
    run = resumable(points_program(problem, plane), results)
    surface = empty_surface(problem, checked)
    checks = CheckPoints.between(checked, min(number_of_checks(checked), surface.evaluated.size))
    return evaluate_missing(surface, run, checks, progress)[0]


@dataclass(frozen=True, eq=False)
class CheckPoints:
    """Check points between the nodes, ["P K"], and the values of each term at the first of them."""

    points: np.ndarray
    values: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def between(cls, axes: tuple[np.ndarray, ...], count: int, known: CheckPoints | None = None) -> CheckPoints:
        """`count` check points. Those of a coarser grid are the first of them, so their values are kept."""
        low, high = (np.array([axis[end] for axis in axes]) for end in (0, -1))
        points = low + (high - low) * r2_points(count, len(axes))
        return cls(points, {} if known is None else known.values)

    @property
    def missing(self) -> np.ndarray:
        """The points without values."""
        return self.points[len(next(iter(self.values.values()), ())) :]


def evaluate_missing(
    surface: Surface, run: Run, checks: CheckPoints, progress: Progress | None
) -> tuple[Surface, CheckPoints, dict[str, SplineDeviations]]:
    """The surface and the check points with all missing values evaluated, and the deviations of the spline."""
    missing = np.flatnonzero(~surface.evaluated)
    indices = np.unravel_index(missing, surface.evaluated.shape)
    points = np.stack([axis[i] for axis, i in zip(surface.axes, indices, strict=True)], axis=-1)
    points = np.concatenate([points, checks.missing])
    flat: dict[str, np.ndarray] = {}
    known_points = np.zeros(len(points), bool)
    for part, values in run(points):
        for name, value in values.items():
            flat.setdefault(name, np.full(len(points), np.nan, value.dtype))[part] = value
        known_points[part] |= bool(values)
        if progress is not None:
            nodes, count = np.flatnonzero(known_points[: len(missing)]), int(np.sum(known_points))
            partial = {name: value[nodes] for name, value in flat.items()} or _no_values(surface)
            under_way = 0 if values else part.stop - part.start
            progress((count + under_way) / len(points), _insert_values(surface, missing[nodes], partial, count))
    known = {
        name: [*([checks.values[name]] if checks.values else []), flat[name][len(missing) :]] for name in flat
    }
    checks = replace(checks, values={name: np.concatenate(parts) for name, parts in known.items()})
    complete = _insert_values(surface, missing, flat, len(points))
    deviations = spline_deviations(surface.axes, complete.terms, checks.points, checks.values)
    errors = {name: error_with_rounding(deviations[name], grid) for name, grid in complete.terms.items()}
    return replace(complete, errors=errors, checks=len(checks.points)), checks, deviations


def _insert_values(surface: Surface, indices: np.ndarray, flat: dict[str, np.ndarray], count: int) -> Surface:
    """The surface with the first values of each term at these flat indices, after `count` more evaluations."""
    evaluated = surface.evaluated.copy()
    evaluated.flat[indices] = True
    terms = {}
    for name, values in flat.items():
        previous = surface.terms.get(name)
        grid = np.full(evaluated.shape, np.nan, values.dtype) if previous is None else previous.copy()
        grid.flat[indices] = values[: len(indices)]
        terms[name] = read_only(grid)
    errors = surface.errors or dict.fromkeys(terms, math.inf)
    return replace(
        surface,
        terms=terms,
        evaluated=read_only(evaluated),
        errors=errors,
        evaluations=surface.evaluations + count,
    )


def _no_values(surface: Surface) -> dict[str, np.ndarray]:
    """No values of each term."""
    return {name: np.zeros(0, grid.dtype) for name, grid in surface.terms.items()} or {
        name: np.zeros(0) for name in surface.weights
    }


def empty_surface(problem: Problem, axes) -> Surface:
    """A surface on these axes without values."""
    return Surface(
        axes=tuple(map(read_only, axes)),
        terms={},
        evaluated=read_only(np.zeros([len(axis) for axis in axes], bool)),
        weights={name: float(weight) for name, weight in problem.weights.items()},
        errors={},
        evaluations=0,
        sense=problem.sense,
        game=problem.objective.players is not None,
    )
