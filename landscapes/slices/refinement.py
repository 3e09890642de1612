"""Surfaces refined from coarse to fine, until two levels agree on a small error or a finer grid does not reduce
it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from landscapes.arguments import check_arguments
from landscapes.evaluation.batching import Run, points_program
from landscapes.evaluation.result_directory import open_results, resumable
from landscapes.immutable import read_only
from landscapes.plane import Plane, check_space
from landscapes.problem import Problem
from landscapes.slices.grid import MAX_POINTS, Extent, check_extent, nodes
from landscapes.slices.roughness import (
    MAX_POLE_SEARCHES,
    POINTS_PER_SIDE,
    ZOOM_STEPS,
    Roughness,
    examine_roughness,
    pole_beside,
)
from landscapes.slices.spline import (
    MIN_CHECKS,
    SplineDeviations,
    interpolate_at_points,
    is_settled,
    number_of_checks,
    rounding_error,
    settled_error,
)
from landscapes.slices.surface import (
    LEVELS,
    CheckPoints,
    Progress,
    Surface,
    empty_surface,
    evaluate_missing,
)

MIN_NODES_FOR_ERROR = 33
"""Fewest nodes per axis at which a surface is accepted. In a picture of half-width 1, a bump of height 1 and σ =
0.02 changes a node of 33² by at least a thousandth wherever it is; it fits between the nodes of 17²."""
MAX_NODES_AT_JUMPS = 129
"""Nodes per axis up to which a jump, a pole or an edge is refined. The error stays, but the strip narrows."""
MAX_STAGNANT_RATIO = 0.4
"""Refinement is stagnant if two levels (16 times the points) leave more than this share of the error. They leave
1/256 of it for a smooth function, 1/4 at a kink, 1/2 at the end of a square root, and all of it at a jump."""

NOISE_MEDIAN_RATIO = 0.5
"""If two levels leave this share of the median deviation, the cause is noise and not single jumps or poles."""
MAX_NOISE_SPREAD = 32
"""Bound on the ratio of the largest to the median deviation for noise: about 7 for normal numbers on 65² nodes.
For a loss that is constant between its jumps the median is rounding."""
ROUNDING_FACTOR = 8
"""Noise within this multiple of 8ε·max|L| is attributed to rounding, which grows with the length of a sum."""
OVERSHOOT_FACTOR = 1.25
"""The largest deviation of a spline across a jump, in units of the jump: it overshoots on both sides."""
MIN_NODES_FOR_NOISE = 65
"""Fewest nodes per axis at which noise is diagnosed: on fewer, a staircase can look like noise."""


@check_arguments
def refine(
    problem: Problem,
    plane: Plane,
    extent: Extent,
    *,
    tolerance: float = 1e-3,
    max_level: int = LEVELS[-1],
    max_evaluations: float = math.inf,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> Iterator[Surface]:
    """Surfaces on nested grids of 9, 17, 33, … nodes per axis, until the spline is accurate enough.

    No node is evaluated twice. The spline is accurate enough if, on at least 33 nodes per axis, the error of every
    term is below `tolerance` times its range or rounding alone, and the error of the previous level holds at the
    new nodes. The error is an estimate: at 95 % confidence it is no larger on 95 % of the area of 33² nodes,
    on 98.8 % of 65², 99.7 % of 129² and 99.9 % of 257² (see `Surface.checked_share`). It bounds no maximum.

    If two levels barely reduce the error, the surroundings of the largest deviation are examined. The error is
    then at least the largest deviation there, except at a pole, where it is unbounded. Noise ends the refinement
    at once; jumps, poles and edges end it at 129 nodes per axis. `Surface.note` gives the reason. Where that is a
    jump, an edge or a vertical slope, two more places are examined for a smaller pole.

    Args:
        problem: provides the terms.
        plane: of K = 1, 2 or 3 directions through the problem's parameter space.
        extent: a half-width around the origin, or (low, high) for each direction.
        tolerance: of the error of each term, relative to its range over the grid.
        max_level: largest number of nodes per axis, one of 9, 17, 33, 65, 129, 257. In a volume 33 are the most.
        max_evaluations: of points. A level that would exceed it is not started, except the first.
        progress: called as progress(fraction of the level, partial) every tenth of a second or sooner; it may
            raise to cancel. A partial surface has the errors of the previous level.
        checkpoint: a directory to which values are written every second. The same call with the same directory
            computes what is missing, also with other tolerances and limits; the values are those of an
            uninterrupted call to the bit. Several processes share the points, as in `evaluate`.

    Yields:
        The complete surface of each level.

    Raises:
        ValueError: if the extent is not finite and positive, or a low is not below its high, or they do not
            fit the plane; if the tolerance is not positive; if parameters have less than 32 bits; if one
            point needs more memory than there is; if the directory holds results of another problem.
    """
    bounds = check_extent(extent, plane.dim)
    if not (tolerance > 0 and math.isfinite(tolerance)):
        raise ValueError(f"tolerance = {tolerance} is never reached; give a positive number such as 1e-3")
    if max_level not in LEVELS:
        raise ValueError(f"max_level = {max_level} is not a level; choose one of {', '.join(map(str, LEVELS))}")
    if not max_evaluations >= (first := LEVELS[0] ** plane.dim + MIN_CHECKS):
        raise ValueError(f"max_evaluations = {max_evaluations} is below the {first} of the first level; give more")
    counts = [count for count in LEVELS if count <= max_level and count**plane.dim <= MAX_POINTS]
    check_space(plane, problem.params)
    results = open_results(checkpoint, "refine", problem, {"plane": plane, "extent": bounds})
    return _levels(problem, plane, bounds, tolerance, counts, max_evaluations, progress, results)


@check_arguments
def draw(
    problem: Problem,
    plane: Plane,
    extent: Extent | None = None,
    *,
    tolerance: float = 1e-3,
    max_level: int = LEVELS[-1],
    max_evaluations: float = math.inf,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> Surface:
    """The finished surface of `refine`.

    Args:
        extent: as in `refine`; by default the norm of each direction before it was normalized, which is the
            natural half-width along filter-normalized directions.
        problem, plane, tolerance, max_level, max_evaluations, checkpoint: as in `refine`.
        progress: called as in `refine`, with the fraction of each level.

    Raises:
        ValueError: as `refine`.
    """
    if extent is None:
        extent = [(-float(scale), float(scale)) for scale in np.asarray(plane.scale)]
    limits = {"tolerance": tolerance, "max_level": max_level, "max_evaluations": max_evaluations}
    *_, finished = refine(problem, plane, extent, **limits, progress=progress, checkpoint=checkpoint)
    return finished


@dataclass(frozen=True)
class _Level:
    """The error of each term at a level, and the deviations that it was estimated from."""

    errors: dict[str, float]
    deviations: dict[str, SplineDeviations]


def _levels(problem, plane, bounds, tolerance, counts, max_evaluations, progress, results) -> Iterator[Surface]:
    run = resumable(points_program(problem, plane), results)
    surface = checks = None
    history: list[_Level] = []
    examined: dict[str, Roughness] = {}
    for count in counts:
        axes = tuple(nodes(low, high, count) for low, high in bounds)
        surface = empty_surface(problem, axes) if surface is None else _refined_grid(surface, axes)
        checks = CheckPoints.between(axes, number_of_checks(axes), checks)
        surface, checks, deviations = evaluate_missing(surface, run, checks, progress)
        surface = _with_examined_errors(surface, examined)
        history.append(_Level(surface.errors, deviations))
        if not any(np.isfinite(grid).any() for grid in surface.terms.values()):
            yield surface
            return
        inaccurate_terms = _inaccurate_terms(surface, history, tolerance)
        if count >= MIN_NODES_FOR_ERROR and not inaccurate_terms:
            yield replace(surface, verified=True)
            return
        note, stop = "", False
        if count >= min(MIN_NODES_FOR_NOISE, counts[-1]) and inaccurate_terms:
            name = inaccurate_terms[0]
            cost, values = POINTS_PER_SIDE**plane.dim * ZOOM_STEPS, partial(_values, run, name)
            needed = surface.evaluations + cost
            if _is_stagnant(history, name) and needed <= max_evaluations:
                examined[name] = examine_roughness(values, axes, deviations[name].nodes)
                surface = replace(_with_examined_errors(surface, examined), evaluations=needed)
            if (roughness := examined.get(name)) is not None:
                note, is_everywhere = _explain(roughness, name, surface, history)
                stop = is_everywhere or (count >= MAX_NODES_AT_JUMPS and roughness.kind != "steep")
                limit = max_evaluations - surface.evaluations
                if stop and not is_everywhere and roughness.kind != "pole" and MAX_POLE_SEARCHES * cost <= limit:
                    least = settled_error(surface.terms[name], tolerance)
                    pole, searches = pole_beside(values, axes, deviations[name].nodes, least)
                    surface = replace(surface, evaluations=surface.evaluations + searches * cost)
                    note += f" It also has a pole near {pole.where}, where the error has no bound." if pole else ""
        if count == counts[-1]:
            is_chosen = count < LEVELS[-1] and LEVELS[LEVELS.index(count) + 1] ** plane.dim <= MAX_POINTS
            limit = f"The chosen limit of {count} nodes per axis" if is_chosen else "The finest grid"
            note, stop = note or f"{limit} was reached.", True
        finer_axes = tuple(nodes(low, high, 2 * count - 1) for low, high in bounds)
        new_checks = number_of_checks(finer_axes) - len(checks.points)
        needed = surface.evaluations + (2 * count - 1) ** plane.dim - count**plane.dim + new_checks
        if not stop and needed > max_evaluations:
            limit = f"The next grid would exceed the limit of {max_evaluations:,.0f} evaluations."
            note, stop = f"{note} {limit}".strip(), True
        yield replace(surface, note=note) if stop else surface
        if stop:
            return


def _values(run: Run, name: str, points: NDArray) -> NDArray:
    parts = [(part, terms[name]) for part, terms in run(points) if terms]
    values = np.empty(len(points), parts[0][1].dtype)
    for part, value in parts:
        values[part] = value
    return values


def _with_examined_errors(surface: Surface, examined: dict[str, Roughness]) -> Surface:
    """The surface with errors of at least the deviations at the examined points and the overshoot at a jump. A
    pole is left out, because its error is unbounded; the note names it instead."""
    errors = dict(surface.errors)
    for name, roughness in examined.items():
        if roughness.kind == "pole":
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            deviations = np.abs(
                interpolate_at_points(surface.axes, surface.terms[name], roughness.points) - roughness.values
            )
        largest = float(np.max(deviations, where=np.isfinite(deviations), initial=0.0))
        errors[name] = max(
            errors[name], largest, OVERSHOOT_FACTOR * roughness.height if roughness.kind == "jump" else 0.0
        )
    return replace(surface, errors=errors)


def _inaccurate_terms(surface: Surface, history: list[_Level], tolerance: float) -> list[str]:
    """Terms whose error is too large, or exceeds that of the previous level at the new nodes; the worst first."""

    def agrees(name: str) -> bool:
        previous = history[-2].errors[name] if len(history) > 1 else 0.0
        return history[-1].deviations[name].largest <= max(previous, rounding_error(surface.terms[name]))

    def relative(name: str) -> float:
        grid = surface.terms[name]
        finite = grid[np.isfinite(grid)].astype(np.float64)
        return surface.errors[name] / max(float(np.ptp(finite)), np.finfo(float).tiny) if finite.size else 0.0

    terms = surface.terms.items()
    names = [n for n, grid in terms if not (is_settled(grid, surface.errors[n], tolerance) and agrees(n))]
    return sorted(names, key=relative, reverse=True)


def _is_stagnant(history: list[_Level], name: str) -> bool:
    """Whether two levels barely reduced the largest deviation at the nodes. That at 64 checks fluctuates too
    much."""
    if len(history) < 3:
        return False
    return history[-1].deviations[name].largest > MAX_STAGNANT_RATIO * history[-3].deviations[name].largest


def _explain(roughness: Roughness, name: str, surface: Surface, history: list[_Level]) -> tuple[str, bool]:
    """A sentence on the reason, and whether it applies nearly everywhere, so that no finer grid helps."""
    subject = "The loss" if name == "loss" else f"The term {name}"
    place = roughness.where
    current, previous = history[-1].deviations[name], history[-3].deviations[name]
    least_median = max(NOISE_MEDIAN_RATIO * previous.median, current.largest / MAX_NOISE_SPREAD)
    if roughness.kind != "steep" and current.median > least_median:
        if roughness.height <= ROUNDING_FACTOR * rounding_error(surface.terms[name]):
            term, size = subject.replace("The", "the", 1), f"{current.largest:.2g}"
            return f"Rounding changes {term} by about {size}; finer grids do not reduce that.", True
        return f"{subject} jumps or is noisy nearly everywhere, so that finer grids do not reduce the error.", True
    size = f"{roughness.height:.2g}"
    return {
        "jump": f"{subject} jumps by about {size} near {place}; finer grids do not reduce the error there.",
        "pole": f"{subject} has a pole near {place}, where the error has no bound.",
        "vertical": f"{subject} has a vertical slope near {place}; finer grids hardly reduce the error there.",
        "edge": f"{subject} is not finite beyond {place}; finer grids hardly reduce the error at that edge.",
        "steep": f"{subject} changes too fast for this grid near {place}.",
    }[roughness.kind], False


def _refined_grid(surface: Surface, axes) -> Surface:
    """The surface on the next finer grid, with the new nodes not evaluated."""
    known = (slice(None, None, 2),) * len(axes)
    shape = [len(axis) for axis in axes]
    evaluated = np.zeros(shape, bool)
    evaluated[known] = True
    terms = {}
    for name, grid in surface.terms.items():
        terms[name] = np.full(shape, np.nan, grid.dtype)
        terms[name][known] = grid
    return replace(surface, axes=tuple(map(read_only, axes)), terms=terms, evaluated=evaluated)
