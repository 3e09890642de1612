"""Many starts: where each optimizer arrives from every one of them, as for a map of basins of attraction."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int, PyTree

from landscapes.arguments import checked
from landscapes.evaluation.batching import batch_size as points_together
from landscapes.evaluation.batching import cost
from landscapes.evaluation.devices import copied, device_mesh, mesh_beside
from landscapes.evaluation.pacing import next_count
from landscapes.immutable import frozen
from landscapes.optimization.course import Course, Optimizer, Schedule, course_of, method_of, rates_of
from landscapes.optimization.descent import SEGMENT_STEPS
from landscapes.optimization.vectorized_runs import crowd, starts
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

Progress = Callable[[float, Any], object]


@dataclass(frozen=True, eq=False)
class Ends:
    """The last finite point of each of S runs, in read-only NumPy arrays.

    Attributes:
        params: the points, with a leading axis of length S.
        loss: L there, in the objective's own sense, on the last minibatch where there are minibatches; NaN for a
            game.
        gradient_norm: Euclidean norm of the field there.
        steps: updates taken up to there.
        diverged: whether the run ended there because the next point was not finite or too far up, as
            `trajectory.Outcome` defines it.
    """

    params: PyTree[Float[np.ndarray, "S ..."]]
    loss: Float[np.ndarray, "S"]
    gradient_norm: Float[np.ndarray, "S"]
    steps: Int[np.ndarray, "S"]
    diverged: Bool[np.ndarray, "S"]


@checked
def race_from(
    problem: Problem,
    optimizers: Mapping[str, Optimizer],
    points: PyTree[Float[Any, "S ..."]],
    steps: int,
    *,
    batch_size: int | None = None,
    key: Any = None,
    schedule: Schedule = "constant",
    progress: Progress | None = None,
) -> dict[str, Ends]:
    """Where every optimizer is after so many steps from each start: `trajectory.race` from S points at once,
    which keeps the ends of the paths only. The starts are split over the devices there are.

    Args:
        points: the starts, parameters with a leading axis of length S.
        progress: called with (fraction, the ends so far) between compiled calls; may raise to cancel.

    Other arguments are those of `race`.

    Raises:
        ValueError: as `race`, and if the starts do not have the structure of the parameters.
    """
    dtype = dtype_of(problem.params)
    leaves, structure = jax.tree.flatten(problem.params)
    given = jax.tree.leaves(points)
    if jax.tree.structure(points) != structure or any(
        np.shape(one)[1:] != np.shape(leaf) for one, leaf in zip(given, leaves, strict=True)
    ):
        raise ValueError("the starts must have the structure and shapes of the parameters, and a leading axis")
    if len({np.shape(one)[0] for one in given}) != 1 or len(given[0]) == 0:
        raise ValueError("every leaf of the starts needs the same number of rows, at least one")
    course = course_of(problem, steps, batch_size, key, schedule)
    found: dict[str, Ends] = {}
    with precision(problem.params):
        rows = jax.tree.unflatten(structure, _padded([np.asarray(one, dtype) for one in given]))
        course = course._replace(problem=copied(course.problem))
        for place, (label, optimizer) in enumerate(optimizers.items()):

            def report(fraction: float, ends: Ends, place: int = place, label: str = label) -> None:
                if progress is not None:
                    progress((place + fraction) / len(optimizers), {**found, label: ends})

            found[label] = _run(course, optimizer, rows, len(given[0]), report)
    return found


def _padded(leaves: list[np.ndarray]) -> list[np.ndarray]:
    """The starts with the last one repeated, up to a power of two on each device: few shapes to compile for."""
    mesh = device_mesh()
    devices = 1 if mesh is None else mesh.size
    count = len(leaves[0])
    rows = devices * 2 ** max(0, int(np.ceil(np.log2(count / devices))))
    return [np.concatenate([leaf, np.repeat(leaf[-1:], rows - count, axis=0)]) for leaf in leaves]


def _run(
    course: Course, optimizer: Optimizer, rows: PyTree, count: int, report: Callable[[float, Ends], None]
) -> Ends:
    problem, batches = course.problem, course.batches
    dtype = dtype_of(problem.params)
    method, setting, peak = method_of(problem, optimizer, dtype)
    rates = rates_of(course.schedule, peak, course.steps)
    once = cost(jax.make_jaxpr(problem.terms)(problem.params).jaxpr)
    together = points_together(once, jax.default_backend())
    mesh = mesh_beside(problem.terms, problem.params)
    walks = starts(rows, setting, method=method, losses=len(problem.objective.players or "1"))
    entries = 2 + len(jax.eval_shape(problem.terms, problem.params))
    seen = jnp.full((len(jax.tree.leaves(rows)[0]), entries), np.nan, dtype)
    done, segment = 0, 1
    # The last point is looked at like the others; the update that this computes is dropped.
    while done <= course.steps:
        segment = min(segment, SEGMENT_STEPS, course.steps + 1 - done, batches.longest if batches else segment)
        ahead = np.zeros(SEGMENT_STEPS, dtype)
        ahead[:segment] = rates[done : done + segment]
        began = time.perf_counter()
        walks, seen = crowd(
            problem,
            setting,
            walks,
            seen,
            np.int32(done),
            ahead,
            batches.orders(done, segment) if batches else None,
            np.int32(segment),
            method=method,
            batch_size=course.batch_size,
            together=together,
            mesh=mesh,
        )
        ends = _ends(problem, walks, seen, count)
        done += segment
        segment = next_count(segment, time.perf_counter() - began)
        report(done / (course.steps + 1), ends)
    return ends


def _ends(problem: Problem, walks: Any, seen: Any, count: int) -> Ends:
    leaves, structure = jax.tree.flatten(problem.params)
    points, seen = np.asarray(walks.previous)[:count], np.asarray(seen)[:count]
    parts = np.split(points, np.cumsum([leaf.size for leaf in leaves])[:-1], axis=1)
    shaped = [frozen(part.reshape(count, *leaf.shape)) for part, leaf in zip(parts, leaves, strict=True)]
    return Ends(
        params=jax.tree.unflatten(structure, shaped),
        loss=frozen(seen[:, 0]),
        gradient_norm=frozen(seen[:, 1]),
        steps=frozen(np.maximum(np.asarray(walks.step)[:count] - 1, 0)),
        diverged=frozen(np.any(np.asarray(walks.faults)[:count], axis=1)),
    )
