"""The entry of a test function of two variables."""

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
        box: ((x low, x high), (y low, y high)) of the default picture.
        minimizers: `minimizers(**knobs)`, all global minimizers; () if f is unbounded below.
        start: the initial point of optimizers.
        rate: `rate(**knobs)`, a learning rate with which gradient descent from the start descends at every step.
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
        """All global minimizers, with every knob at its default."""
        return self.minimizers()
