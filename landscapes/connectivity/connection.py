"""The straight line between two solutions, the line after matching hidden units, and a trained curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, PyTree

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.connectivity.barrier import Profile, linear_interpolation
from landscapes.connectivity.curve import (
    DEFAULT_LEARNING_RATE,
    DEFAULT_STEPS,
    Curve,
    CurveKind,
    loss_along_curve,
    plane_through,
    train_curve,
)
from landscapes.connectivity.permutation_matching import Matching, distance, match_units
from landscapes.curvature.hessian import Progress
from landscapes.curvature.symmetries import Units, check_same_loss
from landscapes.display import Display
from landscapes.immutable import frozen
from landscapes.plane import Plane
from landscapes.problem import Problem
from landscapes.slices.refinement import refine
from landscapes.slices.surface import Surface

MARGIN_SHARE = 0.25  # margin of the surface around the path, as a share of the path's larger extent


@dataclass(frozen=True, eq=False, repr=False)
class Connection(Display):
    """What connects two solutions. A part that is not computed yet, or that does not exist, is None.

    Attributes:
        straight_profile: the loss along the line from the first solution to the second.
        matching: the second solution with its hidden units permuted to match the first; None for a model without
            hidden units.
        matched_profile: the loss along the line from the first solution to the matched second.
        curve: the trained curve.
        curve_profile: the loss along the curve.
        plane: the plane through the first solution, the bend and the second, which contains the curve.
        control_points: the coordinates of these three in the plane, in this order.
        path: the coordinates of the points on the curve.
        surface: the loss over the plane.
        pending: the name of the part that is computed next; empty when all are there.
    """

    straight_profile: Profile | None = None
    matching: Matching | None = None
    matched_profile: Profile | None = None
    curve: Curve | None = None
    curve_profile: Profile | None = None
    plane: Plane | None = None
    control_points: Float[np.ndarray, "3 2"] | None = None
    path: Float[np.ndarray, "N 2"] | None = None
    surface: Surface | None = None
    pending: str = ""

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        profiles = {
            "straight": self.straight_profile,
            "matched": self.matched_profile,
            "curve": self.curve_profile,
        }
        barriers = [
            f"{name} {display.with_error(profile.barrier.above_line, profile.error)}"
            for name, profile in profiles.items()
            if profile is not None
        ]
        return f"barriers: {', '.join(barriers)}" if barriers else "no profile yet"


@check_arguments
def connect_solutions(
    problem: Problem,
    first: PyTree,
    second: PyTree,
    *,
    units: Sequence[Units] = (),
    kind: CurveKind = "bezier",
    steps: int = DEFAULT_STEPS,
    learning_rate: float = DEFAULT_LEARNING_RATE,
    tolerance: float = 3e-3,
    key: Any = 0,
    progress: Progress | None = None,
) -> Connection:
    """The connection between two solutions of one problem: line, matched line, curve and the plane of the curve.

    Args:
        problem: the problem; its own parameters are ignored.
        first, second: the solutions.
        units: groups of hidden units to match; none for a model without hidden units.
        kind, steps, learning_rate: of the curve, see `curve.train_curve`.
        tolerance: of the surface over the plane, see `surface.refine`.
        key: a key or an integer seed, draws the order in which layers are matched.
        progress: called with (fraction, the Connection so far) at least every tenth of a second; may raise to
            cancel.

    Raises:
        ValueError: for a game, for two solutions that are the same, for a matching that changes the function, or
            for a curve that stays on the straight line.
    """
    if distance(first, second) == 0:
        raise ValueError("the two solutions are one point; choose another seed or another optimizer")
    connection = Connection(pending="the straight line")

    def within(low: float, high: float) -> Progress:
        return lambda fraction, partial: report(low + (high - low) * fraction)

    done = 0.0

    def report(fraction: float) -> None:
        nonlocal done
        done = max(done, fraction)  # each level of a refinement starts at 0 again
        if progress is not None:
            progress(done, connection)

    profile = linear_interpolation(problem, first, second, progress=within(0.0, 0.1))
    connection = replace(connection, straight_profile=profile)
    if units:
        connection = replace(connection, pending="the matched line")
        matching = match_units(first, second, units, key=key)
        check_same_loss(replace(problem, params=second), matching.params)
        report(0.1)
        profile = linear_interpolation(problem, first, matching.params, progress=within(0.1, 0.2))
        connection = replace(connection, matching=matching, matched_profile=profile)
    connection = replace(connection, pending="the curve")

    def report_curve(fraction: float, curve: Curve | None) -> None:
        nonlocal connection
        connection = replace(connection, curve=curve)
        report(0.2 + 0.4 * fraction)

    curve = train_curve(
        problem, first, second, kind=kind, steps=steps, learning_rate=learning_rate, progress=report_curve
    )
    plane = plane_through(first, second, curve.bend)
    control_points = np.stack(
        [np.asarray(plane.project(point)[0], float) for point in (first, curve.bend, second)]
    )
    curve_profile, path = loss_along_curve(problem, plane, control_points, kind, progress=within(0.6, 0.65))
    connection = replace(
        connection,
        curve=curve,
        curve_profile=curve_profile,
        plane=plane,
        control_points=frozen(control_points),
        path=path,
        pending="the surface",
    )
    points = np.concatenate([path, control_points])
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN_SHARE * np.max(high - low)
    extent = list(zip(map(float, low - margin), map(float, high + margin), strict=True))
    weights = {name: float(weight) for name, weight in problem.weights.items()}
    for surface in refine(problem, plane, extent, tolerance=tolerance, progress=within(0.65, 0.65)):
        connection = replace(connection, surface=surface.reweighted(weights))
        report(0.8)
    connection = replace(connection, pending="")
    report(1.0)
    return connection
