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
        minimizers: `minimizers(**knobs)`, all minimizers of f over the box that lie inside it; () if none does.
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


def square(half_width: float) -> tuple[Point, Point]:
    """The box of |x| ≤ half_width and |y| ≤ half_width."""
    return ((-half_width, half_width), (-half_width, half_width))


def at(*points: Point) -> Callable[..., tuple[Point, ...]]:
    """Minimizers that no knob moves."""
    return lambda **knobs: points


def steady(rate: float) -> Callable[..., float]:
    """A learning rate that no knob changes."""
    return lambda **knobs: rate
