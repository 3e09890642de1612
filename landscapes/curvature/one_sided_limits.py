"""The limits of a vector field at a point from several sides: where they differ, the field jumps."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from landscapes.curvature.probe_directions import PARAMETER_ULPS, SCREENED, VECTOR_STEPS, step_size

Row = Float[np.ndarray, "n"]
Rows = Float[np.ndarray, "k n"]

# |λ|max bounds how much a gradient changes over a step. A change beyond this multiple of the bound is examined.
BEYOND_BOUND = 4
# A kink this close counts only if the curvature would need this many times the step for the same change: a large
# ReLU network has small kinks everywhere.
BEYOND_BOUND_BESIDE = 256
HALVINGS = 5  # of the step, over which a jump stays
AGREEMENT = 8  # a jump is at least this many times what varies on one side while the step is halved


class Sides(NamedTuple):
    """The limits of a vector field at a point, from the sides that step·rays lead to."""

    rays: Rows
    limits: Rows
    step: float

    def widest(self) -> tuple[Row, float]:
        """The largest difference between two limits, and its norm."""
        apart = _distances(self.limits)
        first, second = np.unravel_index(np.argmax(apart), apart.shape)
        return self.limits[first] - self.limits[second], float(apart[first, second])


def differing_sides(
    field: Callable[[Row], Row],
    here: Row,
    rays: Rows,
    *,
    bound: float,
    resolution: float,
    near: Rows | None = None,
) -> Sides | None:
    """The limits of a vector field from several sides of a point where it jumps; None where it does not.

    Over a step d a field whose derivative has norm λ changes by at most λ‖d‖. Where it changes by more between
    points around this one, the step is halved five times: a jump stays, curvature shrinks, rounding varies.

    Args:
        rays: offsets, of the parameters' size; see `around`.
        bound: λ at the point.
        resolution: ε of the point's numbers, which may be wider than that of the field.
        near: the field at the first `probes`, where that is known.
    """

    def beyond(factor: float) -> Callable[[Rows, Rows], bool]:
        return lambda values, offsets: bool(np.any(_distances(values) > factor * bound * _distances(offsets)))

    step, wide = step_size(here), PARAMETER_ULPS * resolution
    first, second = (None, None) if near is None else (near[:SCREENED], near[SCREENED:])
    found = limits_around(field, here, rays, step, beyond(BEYOND_BOUND), first)
    if found is None and wide > step:
        # For a kink beside the point two opposite rays will do: a third one may run along it and cross it late.
        found = limits_around(field, here, rays[:2], wide, beyond(BEYOND_BOUND_BESIDE), second)
    return found


def sides_along(
    gradient: Callable[[Row], Row], here: Row, ends: Rows, image: Row, near: Rows, rounding: float
) -> Sides | None:
    """The limits of the gradient along ±ℓv where they differ, from what it changes by beyond Hv per step.

    Args:
        ends: ±ℓv.
        image: Hv.
        near: the gradient at the two points of `probes` on this line.
        rounding: a difference that does not count.
    """
    length = float(np.linalg.norm(ends[0]))

    def curvature(x: Row) -> Row:
        return float((x - here) @ ends[0]) / length * image

    def apart(values: Rows, offsets: Rows) -> bool:
        return bool(np.linalg.norm(values[0] - values[1]) > rounding)

    step = VECTOR_STEPS * step_size(here)
    rest = near - np.stack([curvature(here + step * end) for end in ends])
    return limits_around(lambda x: gradient(x) - curvature(x), here, ends, step, apart, rest)


def limits_around(
    field: Callable[[Row], Row],
    here: Row,
    rays: Rows,
    step: float,
    apart: Callable[[Rows, Rows], bool],
    near: Rows | None = None,
) -> Sides | None:
    """The means of the field at here + step·rays/2, …/4, …/32, if values are `apart` and the difference stays.

    Args:
        near: the field at the first of the rays, at the whole step; evaluated unless given.
    """
    offsets = step * rays[:SCREENED]
    if not apart(_values(field, here, offsets) if near is None else near, offsets):
        return None
    steps = step * 0.5 ** np.arange(1, 1 + HALVINGS)
    ladder = np.stack([_values(field, here, size * rays) for size in steps], axis=1)
    limits = ladder.mean(axis=1)
    varying = np.max(np.linalg.norm(ladder - limits[:, None], axis=2))
    found = Sides(rays, limits, float(steps[-1]))
    stays = found.widest()[1] > AGREEMENT * varying and apart(ladder[:, -1], steps[-1] * rays)
    return found if stays else None


def _values(field: Callable[[Row], Row], here: Row, offsets: Rows) -> Rows:
    return np.stack([field(here + offset) for offset in offsets])


def _distances(rows: Rows) -> Float[np.ndarray, "k k"]:
    return np.stack([np.linalg.norm(rows - row, axis=1) for row in rows])
