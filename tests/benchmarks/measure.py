"""Two ways to do the same work, timed side by side."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import jax

from landscapes.directions import filter_normalized
from landscapes.plane import Plane, span
from landscapes.problem import Problem

TURN = 0.1
"""Seconds that a turn takes about, or longer: two runs of a tenth of a millisecond differed by a sixth."""


@dataclass(frozen=True)
class Line:
    """One line of the table: a ratio, `theirs ÷ ours`, with what it was made of.

    Attributes:
        work: what was done.
        size: how much of it.
        ours, theirs: median seconds.
        ratio: median over the repeats of theirs ÷ ours, each measured back to back.
        error: the largest difference between the two results, relative to their range; None where they have
            no result in common.
        least: what the ratio must reach; None where it is only reported.
        unit: what follows the times, "s" unless the line compares rates.
        rounding: how far ours and theirs are from the same work in float64, relative to the same range; what
            `error` is to be held against where both round.
    """

    work: str
    size: str
    ours: float
    theirs: float
    ratio: float
    error: float | None = None
    least: float | None = None
    unit: str = "s"
    rounding: tuple[float, float] | None = None

    def __str__(self) -> str:
        verdict = (
            "" if self.least is None else f"{self.least:g}× " + ("" if self.ratio >= self.least else "MISSED")
        )
        error = "" if self.error is None else f"{self.error:.1e}"
        times = f"{self.ours:10.4g} {self.unit:6s} {self.theirs:10.4g} {self.unit:6s}"
        exact = "" if self.rounding is None else "{:.0e} {:.0e}".format(*self.rounding)
        start = f"{self.work:52s} {self.size:40s} {times} {self.ratio:8.4g}× {error:>8s}"
        return f"{start}  {exact:>11s}  {verdict}".rstrip()


_LAST = f"{'ratio':>9s} {'error':>8s}  {'from exact':>11s}  at least"
HEADER = f"{'work':52s} {'size':40s} {'ours':17s} {'theirs':17s} {_LAST}"


def seconds(work: Callable[[], Any], times: int = 1) -> float:
    """How long one call takes, its arrays being computed; the mean of so many."""
    start = time.perf_counter()
    for _ in range(times):
        jax.block_until_ready(work())
    return (time.perf_counter() - start) / times


def side_by_side(
    ours: Callable[[], Any], theirs: Callable[[], Any], repeats: int, *, warm: bool = True
) -> tuple[float, float, float]:
    """Median seconds of each, and the median ratio theirs ÷ ours, over repeats that take turns. Unless told
    otherwise both have run once before, so that nothing is compiled in the measurement; what takes a fraction of
    `TURN` then is run so many times in a turn."""
    times = 1
    if warm:
        jax.block_until_ready((ours(), theirs()))
        times = math.ceil(TURN / max(seconds(ours), seconds(theirs)))
    pairs = [(seconds(ours, times), seconds(theirs, times)) for _ in range(repeats)]
    first, second = zip(*pairs, strict=True)
    return median(first), median(second), median(b / a for a, b in pairs)


def plane_of(problem: Problem, directions: Any = filter_normalized) -> Plane:
    """The plane of two directions, always the same ones."""
    return span(problem.params, directions(problem, (), jax.random.key(0), 2))


def half_widths(plane: Plane) -> list[tuple[float, float]]:
    """One natural length to either side, along each direction."""
    return [(-float(scale), float(scale)) for scale in plane.scale]
