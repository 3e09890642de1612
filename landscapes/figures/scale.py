"""The map from losses to heights and colors: the identity, or a shifted logarithm whose formula is in the
title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Kind = Literal["linear", "log"]

# ε of the log scale, relative to the range. The grid's minimum is not exact, so smaller differences to it are not
# resolved.
FLOOR_SHARE = 1e-3
NUM_TICKS = 6  # of a logarithmic axis, whose values Plotly does not know
SHOWN_ERROR = 0.005  # of the floor of a log scale


@dataclass(frozen=True)
class Scale:
    """h(L) = L, or h(L) = log₁₀(L − Lmin + ε) with ε = 10⁻³·(Lmax − Lmin). For an objective that is maximized,
    h(L) = −log₁₀(Lmax − L + ε), so that h increases with L. Losses may be negative.

    Attributes:
        kind: "linear" or "log".
        sense: "minimize" or "maximize".
        low, high: Lmin and Lmax, the smallest and largest finite value drawn.
        error: error of the values; numbers are printed with no more digits than it leaves.
    """

    kind: Kind
    sense: str
    low: float
    high: float
    error: float = 0.0

    @classmethod
    def of(cls, values: np.ndarray, kind: Kind = "linear", sense: str = "minimize", error: float = 0.0) -> Scale:
        """The scale that contains these values.

        Raises:
            ValueError: for a kind that is neither "linear" nor "log".
        """
        if kind not in ("linear", "log"):
            raise ValueError(f"scale = {kind!r} is neither 'linear' nor 'log'")
        finite = np.asarray(values, np.float64)
        finite = finite[np.isfinite(finite)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        return cls(kind, sense, low, high, error)

    @property
    def floor(self) -> float:
        """ε, in the loss's units."""
        return FLOOR_SHARE * (self.high - self.low) or FLOOR_SHARE * max(abs(self.low), 1.0)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Heights of the values; NaN where a value is not finite. A value outside [low, high] has a height at the
        end of the range or beyond it.
        """
        values = np.asarray(values, np.float64)
        values = np.where(np.isfinite(values), values, np.nan)
        if self.kind == "linear":
            return values
        gap = values - self.low if self.sense == "minimize" else self.high - values
        height = np.log10(np.maximum(gap, 0) + self.floor)
        return height if self.sense == "minimize" else -height

    def inverse(self, heights: np.ndarray) -> np.ndarray:
        """The values at these heights."""
        heights = np.asarray(heights, np.float64)
        if self.kind == "linear":
            return heights
        if self.sense == "minimize":
            return 10.0**heights + self.low - self.floor
        return self.high + self.floor - 10.0**-heights

    @property
    def range(self) -> tuple[float, float]:
        """Heights of the lowest and highest value, with a margin of 2 %."""
        low, high = map(float, self(np.array([self.low, self.high])))
        margin = 0.02 * (high - low) or 0.5
        return low - margin, high + margin

    def levels(self, count: int) -> dict[str, float]:
        """Plotly's settings for about `count` contour lines, at round values on a linear scale. None is at the
        lowest or highest value, where rounding would outline a plateau."""
        low, high = self.range
        if self.kind == "log":
            step = (high - low) / count
            return {"start": low + step, "end": high, "size": step}
        step = self._round_step(count)
        start = float((np.floor(self.low / step + 1e-6) + 1) * step)
        end = float((np.ceil(self.high / step - 1e-6) - 1) * step)
        return {"start": start, "end": max(start, end), "size": step}

    def _round_step(self, count: int) -> float:
        low, high = self.range
        step = (high - low) / count
        magnitude = 10.0 ** np.floor(np.log10(step))
        return float(magnitude * next(m for m in (1, 2, 5, 10) if m * magnitude >= step * 0.999))

    def scene_ticks(self, count: int) -> dict[str, Any]:
        """Axis settings for the height of a scene: at most `count` ticks at round values within the range."""
        if self.kind == "log":
            return self.ticks()
        (low, high), step = self.range, self._round_step(count)
        start = float(np.ceil(low / step) * step)
        return {"tickmode": "array", "tickvals": start + step * np.arange(int((high - start) / step + 1e-9) + 1)}

    @property
    def gap(self) -> str:
        """The argument of the logarithm as a formula with numbers, such as "L − 0.0011 + 0.0043"."""
        floor = number(self.floor, 2)
        if self.sense == "maximize":
            return f"{number(self.high, error=self.error)} − L + {floor}"
        low = number(abs(self.low), error=self.error)
        return f"L + {floor}" if low == "0" else f"L {'−' if self.low > 0 else '+'} {low} + {floor}"

    @property
    def note(self) -> str:
        """A sentence with the error on a log scale as a factor, at the end where it is largest; "" if linear, and
        below half a percent, which no picture shows."""
        if self.kind == "linear" or not SHOWN_ERROR * self.floor <= self.error < np.inf:
            return ""
        return f"error on this log scale: about a factor of {number(1 + self.error / self.floor)}"

    def title(self, value: str) -> str:
        """The value's name, followed by the formula of a log scale."""
        if self.kind == "linear":
            return value
        if self.sense == "minimize":
            return f"{value} (log scale, log₁₀({self.gap}))"
        return f"{value} (log scale, −log₁₀({self.gap}))"

    def ticks(self) -> dict[str, Any]:
        """Axis or color bar settings that label heights with losses; {} when linear."""
        if self.kind == "linear":
            return {}
        first, last = map(float, self(np.array([self.low, self.high])))
        tick_positions = np.linspace(first, last, NUM_TICKS)
        texts = [number(value, error=self.error) for value in self.inverse(tick_positions)]
        return {"tickmode": "array", "tickvals": tick_positions, "ticktext": texts}


def number(value: float, digits: int = 3, error: float = 0.0) -> str:
    """The number as text, with at most `digits` significant digits and none below its error."""
    if 0 < error < np.inf:
        value = round(float(value), -int(np.floor(np.log10(error))))
    return f"{value or 0.0:.{digits}g}".replace("-", "−")
