"""The compiled calls of a run, one after another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from landscapes.evaluation.pacing import next_count
from landscapes.optimization.descent import SEGMENT_STEPS, OptimizerState, run_segment, uninitialized_state
from landscapes.optimization.explained_optimizer import Explained
from landscapes.optimization.recorder import Record
from landscapes.optimization.run_setup import Optimizer, RunSetup, learning_rates, resolve_optimizer, with_plateau
from landscapes.precision import dtype_of, precision


class RunUpdate(NamedTuple):
    """A run after one more compiled call: its path, its state, and whether it is over.

    `record` may already hold more, where the next call runs on another thread; its first `points` belong to this
    state.
    """

    record: Record
    state: OptimizerState
    is_over: bool

    @property
    def points(self) -> int:
        """Number of finite points evaluated up to this state."""
        return int(np.asarray(self.state.step))


def run_updates(setup: RunSetup, optimizer: Optimizer, directory: Path | None) -> Iterator[RunUpdate]:
    """The compiled calls of `descend`, an update after each. Consecutive calls may be made on different
    threads."""
    problem, steps, batches = setup.problem, setup.steps, setup.batches
    dtype = dtype_of(problem.params)
    method, choice, peak = resolve_optimizer(problem, optimizer, dtype)
    method = Explained(method) if setup.explain else method
    choice, rates = with_plateau(choice, setup.schedule, dtype), learning_rates(setup.schedule, peak, steps)
    with precision(problem.params):
        losses = len(problem.objective.players or "1")
        state = uninitialized_state(problem.params, choice, method=method, losses=losses)
    record, count, is_over = Record(problem.params, steps, setup.stride, directory), 1, False
    limits = [batches.max_steps] if batches else []
    longest = min(SEGMENT_STEPS, (setup.rows - 1) * setup.stride + 1, *limits)
    while not is_over:
        # The end point is evaluated like the others; the update computed there is discarded.
        count = min(count, longest, steps + 1 - record.points)
        segment_rates = np.zeros(SEGMENT_STEPS, dtype)
        segment_rates[:count] = rates[record.points : record.points + count]
        start_time = time.perf_counter()
        with precision(problem.params):
            state, curves, snapshots = run_segment(
                problem,
                choice,
                state,
                segment_rates,
                batches.orders(record.points, count) if batches else None,
                np.int32(count),
                np.int32(setup.stride),
                setup.planes,
                method=method,
                batch_size=setup.batch_size,
                rows=setup.rows,
            )
        is_over = not record.add(state, curves, snapshots) or record.points > steps
        count = next_count(count, time.perf_counter() - start_time)
        yield RunUpdate(record, state, is_over)
