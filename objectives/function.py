"""What a test function of two variables is to the rest of the product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Array, Float

Point = tuple[float, float]


@dataclass(frozen=True)
class Function:
    """An entry of `FUNCTIONS`.

    Attributes:
        f: `f(xy["2"], **knobs)`, a scalar.
        box: ((x low, x high), (y low, y high)) of the usual picture.
        minimizers: `minimizers(**knobs)`, all points where f is least, of its own knobs; () if unbounded.
        start: a point from which optimizers have something to do.
        rate: `rate(**knobs)`, a learning rate with which gradient descent from the start goes down at every step.
        title, formula (LaTeX), source: for the pages.
    """

    f: Callable[..., Float[Array, ""]]
    box: tuple[Point, Point]
    minimizers: Callable[..., tuple[Point, ...]]
    start: Point
    rate: Callable[..., float]
    title: str
    formula: str
    source: str

    @property
    def minima(self) -> tuple[Point, ...]:
        """All points where f is least, with every knob at its default."""
        return self.minimizers()
