"""The terms at many points for data in batches: a batch meets many points before the next one is read."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from landscapes.plane import Plane
from landscapes.precision import dtype_of
from landscapes.problem import Problem

FIRST_POINTS = 8
"""Points of the first pass over the loader, which measures the times of a batch and of a point."""
MEASURED_BATCHES, MIN_BATCHES = 2, 8
"""A pass over at least `MIN_BATCHES` begins again with more points if so many batches show that it has too few."""
PASS_SECONDS = 2.0
"""A pass over the loader takes about this long, or longer where more points are needed to make it worthwhile."""
MAX_PREPARATION_SHARE = 0.1
"""Of the time of a pass, spent on reading batches and on what is computed once a batch for all points."""


def streamed_program(points_program: Callable[..., Callable], problem: Problem, plane: Plane) -> Callable:
    """As `batching.points_program`, for an objective over batches: Σ_b n_b·L_b / Σ_b n_b at each point.

    Values that are affine in the coordinates are computed once a batch and pass. A part without values reports
    work on points that are not finished, so that progress is called about every tenth of a second.
    """
    loss, source = problem.objective.loss, problem.objective.source
    pass_points: int = FIRST_POINTS

    def run(points: NDArray) -> Iterator[tuple[slice, dict[str, NDArray]]]:
        nonlocal pass_points
        done = 0
        while done < len(points):
            passes = max(1, round((len(points) - done) / pass_points))
            part, sums, times = points[done : done + -(-(len(points) - done) // passes)], {}, []
            for index, size in enumerate(source.sizes):
                start = time.perf_counter()
                program = points_program(replace(problem, data=source.batch(index), objective=loss), plane)
                prepared = time.perf_counter()
                for where, values in program(part):
                    for name, row in values.items():
                        sums.setdefault(name, np.zeros(len(part)))[where] += size * row.astype(np.float64)
                    yield slice(0, int(len(part) * index / len(source.sizes))), {}
                times.append(_BatchTime(prepared - start, (time.perf_counter() - prepared) / len(part)))
                pass_points = _points_per_pass(times, len(source.sizes))
                is_too_short = done + len(part) < len(points) and pass_points > 2 * len(part)
                if is_too_short and len(times) == MEASURED_BATCHES and len(source.sizes) >= MIN_BATCHES:
                    break
            else:
                dtype = dtype_of(plane.origin)
                values = {name: (row / source.examples).astype(dtype) for name, row in sums.items()}
                yield slice(done, done + len(part)), values
                done += len(part)

    return run


@dataclass(frozen=True)
class _BatchTime:
    """Seconds of one batch: before the first point, and for each point."""

    preparation: float
    point: float


def _points_per_pass(times: list[_BatchTime], batches: int) -> int:
    """The number of points for which a pass over so many batches takes `PASS_SECONDS`, or its preparation
    `MAX_PREPARATION_SHARE` of it, whichever is more."""
    measured = times[1:] or times  # the first batch compiles
    preparation = sum(batch.preparation for batch in measured) / len(measured)
    point = max(sum(batch.point for batch in measured) / len(measured), 1e-9)
    in_time = PASS_SECONDS / batches - preparation
    worthwhile = preparation * (1 / MAX_PREPARATION_SHARE - 1)
    return max(1, math.ceil(max(in_time, worthwhile) / point))
