"""Refinement against a dense grid of the same displayed accuracy, and what its spline costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import numpy as np

from landscapes import Choice, Plane, Problem, Recipe, Surface, evaluate, refine
from landscapes.recipes import catalog
from landscapes.scenes.framing import function_plane
from landscapes.slices import refinement
from landscapes.slices.grid import nodes
from tests.benchmarks import networks
from tests.benchmarks.measure import Line, half_widths, plane_of, side_by_side

SHOWN = 201
TOLERANCE = 1e-3


def lines(repeats: int) -> Iterator[Line]:
    smooth = networks.trained(networks.dense(784, 256, 10, activation="tanh"))
    digits = networks.trained(catalog.build(Recipe()))
    function = Recipe(objective=Choice("rosenbrock"))
    flat = catalog.build(function)
    full, _, extent = function_plane(catalog.complete(function), flat)
    subjects = [
        ("784-256-10 tanh, trained", smooth, plane_of(smooth), half_widths(plane_of(smooth)), 10.0),
        ("digits MLP, trained", digits, plane_of(digits), half_widths(plane_of(digits)), 10.0),
        # Here a point costs less than a look at its neighbours; there is no bound to hold.
        ("Rosenbrock", flat, full, extent, None),
    ]
    for name, problem, plane, extent, least in subjects:
        yield _against_dense(name, problem, plane, extent, repeats)
        yield _share_of_the_spline(name, problem, plane, extent, repeats, least)


def finest(problem: Problem, plane: Plane, extent: Any) -> Surface:
    """The last level."""
    *_, last = refine(problem, plane, extent, tolerance=TOLERANCE)
    return last


def _against_dense(name: str, problem: Problem, plane: Plane, extent: Any, repeats: int) -> Line:
    axes = tuple(nodes(low, high, SHOWN) for low, high in extent)

    def ours() -> np.ndarray:
        return finest(problem, plane, extent).resampled(SHOWN).loss

    def theirs() -> np.ndarray:
        return evaluate(problem, plane, axes).loss

    times = side_by_side(ours, theirs, min(repeats, 3))
    dense = theirs()
    error = float(np.max(np.abs(ours() - dense)) / np.ptp(dense))
    size = f"{finest(problem, plane, extent).evaluations} evaluations for {dense.size:,}"
    return Line(f"refine ÷ dense {SHOWN}×{SHOWN}, {name}", size, *times, error)


def _share_of_the_spline(name, problem, plane, extent, repeats, least) -> Line:
    """The time that a refinement spends on anything but evaluating points, and the time it spends on that."""
    finest(problem, plane, extent)
    pairs = []
    for _ in range(max(repeats, 5)):
        with _clocked() as evaluating:
            began = time.perf_counter()
            last = finest(problem, plane, extent)
            total = time.perf_counter() - began
        pairs.append((total - sum(evaluating), sum(evaluating)))
    ours, theirs = (median(times) for times in zip(*pairs, strict=True))
    size = f"{last.evaluated.shape[0]}×{last.evaluated.shape[1]} nodes, {len(last.terms)} terms"
    ratio = median(points / rest for rest, points in pairs)
    return Line(f"evaluation ÷ spline and checks, {name}", size, ours, theirs, ratio, None, least)


@contextmanager
def _clocked() -> Iterator[list[float]]:
    """The seconds of each compiled evaluation within a refinement, what it prepares included."""
    evaluating, program = [], refinement.points_program

    def clocked(*args: Any) -> Any:
        began = time.perf_counter()
        run = program(*args)
        evaluating.append(time.perf_counter() - began)

        def pieces(points: Any) -> Iterator[Any]:
            source = run(points)
            while True:
                began = time.perf_counter()
                piece = next(source, None)
                evaluating.append(time.perf_counter() - began)
                if piece is None:
                    return
                yield piece

        return pieces

    refinement.points_program = clocked
    try:
        yield evaluating
    finally:
        refinement.points_program = program
