"""The true reward against √KL(π‖π_ref), and the forms of Gao et al. 2023 (arXiv:2210.10760) fitted to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from landscapes.arguments import check_arguments
from landscapes.immutable import frozen

Form = Literal["best-of-n", "policy"]
FORMULAS: dict[Form, str] = {"best-of-n": "d(α − β·d)", "policy": "d(α − β·log d)"}
MIN_DISTANCE = 1e-3  # below it a reward relative to the distance is rounding
MIN_POINTS = 3  # distances that differ, so that a fit of two numbers can fail


@dataclass(frozen=True)
class GaoFit:
    """The least-squares fit of d(α − β·d) or d(α − β·log d) to the true reward at distances d = √KL.

    Attributes:
        form: "best-of-n" or "policy".
        alpha, beta: its two numbers.
        misfit: root mean square of the differences, as a share of the range of the reward. Points of one path are
            not independent, so it says how well the form describes them and gives no error bar.
    """

    form: Form
    alpha: float
    beta: float
    misfit: float

    def __call__(self, distance: Float[np.ndarray, "S"]) -> Float[np.ndarray, "S"]:
        """The fitted reward at these distances; 0 at 0."""
        return self.alpha * distance - self.beta * _overoptimization(distance, self.form)

    @property
    def peak(self) -> float:
        """The distance at which the form is largest: α/2β or e^(α/β − 1). Infinite if it never falls (β ≤ 0)."""
        if self.beta <= 0:
            return np.inf
        ratio = self.alpha / self.beta
        return ratio / 2 if self.form == "best-of-n" else float(np.exp(min(ratio - 1, 700.0)))


@dataclass(frozen=True, eq=False)
class RewardCurve:
    """The rewards of policies at growing distance from the reference policy.

    Attributes:
        distance: √KL(π‖π_ref) in √nats.
        truth: the true reward.
        proxy: the learned reward, or None where the objective has none.
        fit: the form fitted to the true reward; None where there are too few distances.
    """

    distance: Float[np.ndarray, "S"]
    truth: Float[np.ndarray, "S"]
    proxy: Float[np.ndarray, "S"] | None
    fit: GaoFit | None


@check_arguments
def reward_curve(
    kl: Float[np.ndarray, "S"],
    truth: Float[np.ndarray, "S"],
    form: Form,
    *,
    proxy: Float[np.ndarray, "S"] | None = None,
) -> RewardCurve:
    """The true reward against √KL with the fit of a form of Gao et al.

    Args:
        kl: KL(π‖π_ref) in nats; rounding below 0 counts as 0.
        truth: the true reward, whose mean under the reference policy is 0.
        form: "best-of-n" for R(d) = d(α − β·d), "policy" for R(d) = d(α − β·log d).
        proxy: the learned reward.
    """
    distance = np.sqrt(np.maximum(np.asarray(kl, np.float64), 0))
    truth = np.asarray(truth, np.float64)
    is_finite = np.isfinite(distance) & np.isfinite(truth)
    fit = None
    is_far = is_finite & (distance > MIN_DISTANCE)
    if len(np.unique(distance[is_far])) >= MIN_POINTS:
        columns = np.stack([distance[is_far], -_overoptimization(distance[is_far], form)], axis=1)
        (alpha, beta), *_ = np.linalg.lstsq(columns, truth[is_far], rcond=None)
        differences = truth[is_far] - columns @ np.array([alpha, beta])
        spread = float(np.ptp(truth[is_far])) or 1.0
        fit = GaoFit(form, float(alpha), float(beta), float(np.sqrt(np.mean(differences**2)) / spread))
    return RewardCurve(
        frozen(distance[is_finite]),
        frozen(truth[is_finite]),
        None if proxy is None else frozen(np.asarray(proxy, np.float64)[is_finite]),
        fit,
    )


def _overoptimization(distance: Float[np.ndarray, "S"], form: Form) -> Float[np.ndarray, "S"]:
    """d² or d·log d, which are 0 at d = 0."""
    if form == "best-of-n":
        return distance**2
    return distance * np.log(np.where(distance > 0, distance, 1.0))
