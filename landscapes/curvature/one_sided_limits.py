"""The limits of a vector field at a point from several sides. Where they differ, the field jumps."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from landscapes.curvature.probe_directions import PARAMETER_ULPS, SCREENING_PROBES, VECTOR_STEPS, step_size

Row = Float[np.ndarray, "n"]
Rows = Float[np.ndarray, "k n"]

# λ·‖d‖ bounds the change of a gradient over a step d, λ = |λ|max. A change above this multiple of it is examined.
CHANGE_FACTOR = 4
# The same for kinks near the point but not at it. It is larger because a large ReLU network has small kinks
# everywhere.
NEARBY_CHANGE_FACTOR = 256
HALVINGS = 5  # of the step, over which a jump must persist
MIN_JUMP_RATIO = 8  # of a jump to the variation on one side while the step is halved


class OneSidedLimits(NamedTuple):
    """The limits of a vector field at a point from several sides, computed at step·rays."""

    rays: Rows
    limits: Rows
    step: float

    def largest_difference(self) -> tuple[Row, float]:
        """The largest difference between two limits, and its norm."""
        distances = _distances(self.limits)
        first, second = np.unravel_index(np.argmax(distances), distances.shape)
        return self.limits[first] - self.limits[second], float(distances[first, second])


def differing_limits(
    field: Callable[[Row], Row],
    point: Row,
    rays: Rows,
    *,
    bound: float,
    resolution: float,
    ray_values: Rows | None = None,
) -> OneSidedLimits | None:
    """The limits of a vector field from several sides of a point where it jumps; None where it is continuous.

    Over a step d, a field whose derivative has norm λ changes by at most λ‖d‖. If it changes by more between probe
    points, the step is halved five times: a jump persists, a change by curvature shrinks, and rounding varies.

    Args:
        rays: offsets of the size of the parameters; see `probe_offsets`.
        bound: λ at the point.
        resolution: ε of the dtype of the original parameters, which may be larger than that of the field.
        ray_values: the field at the first `probe_points`, if it is known.
    """

    def exceeds_bound(factor: float) -> Callable[[Rows, Rows], bool]:
        return lambda values, offsets: bool(np.any(_distances(values) > factor * bound * _distances(offsets)))

    step, wide = step_size(point), PARAMETER_ULPS * resolution
    first, second = (
        (None, None) if ray_values is None else (ray_values[:SCREENING_PROBES], ray_values[SCREENING_PROBES:])
    )
    one_sided = limits_around(field, point, rays, step, exceeds_bound(CHANGE_FACTOR), first)
    if one_sided is None and wide > step:
        # Two opposite rays suffice for a kink near the point: a third one may run along it and cross it late.
        one_sided = limits_around(field, point, rays[:2], wide, exceeds_bound(NEARBY_CHANGE_FACTOR), second)
    return one_sided


def limits_along(
    gradient: Callable[[Row], Row], point: Row, ends: Rows, image: Row, ray_gradients: Rows, rounding: float
) -> OneSidedLimits | None:
    """The limits of the gradient along ±ℓv if they differ, from its change minus Hv per step.

    Args:
        ends: ±ℓv.
        image: Hv.
        ray_gradients: the gradient at the two points of `probe_points` on this line.
        rounding: bound on a difference due to rounding.
    """
    length = float(np.linalg.norm(ends[0]))

    def curvature(x: Row) -> Row:
        return float((x - point) @ ends[0]) / length * image

    def differ(values: Rows, offsets: Rows) -> bool:
        return bool(np.linalg.norm(values[0] - values[1]) > rounding)

    step = VECTOR_STEPS * step_size(point)
    residuals = ray_gradients - np.stack([curvature(point + step * end) for end in ends])
    return limits_around(lambda x: gradient(x) - curvature(x), point, ends, step, differ, residuals)


def limits_around(
    field: Callable[[Row], Row],
    point: Row,
    rays: Rows,
    step: float,
    differ: Callable[[Rows, Rows], bool],
    ray_values: Rows | None = None,
) -> OneSidedLimits | None:
    """The means of the field at point + step·rays/2, …/4, …/32, if its values differ there and at the full step.

    Args:
        ray_values: the field at the first rays at the full step, if it is known.
    """
    offsets = step * rays[:SCREENING_PROBES]
    if not differ(_values(field, point, offsets) if ray_values is None else ray_values, offsets):
        return None
    steps = step * 0.5 ** np.arange(1, 1 + HALVINGS)
    values = np.stack([_values(field, point, size * rays) for size in steps], axis=1)
    limits = values.mean(axis=1)
    variation = np.max(np.linalg.norm(values - limits[:, None], axis=2))
    one_sided = OneSidedLimits(rays, limits, float(steps[-1]))
    jump = one_sided.largest_difference()[1]
    persists = jump > MIN_JUMP_RATIO * variation and differ(values[:, -1], steps[-1] * rays)
    return one_sided if persists else None


def _values(field: Callable[[Row], Row], point: Row, offsets: Rows) -> Rows:
    return np.stack([field(point + offset) for offset in offsets])


def _distances(rows: Rows) -> Float[np.ndarray, "k k"]:
    return np.stack([np.linalg.norm(rows - row, axis=1) for row in rows])
