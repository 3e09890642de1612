"""A symmetric logarithmic scale: linear near zero and logarithmic beyond a threshold, for values of either
sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Symlog:
    """h(x) = asinh(x/τ)/ln 10: x/(τ·ln 10) near zero, ±log₁₀(2|x|/τ) beyond the threshold τ."""

    threshold: float

    def __call__(self, values: Any) -> np.ndarray:
        return np.arcsinh(np.asarray(values, np.float64) / self.threshold) / np.log(10)

    def ticks(self, low: float, high: float, count: int = 5) -> dict[str, Any]:
        """Axis or color bar settings with labels at zero and at powers of ten, at most `count` on each side.

        Labels are at least 1/(2·(`count` + 1)) of the axis apart, so that they do not overlap.
        """
        bottom, top = self(np.array([min(low, 0.0), max(high, 0.0)]))
        spacing = (top - bottom) / (2 * (count + 1))
        halves = -self._side(-low, count, spacing), self._side(high, count, spacing)[::-1]
        tick_positions = np.concatenate([halves[0], [0.0], halves[1]])
        return {
            "tickmode": "array",
            "tickvals": self(tick_positions),
            "ticktext": [f"{value:.0f}" if 1 <= abs(value) < 1e6 else f"{value:.3g}" for value in tick_positions],
        }

    def _side(self, end: float, count: int, spacing: float) -> np.ndarray:
        if end <= self.threshold:
            return np.array([])
        first, last = np.ceil(np.log10(self.threshold)), np.floor(np.log10(end))
        stride = max(1, int(np.ceil((last - first + 1) / count)), int(np.ceil(spacing)))
        tick_positions = 10.0 ** np.arange(last, first - 0.5, -stride)
        return tick_positions[self(tick_positions) >= spacing]
