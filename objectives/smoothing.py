"""Smoothed labels: t = (1 − ε)·onehot(y) + ε/C (Szegedy et al. 2015, 1512.00567)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def smoothed_entropy(data: Any, weights: Mapping[str, float], *, label_smoothing: float) -> dict[str, float]:
    """The entropy of t in nats times the weight of the cross-entropy: the smallest loss of any model.

    Empty without smoothing, where it is 0, and under a penalty, where the loss does not reach it.
    """
    if not label_smoothing or weights["l1"] or weights["l2"]:
        return {}
    wrong = label_smoothing / data.classes
    right = 1 - label_smoothing + wrong
    entropy = -right * math.log(right) - (data.classes - 1) * wrong * math.log(wrong)
    return {"entropy of the labels": weights["cross-entropy"] * entropy}
