"""The limits of a vector field at a point from several sides. Where they differ, the field jumps."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from landscapes.curvature.probe_directions import NEARBY_RAYS, NEARBY_ULPS, SCREENING_PROBES, step_size

Row = Float[np.ndarray, "n"]
Rows = Float[np.ndarray, "k n"]

# λ·‖d‖ bounds the change of a gradient over a step d, λ = |λ|max. A change above this multiple of it is examined.
CHANGE_FACTOR = 4
# In units of ε(‖∇L‖ + λ‖x‖) of float32: a smaller jump beside the point does not show in float32.
NEARBY_ROUNDING = 64
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
    For parameters in float32 a jump also counts a few of their units in the last place away, where a tie of
    rounded numbers lies: the field changes by more along one of two lines than its change over a much smaller step
    explains.

    Args:
        rays: offsets of the size of the parameters; see `probe_offsets`.
        bound: λ at the point.
        resolution: ε of the dtype of the original parameters, which may be larger than that of the field; 0 to
            look for a jump at the point only.
        ray_values: the field at the first `probe_points`, if it is known.
    """

    def differ(values: Rows, offsets: Rows) -> bool:
        return bool(np.any(_distances(values) > CHANGE_FACTOR * bound * _distances(offsets)))

    step, near = step_size(point), NEARBY_ULPS * resolution
    if ray_values is None:
        ray_values = _values(field, point, step * rays[:SCREENING_PROBES])
    one_sided = limits_around(field, point, rays, step, differ, ray_values[:SCREENING_PROBES])
    if one_sided is not None or near <= step:
        return one_sided
    rounding = NEARBY_ROUNDING * resolution * (_norm(ray_values[0]) + bound * _norm(rays[0]))
    nearby_values = ray_values[SCREENING_PROBES:]
    if not len(nearby_values):
        nearby_values = _values(field, point, near * rays[NEARBY_RAYS])
    middle = (ray_values[0] + ray_values[1]) / 2
    for k, values in zip((0, 2), (nearby_values[:2], nearby_values[2:]), strict=True):
        image = (ray_values[k] - middle) / (step * _norm(rays[k]))
        ends = np.stack([rays[k], -rays[k]])
        # The steps are halved down to the one at which the field is known: a kink this close is at the point.
        one_sided = limits_along(field, point, ends, image, values, rounding, near, 2**HALVINGS * near)
        if one_sided is not None:
            return one_sided
    return None


def limits_along(
    gradient: Callable[[Row], Row],
    point: Row,
    ends: Rows,
    image: Row,
    ray_gradients: Rows,
    rounding: float,
    step: float,
    largest_step: float | None = None,
) -> OneSidedLimits | None:
    """The limits of the gradient along ±ℓv if they differ, from its change minus Hv per step.

    Args:
        ends: ±ℓv.
        image: Hv.
        ray_gradients: the gradient at point + step·ends.
        rounding: bound on a difference due to rounding.
        largest_step: which is halved if the gradients differ there; `step` unless given.
    """
    length = float(np.linalg.norm(ends[0]))

    def curvature(x: Row) -> Row:
        return float((x - point) @ ends[0]) / length * image

    def differ(values: Rows, offsets: Rows) -> bool:
        return bool(np.linalg.norm(values[0] - values[1]) > rounding)

    residuals = ray_gradients - np.stack([curvature(point + step * end) for end in ends])
    steps = step if largest_step is None else largest_step
    return limits_around(lambda x: gradient(x) - curvature(x), point, ends, steps, differ, residuals)


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
        ray_values: the field at the first rays at the full step, or at another one, if it is known.
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


def _norm(row: Row) -> float:
    return float(np.linalg.norm(row))


def _distances(rows: Rows) -> Float[np.ndarray, "k k"]:
    return np.stack([np.linalg.norm(rows - row, axis=1) for row in rows])
