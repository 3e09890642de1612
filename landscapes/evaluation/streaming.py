"""The terms at many points for data in batches: a batch meets many points before the next one is read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from landscapes.plane import Plane
from landscapes.precision import dtype_of
from landscapes.problem import Problem

FIRST_POINTS = 4
"""Points of the first pass over the loader."""
PASS_SECONDS = 2.0
"""A pass over the loader takes about this long, or a single point. Progress is reported between passes."""


def streamed_program(points_program: Callable[..., Callable], problem: Problem, plane: Plane) -> Callable:
    """As `batching.points_program`, for an objective over batches: Σ_b n_b·L_b / Σ_b n_b at each point."""
    loss, source = problem.objective.loss, problem.objective.source

    def run(points: NDArray) -> Iterator[tuple[slice, dict[str, NDArray]]]:
        done, count = 0, FIRST_POINTS
        while done < len(points):
            part, sums, start_time = points[done : done + count], {}, time.perf_counter()
            for index, size in enumerate(source.sizes):
                one = replace(problem, data=source.batch(index), objective=loss)
                for where, values in points_program(one, plane)(part):
                    for name, row in values.items():
                        sums.setdefault(name, np.zeros(len(part)))[where] += size * row.astype(np.float64)
            dtype = dtype_of(plane.origin)
            yield (
                slice(done, done + len(part)),
                {name: (row / source.examples).astype(dtype) for name, row in sums.items()},
            )
            done += len(part)
            seconds = time.perf_counter() - start_time
            count = int(np.clip(len(part) * PASS_SECONDS / max(seconds, 1e-6), max(1, count // 2), 4 * count))

    return run
