"""Whether a list of critical points in a box of the plane can be complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

COARSE = 512  # points along a curve before it is refined where ∇L turns fast
TURN = 1.0  # radians between neighbours up to which a winding is trusted
FINEST = 1e-12  # the shortest piece of a curve


class Audit(NamedTuple):
    """The count of Poincaré and Hopf: the degrees of the critical points in a box (+1 for minima and maxima,
    −1 for saddles) add up to the winding number of ∇L along its boundary.

    For a function that rises outward all along the boundary the winding number is 1, and the count is Morse's
    minima − saddles + maxima = 1. A degenerate point's degree is the winding number around it alone.

    Attributes:
        minima, saddles, maxima, degenerate: how many were found.
        degrees: the sum of their degrees, None where one could not be counted.
        winding: that of the boundary, None where ∇L vanishes on it or turns too fast to be followed.
        complete: True if the list can be complete, False if it cannot, None if that cannot be told.
        sentence: the result in words.
    """

    minima: int
    saddles: int
    maxima: int
    degenerate: int
    degrees: int | None
    winding: int | None
    complete: bool | None
    sentence: str


def count_degrees(
    gradient: Callable[[np.ndarray], np.ndarray],
    points: np.ndarray,
    index: np.ndarray,
    degenerate: np.ndarray,
    bounds: np.ndarray,
) -> Audit:
    """Counts the degrees of critical points["n 2"] in a box against the winding of gradient(points["m 2"])."""
    plain = index[~degenerate]
    minima, saddles, maxima = (int(np.sum(plain == i)) for i in range(3))
    local = [_around(gradient, points, int(i)) for i in np.flatnonzero(degenerate)]
    degrees = None if None in local else minima - saddles + maxima + sum(d for d in local if d is not None)
    winding = _winding(gradient, lambda t: _rectangle(bounds, t))
    count = (
        f"{minima} {'minimum' if minima == 1 else 'minima'} − {saddles} saddle{'' if saddles == 1 else 's'} + "
        f"{maxima} {'maximum' if maxima == 1 else 'maxima'}"
    )
    if local:
        count += f" with {len(local)} degenerate"
    if degrees is None or winding is None:
        complete = None
        sentence = f"{count}: whether that is all cannot be told, because ∇L could not be followed around it."
    else:
        complete = degrees == winding
        verdict = (
            "the counts match, so nothing forces another"
            if complete
            else "a point is missing (perhaps a kink, where ∇L jumps)"
        )
        sentence = f"{count} = {degrees}; the winding number of ∇L around the box is {winding}: {verdict}."
    return Audit(minima, saddles, maxima, len(local), degrees, winding, complete, sentence)


def _around(gradient: Callable[[np.ndarray], np.ndarray], points: np.ndarray, which: int) -> int | None:
    """The degree of one point: the winding number on a circle that holds no other."""
    others = np.delete(points, which, axis=0)
    gaps = np.linalg.norm(others - points[which], axis=1)
    radius = min(0.5 * float(gaps.min()) if len(gaps) else np.inf, 1e-2)

    def circle(t: np.ndarray) -> np.ndarray:
        return points[which] + radius * np.stack([np.cos(2 * np.pi * t), np.sin(2 * np.pi * t)], axis=1)

    return _winding(gradient, circle)


def _winding(
    gradient: Callable[[np.ndarray], np.ndarray], curve: Callable[[np.ndarray], np.ndarray]
) -> int | None:
    """How often the gradient turns along a closed curve, counterclockwise, with t from 0 to 1."""
    t = np.arange(COARSE) / COARSE
    angle = _angles(gradient(curve(t)))
    while angle is not None:
        turns = (np.diff(angle, append=angle[:1]) + np.pi) % (2 * np.pi) - np.pi
        fast = np.flatnonzero(np.abs(turns) >= TURN)
        if not len(fast):
            return round(float(np.sum(turns)) / (2 * np.pi))
        ends = np.append(t, 1.0)
        between = (ends[fast] + ends[fast + 1]) / 2
        if np.min(ends[fast + 1] - ends[fast]) < FINEST:
            return None
        t = np.insert(t, fast + 1, between)
        more = _angles(gradient(curve(between)))
        angle = None if more is None else np.insert(angle, fast + 1, more)
    return None


def _angles(vectors: np.ndarray) -> np.ndarray | None:
    if not np.all(np.isfinite(vectors)) or not np.all(np.any(vectors != 0, axis=1)):
        return None
    return np.arctan2(vectors[:, 1], vectors[:, 0])


def _rectangle(bounds: np.ndarray, t: np.ndarray) -> np.ndarray:
    (left, right), (low, high) = bounds
    corners = np.array([[left, low], [right, low], [right, high], [left, high], [left, low]])
    at = 4 * t
    side = np.minimum(at.astype(int), 3)
    share = (at - side)[:, None]
    return (1 - share) * corners[side] + share * corners[side + 1]
