"""Several runs in one compiled call, one after the other: on a function of few numbers a thousand steps take no
longer than to call for them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from landscapes.evaluation.pacing import next_count
from landscapes.optimization.descent import Curves, Method, Walk, advanced, begin, terms_of
from landscapes.optimization.optimizer_switch import Setting
from landscapes.optimization.recorder import Record
from landscapes.precision import dtype_of
from landscapes.problem import Problem

RUNS = 16  # that one call has room for
COLUMNS = 16_384  # steps that one call has room for, of all runs together
SHORT = 2**20  # bytes of snapshots that it may hand over
# The steps of the first call, of a function of up to so many numbers without data; of others it is one.
FIRST, FEW = 16, 8


class Runner(NamedTuple):
    """One of those that run together: what is traced of its optimizer, and its learning rate at each step."""

    setting: Setting
    rates: np.ndarray


class News(NamedTuple):
    """Of one run, after a compiled call that took it further: its place among those that run together, its path,
    where it is, and whether it is over."""

    place: int
    record: Record
    walk: Walk
    over: bool


def fits(problem: Problem, rows: int) -> bool:
    """Whether the problem is so small that runs on all examples are better taken together."""
    return RUNS * rows * problem.dim * dtype_of(problem.params).itemsize <= SHORT


def heats(
    problem: Problem, method: Method, runners: Sequence[Runner], steps: int, stride: int, rows: int
) -> Iterator[News]:
    """Up to `RUNS` runs, each of which begins when the one before is over. To be exhausted in the precision of the
    problem."""
    walk = begin(problem.params, runners[0].setting, method=method, losses=len(problem.objective.players or "1"))
    walks = jax.tree.map(lambda leaf: np.repeat(leaf[None], RUNS, axis=0), walk)
    padded = [runner.setting for runner in runners] + [runners[0].setting] * (RUNS - len(runners))
    settings = jax.tree.map(lambda *leaves: np.stack(leaves), *padded)
    records = [Record(problem.params, steps, stride) for _ in runners]
    longest = min(COLUMNS, (rows - 1) * stride + 1)
    place, count = 0, FIRST if problem.data is None and problem.dim <= FEW else 1
    while place < len(runners):
        counts, rates, end = np.zeros(RUNS, np.int32), np.zeros(COLUMNS, runners[0].rates.dtype), 0
        for run in range(place, len(runners)):
            seen, left = records[run].seen, steps + 1 - records[run].seen
            counts[run] = min(left, longest, count - end, COLUMNS - end)
            rates[end : end + counts[run]] = runners[run].rates[seen : seen + counts[run]]
            end += counts[run]
            if counts[run] < left:
                break
        began = time.perf_counter()
        walks, curves, snapshots = heat(
            problem, settings, walks, rates, counts, np.int32(stride), method=method, rows=rows
        )
        entries: Any = np.asarray(curves.rows)
        points = np.asarray(snapshots)
        ends = [np.asarray(leaf) for leaf in (walks.step, walks.previous, walks.faults)]
        count, end = next_count(end, time.perf_counter() - began), 0
        for run in np.flatnonzero(counts):
            step, previous, faults = (leaf[run] for leaf in ends)
            own = walk._replace(step=step, previous=previous, faults=faults)
            part = Curves(curves.terms, entries[:, end : end + counts[run]])
            end += counts[run]
            over = not records[run].add(own, part, points[run]) or records[run].seen > steps
            place = int(run) + over
            yield News(int(run), records[run], own, over)


@partial(jax.jit, static_argnames=("method", "rows"))
def heat(
    problem: Problem,
    settings: Setting,
    walks: Walk,
    rates: Float[Array, "B"],
    counts: Int[Array, "R"],
    stride: Int[Array, ""],
    *,
    method: Method,
    rows: int,
) -> tuple[Walk, Curves, Float[Array, "R rows D"]]:
    """`descent.segment` for each of R runs on all examples, up to counts[r] steps of the r-th, Σcounts ≤ B; the
    leaves of `settings` and `walks` have a leading axis of R. The rates of a run, and its curves, follow those of
    the runs before it."""
    terms = terms_of(problem)
    curves = jnp.zeros((2 + len(terms), rates.size), rates.dtype)
    snapshots = jnp.zeros((len(counts) * rows, walks.params.shape[1]), walks.params.dtype)
    columns = jnp.cumsum(counts) - counts

    def run(place: Any, loop: Any) -> Any:
        walks, curves, snapshots = loop
        setting, walk = jax.tree.map(lambda leaf: leaf[place], (settings, walks))
        given = (setting, walk, rates, None, counts[place], stride, curves, snapshots)
        where = {"column": columns[place], "shelf": place * rows}
        walk, curves, snapshots = advanced(problem, *given, **where, method=method, batch_size=None)
        return jax.tree.map(lambda old, new: old.at[place].set(new), walks, walk), curves, snapshots

    last = jnp.max(jnp.where(counts > 0, jnp.arange(len(counts)) + 1, 0))
    walks, curves, snapshots = jax.lax.fori_loop(0, last, run, (walks, curves, snapshots))
    return walks, Curves(terms, curves), snapshots.reshape(len(counts), rows, -1)
