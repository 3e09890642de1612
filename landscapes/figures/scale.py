"""How a loss becomes a height or a color: as it is, or on a logarithmic scale that states its transform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Kind = Literal["linear", "log"]

# Below this share of the range a log scale flattens out, instead of drawing the distance to a minimum that the
# grid may have missed.
FLOOR = 1e-3
NUM_TICKS = 6


@dataclass(frozen=True)
class Scale:
    """h(L) = L, or h(L) = log₁₀(L − Lmin + ε) with ε = 10⁻³·(Lmax − Lmin); where more is better
    h(L) = −log₁₀(Lmax − L + ε), so that up stays up. A loss may be negative: nothing is clipped.

    Attributes:
        kind: "linear" or "log".
        sense: "minimize" or "maximize".
        low, high: the smallest and largest finite value drawn.
        error: of the values; no number is printed more precisely.
    """

    kind: Kind
    sense: str
    low: float
    high: float
    error: float = 0.0

    @classmethod
    def of(cls, values: np.ndarray, kind: Kind = "linear", sense: str = "minimize", error: float = 0.0) -> Scale:
        """The scale of a picture of these values.

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
        return FLOOR * (self.high - self.low) or FLOOR * max(abs(self.low), 1.0)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Heights; NaN where the value is not finite, so that it stays a hole.

        A value outside of the scale (a path that leaves the picture) lies at the end of it, or beyond.
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
        """Heights of the lowest and highest value, with a little air."""
        low, high = map(float, self(np.array([self.low, self.high])))
        air = 0.02 * (high - low) or 0.5
        return low - air, high + air

    def levels(self, count: int) -> dict[str, float]:
        """Where to draw about `count` contour lines: at round values on a linear scale."""
        low, high = self.range
        step = (high - low) / count
        if self.kind == "linear":
            magnitude = 10.0 ** np.floor(np.log10(step))
            step = float(magnitude * next(m for m in (1, 2, 5, 10) if m * magnitude >= step * 0.999))
            start = float(np.ceil(low / step) * step)
        else:
            start = low + step
        return {"start": start, "end": high, "size": step}

    @property
    def gap(self) -> str:
        """What the logarithm is taken of, in numbers."""
        floor = number(self.floor, 2)
        if self.sense == "maximize":
            return f"{number(self.high, error=self.error)} − L + {floor}"
        low = number(abs(self.low), error=self.error)
        return f"L + {floor}" if low == "0" else f"L {'−' if self.low > 0 else '+'} {low} + {floor}"

    @property
    def note(self) -> str:
        """The factor that the error of the values is at the bottom of a log scale, where it is largest."""
        if self.kind == "linear" or not 0 < self.error < np.inf:
            return ""
        return f"error on this log scale: about a factor of {number(1 + self.error / self.floor)}"

    def title(self, value: str) -> str:
        """The value's name, with the transform in numbers where there is one."""
        if self.kind == "linear":
            return value
        if self.sense == "minimize":
            return f"{value} (log scale, log₁₀({self.gap}))"
        return f"{value} (log scale, −log₁₀({self.gap}))"

    def ticks(self) -> dict[str, Any]:
        """Axis or color bar settings that label heights with the values themselves; {} when linear."""
        if self.kind == "linear":
            return {}
        first, last = map(float, self(np.array([self.low, self.high])))
        at = np.linspace(first, last, NUM_TICKS)
        texts = [number(value, error=self.error) for value in self.inverse(at)]
        return {"tickmode": "array", "tickvals": at, "ticktext": texts}


def number(value: float, digits: int = 3, error: float = 0.0) -> str:
    """A number for a reader: no more digits than asked for, and none below its error."""
    if 0 < error < np.inf:
        value = round(float(value), -int(np.floor(np.log10(error))))
    return f"{value or 0.0:.{digits}g}".replace("-", "−")
