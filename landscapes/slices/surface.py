"""Surfaces: the terms of a loss over a line or a plane, with the error of what is drawn between the points."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from landscapes.arguments import check_arguments
from landscapes.evaluation.batching import Run, points_program
from landscapes.plane import Plane
from landscapes.problem import Problem
from landscapes.slices.grid import check_axes, check_size, nodes
from landscapes.slices.spline import Misses, bounded, check_count, checked_share, misses, on_grid, r2_points

LEVELS = (9, 17, 33, 65, 129, 257)
"""Nodes per axis of the nested grids."""

Progress = Callable[[float, "Surface"], Any]


@dataclass(frozen=True, eq=False)
class Surface:
    """The unweighted terms Lᵢ(θ₀ + Σₖ cₖ·dₖ) on a grid, and how well the grid shows them.

    Terms stay apart, so that weights are applied afterwards. Arrays are read-only; values keep the precision
    in which they were computed.

    Attributes:
        axes: coordinates of the nodes along each direction, increasing, in float64.
        terms: a grid per term; terms[t][i, j] is at (axes[0][i], axes[1][j]). NaN where not evaluated, and
            NaN or infinity where the loss is.
        evaluated: which nodes have been evaluated: what tells a NaN from a point still to come.
        weights: the weight of each term in the loss.
        errors: by how much the spline through the grid misses each term on at least `checked_share` of the area,
            in the term's units: an estimate from the nodes and from checks between them. It is no bound on the
            largest miss: a feature that lies between all points is not seen (see `spline.error_estimate`).
        evaluations: points evaluated so far, those of coarser levels and of the error estimate included.
        checks: how many points between the nodes the errors rest on.
        verified: whether two consecutive levels agree on the errors and on that they are small enough; False for
            the coarse levels of a refinement, and for a single grid.
        note: one sentence on why refinement ended before that, with what was found; "" otherwise.
        sense: "minimize" or "maximize".
        game: whether the terms belong to several players, so that there is no one loss.
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
        return _frozen(np.where(self.evaluated, total, np.nan).astype(total.dtype))

    @property
    def error(self) -> float:
        """Σᵢ |wᵢ|·errorᵢ, in the loss's units.

        Raises:
            ValueError: for a game, which has no single loss.
        """
        self._refuse_game()
        return sum(abs(weight) * self.errors[name] for name, weight in self.weights.items() if weight != 0)

    @property
    def checked_share(self) -> float:
        """The share of the area for which the checks support the errors, at 95 % confidence: 0.95 for the 64 of
        33² nodes, 0.988 for the 256 of 65², 0.997 for the 1,024 of 129²."""
        return checked_share(self.checks)

    @property
    def nonfinite(self) -> int:
        """Evaluated nodes at which some term is NaN or infinite."""
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
        """The spline through the grid on n nodes per axis, for display; errors and evaluations stay.

        Cells with a corner that is not finite, or not evaluated, remain so.

        Raises:
            ValueError: if n is below 2 or the grid would be too large.
        """
        check_size((n,) * len(self.axes))
        if n < 2:
            raise ValueError(f"a picture of {n} nodes per axis shows nothing; give at least 2")
        axes = tuple(_frozen(nodes(axis[0], axis[-1], n)) for axis in self.axes)
        seen = np.where(self.evaluated, 0.0, np.nan)
        terms = {}
        with np.errstate(over="ignore"):  # beside an overflow the spline may overshoot into one
            for name, grid in self.terms.items():
                shown = on_grid(self.axes, np.where(self.evaluated, grid, np.nan), axes)
                terms[name] = _frozen(shown.astype(grid.dtype))
        return replace(
            self, axes=axes, terms=terms, evaluated=_frozen(np.isfinite(on_grid(self.axes, seen, axes)))
        )

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
) -> Surface:
    """Every term at every node of a grid.

    Args:
        problem: whose terms.
        plane: of K = 1 or 2 directions through the problem's parameter space.
        axes: K increasing arrays of coordinates; axes[0] belongs to the first direction.
        progress: called as progress(fraction, partial) every tenth of a second or sooner; it may raise to
            cancel. Errors of a partial surface are infinite: not known yet.

    Returns:
        The surface. Its errors are estimated from the grid itself and from further points between the nodes,
        one in 16 cells and 64 at least, but no more than nodes; no second level confirms them, as in `refine`.

    Raises:
        ValueError: if the axes do not fit the plane, are not finite and increasing, or make too large a grid;
            if parameters have less than 32 bits; if one point needs more memory than there is.
    """
    checked = check_axes(axes, plane.dim)
    run = points_program(problem, plane)
    surface = empty(problem, checked)
    checks = Checks.between(checked, min(check_count(checked), surface.evaluated.size))
    return fill(surface, run, checks, progress)[0]


