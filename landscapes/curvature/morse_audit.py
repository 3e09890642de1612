"""A test of whether a list of critical points in a box of the plane can be complete (Poincaré–Hopf)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

INITIAL_SAMPLES = 512  # along a closed curve, before it is refined where ∇L turns fast
MAX_TURN = 1.0  # radians by which ∇L may turn between neighbouring samples
MIN_SPACING = 1e-12  # of neighbouring samples, as a share of the curve


class MorseAudit(NamedTuple):
    """The test by the Poincaré–Hopf theorem: the degrees of the critical points in a box (+1 for a minimum or
    maximum, −1 for a saddle) add up to the winding number of ∇L along the boundary.

    If the function rises outward along the whole boundary, the winding number is 1 and the sum is that of Morse
    theory: minima − saddles + maxima = 1. The degree of a degenerate point is the winding number of ∇L on a small
    circle around it.

    Attributes:
        minima, saddles, maxima, degenerate: how many points of each kind the list holds.
        degrees: the sum of the degrees, None where the degree of a point is unknown.
        winding: the winding number along the boundary, None where ∇L vanishes on it or turns too fast.
        is_complete: True if the list can be complete, False if it cannot, None if this is unknown.
        sentence: the result in words.
    """

    minima: int
    saddles: int
    maxima: int
    degenerate: int
    degrees: int | None
    winding: int | None
    is_complete: bool | None
    sentence: str


def audit_critical_points(
    gradient: Callable[[np.ndarray], np.ndarray],
    points: np.ndarray,
    index: np.ndarray,
    degenerate: np.ndarray,
    bounds: np.ndarray,
) -> MorseAudit:
    """Compares the degrees of critical points["n 2"] in a box with the winding number of gradient(points["m 2"])
    along its boundary."""
    nondegenerate = index[~degenerate]
    minima, saddles, maxima = (int(np.sum(nondegenerate == i)) for i in range(3))
    local = [_local_degree(gradient, points, int(i)) for i in np.flatnonzero(degenerate)]
    degrees = None if None in local else minima - saddles + maxima + sum(d for d in local if d is not None)
    winding = _winding_number(gradient, lambda t: _rectangle(bounds, t))
    count = (
        f"{minima} {'minimum' if minima == 1 else 'minima'} − {saddles} saddle{'' if saddles == 1 else 's'} + "
        f"{maxima} {'maximum' if maxima == 1 else 'maxima'}"
    )
    if local:
        count += f" with {len(local)} degenerate"
    if degrees is None or winding is None:
        is_complete = None
        sentence = f"{count}: unknown, because ∇L vanishes or turns too fast on the boundary or at a point."
    else:
        is_complete = degrees == winding
        verdict = (
            "the counts match, so nothing forces another"
            if is_complete
            else "a point is missing (perhaps a kink, where ∇L jumps)"
        )
        sentence = f"{count} = {degrees}; the winding number of ∇L around the box is {winding}: {verdict}."
    return MorseAudit(minima, saddles, maxima, len(local), degrees, winding, is_complete, sentence)


def _local_degree(gradient: Callable[[np.ndarray], np.ndarray], points: np.ndarray, index: int) -> int | None:
    """The degree of one point: the winding number of ∇L on a circle around it that encloses no other point."""
    other_points = np.delete(points, index, axis=0)
    distances = np.linalg.norm(other_points - points[index], axis=1)
    radius = min(0.5 * float(distances.min()) if len(distances) else np.inf, 1e-2)

    def circle(t: np.ndarray) -> np.ndarray:
        return points[index] + radius * np.stack([np.cos(2 * np.pi * t), np.sin(2 * np.pi * t)], axis=1)

    return _winding_number(gradient, circle)


def _winding_number(
    gradient: Callable[[np.ndarray], np.ndarray], curve: Callable[[np.ndarray], np.ndarray]
) -> int | None:
    """How often the gradient turns counterclockwise along a closed curve over t from 0 to 1; None if unknown."""
    t = np.arange(INITIAL_SAMPLES) / INITIAL_SAMPLES
    angles = _angles(gradient(curve(t)))
    while angles is not None:
        turns = (np.diff(angles, append=angles[:1]) + np.pi) % (2 * np.pi) - np.pi
        too_far = np.flatnonzero(np.abs(turns) >= MAX_TURN)
        if not len(too_far):
            return round(float(np.sum(turns)) / (2 * np.pi))
        ends = np.append(t, 1.0)
        midpoints = (ends[too_far] + ends[too_far + 1]) / 2
        if np.min(ends[too_far + 1] - ends[too_far]) < MIN_SPACING:
            return None
        t = np.insert(t, too_far + 1, midpoints)
        new_angles = _angles(gradient(curve(midpoints)))
        angles = None if new_angles is None else np.insert(angles, too_far + 1, new_angles)
    return None


def _angles(vectors: np.ndarray) -> np.ndarray | None:
    """The angle of each vector; None if one is zero or not finite."""
    if not np.all(np.isfinite(vectors)) or not np.all(np.any(vectors != 0, axis=1)):
        return None
    return np.arctan2(vectors[:, 1], vectors[:, 0])


def _rectangle(bounds: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Points on the boundary of the box, counterclockwise, with t from 0 to 1."""
    (left, right), (low, high) = bounds
    corners = np.array([[left, low], [right, low], [right, high], [left, high], [left, low]])
    position = 4 * t
    side = np.minimum(position.astype(int), 3)
    share = (position - side)[:, None]
    return (1 - share) * corners[side] + share * corners[side + 1]
