"""Surfaces from coarse to fine: until two levels agree that the error is small, or a finer grid gains nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from landscapes.arguments import check_arguments
from landscapes.evaluation.batching import Run, points_program
from landscapes.plane import Plane
from landscapes.problem import Problem
from landscapes.slices.grid import Extent, check_extent, nodes
from landscapes.slices.roughness import POINTS, ROUNDS, Roughness, look_closer
from landscapes.slices.spline import CHECKS, Misses, at_points, check_count, is_settled, rounding
from landscapes.slices.surface import LEVELS, Checks, Progress, Surface, empty, fill, finer

FIRST_CLAIM = 33
"""Nodes per axis from which an error is claimed. In a picture of half-width 1 a bump of height 1 and σ = 0.02
changes some node of 33² by a thousandth wherever it is; it fits between those of 17²."""
FINEST_AT_JUMPS = 129
"""Nodes per axis up to which a jump, a pole or an edge is refined: the error stays, the strip with it narrows."""
GAIN = 0.4
"""Two levels, sixteen times the points, gain something if they lower the error to this share of it: a smooth
function's falls to 1/256 and that at a kink to 1/4, that at the end of a square root to 1/2 and at a jump to 1."""

NOISE = 0.5
"""Two levels that leave this share of the median miss found noise, not single jumps or poles."""
NOISE_SPREAD = 32
"""The largest miss of noise is at most so many times its median: some 7 for normal numbers on 65² nodes. The
median of a loss that is flat between its jumps is rounding."""
ROUNDING_HEIGHT = 8
"""Noise within this multiple of 8ε·max|L| is called rounding: a sum over many terms carries more than its last."""
OVERSHOOT = 1.25
"""In units of a jump, the largest miss of a spline across it: it overshoots on both sides."""
FIRST_NOISE = 65
"""Nodes per axis from which noise is named: many terraces look like it on fewer."""


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
) -> Iterator[Surface]:
    """Surfaces on nested grids of 9, 17, 33, … nodes per axis, until the spline through them is good enough.

    No node is evaluated twice. The spline is good enough when, on at least 33 nodes per axis, the error of every
    term is below `tolerance` times its range or nothing but rounding, and the error of the level before holds at
    the new nodes. The error is an estimate: at 95 % confidence it is no larger on 95 % of the area of 33² nodes,
    on 98.8 % of 65², 99.7 % of 129² and 99.9 % of 257² (see `Surface.checked_share`). It bounds no maximum.

    Where two levels do not lower the error much, the place of the largest miss is examined, and the error is at
    least the largest miss found there, except at a pole, which has no bound. Noise ends the
    refinement at once; jumps, poles and edges end it at 129 nodes per axis. `Surface.note` says which.

    Args:
        problem: whose terms.
        plane: of K = 1 or 2 directions through the problem's parameter space.
        extent: a half-width around the origin, or (low, high) for each direction.
        tolerance: of the error of each term, relative to its range over the grid.
        max_level: nodes per axis at which to stop in any case, one of 9, 17, 33, 65, 129, 257.
        max_evaluations: points at which no level is begun that would exceed them; the first level is always done.
        progress: called as progress(fraction of the level, partial) every tenth of a second or sooner; it may
            raise to cancel. A partial surface carries the errors of the level before.

    Yields:
        The complete surface of each level.

    Raises:
        ValueError: if the extent is not finite and positive, or a low is not below its high, or they do not
            fit the plane; if the tolerance is not positive; if parameters have less than 32 bits; if one
            point needs more memory than there is.
    """
    bounds = check_extent(extent, plane.dim)
    if not (tolerance > 0 and math.isfinite(tolerance)):
        raise ValueError(f"tolerance = {tolerance} is never reached; give a positive number such as 1e-3")
    if max_level not in LEVELS:
        raise ValueError(f"max_level = {max_level} is not a level; choose one of {', '.join(map(str, LEVELS))}")
    if not max_evaluations >= (first := LEVELS[0] ** plane.dim + CHECKS):
        raise ValueError(f"max_evaluations = {max_evaluations} is below the {first} of the first level; give more")
    counts = LEVELS[: LEVELS.index(max_level) + 1]
    return _levels(problem, plane, bounds, tolerance, counts, max_evaluations, progress)


@dataclass(frozen=True)
class _Level:
    """What was stated of a level: the error of each term, and the misses that it comes from."""

    errors: dict[str, float]
    missed: dict[str, Misses]


