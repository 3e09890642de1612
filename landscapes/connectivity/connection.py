"""Between two solutions: the straight line, the line after matching hidden units, and a trained curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, PyTree

from landscapes.arguments import checked
from landscapes.connectivity.barrier import Profile, straight
from landscapes.connectivity.curve import RATE, STEPS, Curve, Kind, along, connect, plane_through
from landscapes.connectivity.permutation_matching import Matching, distance, match
from landscapes.curvature.hessian import Progress
from landscapes.curvature.symmetries import Units, check_same
from landscapes.immutable import frozen
from landscapes.plane import Plane
from landscapes.problem import Problem
from landscapes.slices.refinement import refine
from landscapes.slices.surface import Surface

MARGIN = 0.25  # of the picture around the path, as a share of its own size


@dataclass(frozen=True, eq=False)
class Connection:
    """What lies between two solutions; a part that is not there yet, or that does not exist, is None.

    Attributes:
        straight: the loss along the line from the first to the second.
        matching: the second with its hidden units in the places of the first's; None for a model without.
        matched: the loss along the line from the first to that.
        curve: the trained bend.
        curved: the loss along the curve.
        plane: through the first solution, the bend and the second: the curve lies in it.
        corners: their coordinates there, in this order.
        path: coordinates of the curve's points.
        surface: the loss over the plane.
        missing: what is still to come, in words.
    """

    straight: Profile | None = None
    matching: Matching | None = None
    matched: Profile | None = None
    curve: Curve | None = None
    curved: Profile | None = None
    plane: Plane | None = None
    corners: Float[np.ndarray, "3 2"] | None = None
    path: Float[np.ndarray, "N 2"] | None = None
    surface: Surface | None = None
    missing: str = ""


@checked
def between(
    problem: Problem,
    first: PyTree,
    second: PyTree,
    *,
    units: Sequence[Units] = (),
    kind: Kind = "bezier",
    steps: int = STEPS,
    learning_rate: float = RATE,
    tolerance: float = 3e-3,
    seed: int = 0,
    progress: Progress | None = None,
) -> Connection:
    """Everything between two solutions of one problem.

    Args:
        problem: whose loss; its own parameters do not matter.
        first, second: the solutions.
        units: groups of hidden units to match; none for a model that has none.
        kind, steps, learning_rate: of the curve, see `curve.connect`.
        tolerance: of the surface over the plane, see `surface.refine`.
        seed: the order in which layers are matched.
        progress: called with (fraction, Connection so far) every tenth of a second or sooner; may raise to cancel.

    Raises:
        ValueError: for a game, two solutions that are the same, a matching that changes the function, or a curve
            that is the straight line itself.
    """
    if distance(first, second) == 0:
        raise ValueError("the two solutions are one point; choose another seed or another optimizer")
    found = Connection(missing="the straight line")

    def within(low: float, high: float) -> Progress:
        return lambda fraction, partial: tell(low + (high - low) * fraction)

    done = 0.0

    def tell(fraction: float) -> None:
        nonlocal done
        done = max(done, fraction)  # each level of a refinement begins anew
        if progress is not None:
            progress(done, found)

    found = replace(found, straight=straight(problem, first, second, progress=within(0.0, 0.1)))
    if units:
        found = replace(found, missing="the matched line")
        matching = match(first, second, units, seed=seed)
        check_same(replace(problem, params=second), matching.params)
        tell(0.1)
        profile = straight(problem, first, matching.params, progress=within(0.1, 0.2))
        found = replace(found, matching=matching, matched=profile)
    found = replace(found, missing="the curve")

    def bending(fraction: float, curve: Curve | None) -> None:
        nonlocal found
        found = replace(found, curve=curve)
        tell(0.2 + 0.4 * fraction)

    curve = connect(problem, first, second, kind=kind, steps=steps, learning_rate=learning_rate, progress=bending)
    plane = plane_through(first, second, curve.bend)
    corners = np.stack([np.asarray(plane.project(point)[0], float) for point in (first, curve.bend, second)])
    curved, path = along(problem, plane, corners, kind, progress=within(0.6, 0.65))
    found = replace(
        found,
        curve=curve,
        curved=curved,
        plane=plane,
        corners=frozen(corners),
        path=path,
        missing="the surface",
    )
    seen = np.concatenate([path, corners])
    low, high = seen.min(axis=0), seen.max(axis=0)
    air = MARGIN * np.max(high - low)
    extent = list(zip(map(float, low - air), map(float, high + air), strict=True))
    weights = {name: float(weight) for name, weight in problem.weights.items()}
    for surface in refine(problem, plane, extent, tolerance=tolerance, progress=within(0.65, 0.65)):
        found = replace(found, surface=surface.reweighted(weights))
        tell(0.8)
    found = replace(found, missing="")
    tell(1.0)
    return found
