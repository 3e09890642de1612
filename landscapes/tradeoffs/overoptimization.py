"""Overoptimization: the step after which a proxy still improves while the true objective worsens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from landscapes.arguments import check_arguments
from landscapes.objective import Sense

# A change counts if it exceeds this share of the range of the measure along the path.
MIN_RELATIVE_CHANGE = 0.02


class OveroptimizationPoint(NamedTuple):
    """The snapshot at which the true objective is best, although the proxy improves further.

    Attributes:
        index: index of the snapshot.
        step: step of the snapshot.
        proxy_gain: improvement of the proxy from there to the end, positive.
        truth_decline: deterioration of the true objective from there to the end, positive.
    """

    index: int
    step: int
    proxy_gain: float
    truth_decline: float


@check_arguments
def overoptimization_point(
    steps: Int[np.ndarray, "S"],
    proxy: Float[np.ndarray, "S"],
    truth: Float[np.ndarray, "S"],
    *,
    senses: tuple[Sense, Sense] = ("minimize", "minimize"),
) -> OveroptimizationPoint | None:
    """The point after which a path overoptimizes its proxy, or None if there is none.

    It is the snapshot t* at which the true objective is best, provided that from t* to the end the proxy improves
    and the true objective worsens, each by more than 2 % of its range along the path. Snapshots with values that
    are not finite are ignored.

    Args:
        steps: the step of each snapshot.
        proxy, truth: the proxy and the true objective at each snapshot.
        senses: whether each of the two is minimized or maximized.
    """
    signs = [1.0 if sense == "maximize" else -1.0 for sense in senses]
    proxy, truth = (
        sign * np.asarray(values, np.float64) for sign, values in zip(signs, (proxy, truth), strict=True)
    )
    finite = np.flatnonzero(np.isfinite(proxy) & np.isfinite(truth))
    if len(finite) < 3:
        return None
    best = int(finite[np.argmax(truth[finite])])
    gain, decline = proxy[finite[-1]] - proxy[best], truth[best] - truth[finite[-1]]
    if gain <= MIN_RELATIVE_CHANGE * np.ptp(proxy[finite]):
        return None
    if decline <= MIN_RELATIVE_CHANGE * np.ptp(truth[finite]):
        return None
    return OveroptimizationPoint(best, int(steps[best]), float(gain), float(decline))