def _levels(problem, plane, bounds, tolerance, counts, max_evaluations, progress) -> Iterator[Surface]:
    run = points_program(problem, plane)
    surface = checks = None
    history: list[_Level] = []
    examined: dict[str, Roughness] = {}
    for count in counts:
        axes = tuple(nodes(low, high, count) for low, high in bounds)
        surface = empty(problem, axes) if surface is None else finer(surface, axes)
        checks = Checks.between(axes, check_count(axes), checks)
        surface, checks, missed = fill(surface, run, checks, progress)
        surface = _raised(surface, examined)
        history.append(_Level(surface.errors, missed))
        if not any(np.isfinite(grid).any() for grid in surface.terms.values()):
            yield surface
            return
        unsettled = _unsettled(surface, history, tolerance)
        if count >= FIRST_CLAIM and not unsettled:
            yield replace(surface, verified=True)
            return
        note, stop = "", False
        if count >= min(FIRST_NOISE, counts[-1]) and unsettled:
            name = unsettled[0]
            needed = surface.evaluations + POINTS**plane.dim * ROUNDS
            if _gains_nothing(history, name) and needed <= max_evaluations:
                examined[name] = look_closer(partial(_values, run, name), axes, missed[name].nodes)
                surface = replace(_raised(surface, examined), evaluations=needed)
            if (found := examined.get(name)) is not None:
                note, everywhere = _explained(found, name, surface, history)
                stop = everywhere or (count >= FINEST_AT_JUMPS and found.kind != "steep")
        if count == counts[-1]:
            note, stop = note or "The finest grid was reached.", True
        finer_axes = tuple(nodes(low, high, 2 * count - 1) for low, high in bounds)
        new_checks = check_count(finer_axes) - len(checks.points)
        needed = surface.evaluations + (2 * count - 1) ** plane.dim - count**plane.dim + new_checks
        if not stop and needed > max_evaluations:
            limit = f"The next grid would exceed the limit of {max_evaluations:,.0f} evaluations."
            note, stop = f"{note} {limit}".strip(), True
        yield replace(surface, note=note) if stop else surface
        if stop:
            return


def _values(run: Run, name: str, points: NDArray) -> NDArray:
    return np.concatenate([terms[name] for _, terms in run(points)])


def _raised(surface: Surface, examined: dict[str, Roughness]) -> Surface:
    """With errors no lower than what was missed at the places that were examined, nor than a jump lets miss. A
    pole would leave no error at all: it is named instead."""
    errors = dict(surface.errors)
    for name, found in examined.items():
        if found.kind == "pole":
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            missed = np.abs(at_points(surface.axes, surface.terms[name], found.points) - found.values)
        largest = float(np.max(missed, where=np.isfinite(missed), initial=0.0))
        errors[name] = max(errors[name], largest, OVERSHOOT * found.height if found.kind == "jump" else 0.0)
    return replace(surface, errors=errors)


def _unsettled(surface: Surface, history: list[_Level], tolerance: float) -> list[str]:
    """Terms whose error is too large, or larger at the new nodes than was stated a level before; worst first."""

    def agrees(name: str) -> bool:
        stated = history[-2].errors[name] if len(history) > 1 else 0.0
        return history[-1].missed[name].between <= max(stated, rounding(surface.terms[name]))

    def relative(name: str) -> float:
        grid = surface.terms[name]
        finite = grid[np.isfinite(grid)].astype(np.float64)
        return surface.errors[name] / max(float(np.ptp(finite)), np.finfo(float).tiny) if finite.size else 0.0

    terms = surface.terms.items()
    names = [n for n, grid in terms if not (is_settled(grid, surface.errors[n], tolerance) and agrees(n))]
    return sorted(names, key=relative, reverse=True)


def _gains_nothing(history: list[_Level], name: str) -> bool:
    """By the misses at nodes alone: the largest at 64 checks goes up and down."""
    if len(history) < 3:
        return False
    return history[-1].missed[name].between > GAIN * history[-3].missed[name].between


def _explained(found: Roughness, name: str, surface: Surface, history: list[_Level]) -> tuple[str, bool]:
    """A sentence on what was found, and whether it is so nearly everywhere, so that no finer grid shows more."""
    subject = "The loss" if name == "loss" else f"The term {name}"
    place = ", ".join(f"{x:.2g}" for x in found.place).replace("-", "−")
    if len(found.place) > 1:
        place = f"({place})"
    now, before = history[-1].missed[name], history[-3].missed[name]
    if found.kind != "steep" and now.median > max(NOISE * before.median, now.between / NOISE_SPREAD):
        if found.height <= ROUNDING_HEIGHT * rounding(surface.terms[name]):
            moved = subject.replace("The", "the", 1)
            return f"Rounding moves {moved} by about {now.between:.2g}; finer grids do not reduce that.", True
        return f"{subject} jumps or is noisy nearly everywhere, so that finer grids do not reduce the error.", True
    size = f"{found.height:.2g}"
    return {
        "jump": f"{subject} jumps by about {size} near {place}; finer grids do not reduce the error there.",
        "pole": f"{subject} has a pole near {place}, where the error has no bound.",
        "vertical": f"{subject} has a vertical slope near {place}; finer grids hardly reduce the error there.",
        "edge": f"{subject} is not finite beyond {place}; finer grids hardly reduce the error at that edge.",
        "steep": f"{subject} changes too fast for this grid near {place}.",
    }[found.kind], False
