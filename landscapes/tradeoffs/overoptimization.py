"""Where two measures of one path part: the proxy that is still improving, and the truth that has begun to fall."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from landscapes.problem import Sense

# Changes smaller than this share of a measure's own range along the path are not called a change.
NOTICEABLE = 0.02


class Parting(NamedTuple):
    """The last step at which both had improved.

    Attributes:
        index: of the snapshot at which the truth was at its best.
        step: its step.
        proxy_gain: by how much the proxy improved after it, positive.
        truth_loss: by how much the truth had worsened at the end, positive.
    """

    index: int
    step: int
    proxy_gain: float
    truth_loss: float


def parting(
    steps: Int[np.ndarray, "S"],
    proxy: Float[np.ndarray, "S"],
    truth: Float[np.ndarray, "S"],
    *,
    senses: tuple[Sense, Sense] = ("minimize", "minimize"),
) -> Parting | None:
    """Where a path's proxy and truth part, or None if they do not.

    It is the snapshot at which the truth is at its best, t* = argmax of truth (in its own sense), if from there to
    the end the proxy improves and the truth worsens, each by more than 2 % of its range along the path. Values
    that are not finite are left out.
    """
    signs = [1.0 if sense == "maximize" else -1.0 for sense in senses]
    proxy, truth = (
        sign * np.asarray(values, np.float64) for sign, values in zip(signs, (proxy, truth), strict=True)
    )
    known = np.flatnonzero(np.isfinite(proxy) & np.isfinite(truth))
    if len(known) < 3:
        return None
    best = int(known[np.argmax(truth[known])])
    gain, loss = proxy[known[-1]] - proxy[best], truth[best] - truth[known[-1]]
    if gain <= NOTICEABLE * np.ptp(proxy[known]) or loss <= NOTICEABLE * np.ptp(truth[known]):
        return None
    return Parting(best, int(steps[best]), float(gain), float(loss))