@dataclass(frozen=True, eq=False)
class Checks:
    """Points between the nodes, ["P K"], and each term at the first of them, as far as it is known."""

    points: np.ndarray
    values: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def between(cls, axes: tuple[np.ndarray, ...], count: int, known: Checks | None = None) -> Checks:
        """So many; the values of a coarser grid's, which are the first of them, are kept."""
        low, high = (np.array([axis[end] for axis in axes]) for end in (0, -1))
        points = low + (high - low) * r2_points(count, len(axes))
        return cls(points, {} if known is None else known.values)

    @property
    def missing(self) -> np.ndarray:
        """The points without values."""
        return self.points[len(next(iter(self.values.values()), ())) :]


def fill(
    surface: Surface, run: Run, checks: Checks, progress: Progress | None
) -> tuple[Surface, Checks, dict[str, Misses]]:
    """Evaluates the nodes and the checks that are missing."""
    missing = np.flatnonzero(~surface.evaluated)
    places = np.unravel_index(missing, surface.evaluated.shape)
    points = np.stack([axis[i] for axis, i in zip(surface.axes, places, strict=True)], axis=-1)
    points = np.concatenate([points, checks.missing])
    flat: dict[str, np.ndarray] = {}
    for part, values in run(points):
        for name, value in values.items():
            flat.setdefault(name, np.full(len(points), np.nan, value.dtype))[part] = value
        if progress is not None:
            progress(part.stop / len(points), _with(surface, missing[: part.stop], flat, part.stop))
    known = {
        name: [*([checks.values[name]] if checks.values else []), flat[name][len(missing) :]] for name in flat
    }
    checks = replace(checks, values={name: np.concatenate(parts) for name, parts in known.items()})
    complete = _with(surface, missing, flat, len(points))
    missed = misses(surface.axes, complete.terms, checks.points, checks.values)
    errors = {name: bounded(missed[name], grid) for name, grid in complete.terms.items()}
    return replace(complete, errors=errors, checks=len(checks.points)), checks, missed


def _with(surface: Surface, places: np.ndarray, flat: dict[str, np.ndarray], count: int) -> Surface:
    evaluated = surface.evaluated.copy()
    evaluated.flat[places] = True
    terms = {}
    for name, values in flat.items():
        old = surface.terms.get(name)
        grid = np.full(evaluated.shape, np.nan, values.dtype) if old is None else old.copy()
        grid.flat[places] = values[: len(places)]
        terms[name] = _frozen(grid)
    errors = surface.errors or dict.fromkeys(terms, math.inf)
    return replace(
        surface,
        terms=terms,
        evaluated=_frozen(evaluated),
        errors=errors,
        evaluations=surface.evaluations + count,
    )


def empty(problem: Problem, axes) -> Surface:
    return Surface(
        axes=tuple(map(_frozen, axes)),
        terms={},
        evaluated=_frozen(np.zeros([len(axis) for axis in axes], bool)),
        weights={name: float(weight) for name, weight in problem.weights.items()},
        errors={},
        evaluations=0,
        sense=problem.sense,
        game=problem.objective.players is not None,
    )


def finer(surface: Surface, axes) -> Surface:
    """The surface spread over the next level's grid, its new nodes not evaluated."""
    known = (slice(None, None, 2),) * len(axes)
    shape = [len(axis) for axis in axes]
    evaluated = np.zeros(shape, bool)
    evaluated[known] = True
    terms = {}
    for name, grid in surface.terms.items():
        terms[name] = np.full(shape, np.nan, grid.dtype)
        terms[name][known] = grid
    return replace(surface, axes=tuple(map(_frozen, axes)), terms=terms, evaluated=evaluated)


def _frozen(array: np.ndarray) -> np.ndarray:
    array = np.asarray(array)
    array.flags.writeable = False
    return array
