"""Projections of a path through parameter space onto a plane, with the share of the path outside it."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, PyTree

from landscapes.arguments import check_arguments
from landscapes.evaluation.pacing import next_count
from landscapes.objective import weighted_sum
from landscapes.optimization.projection import Projection, share_in_plane
from landscapes.optimization.run_setup import MAX_SEGMENT_BYTES
from landscapes.optimization.trajectory import Progress, Trajectory
from landscapes.plane import Plane, check_space
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

# In one compiled call. Paths have fewer snapshots, so a small problem needs a single call.
MAX_ROWS = 256


@check_arguments
def project_path(
    problem: Problem, plane: Plane, trajectory: Trajectory, *, progress: Progress | None = None
) -> Projection:
    """The snapshots of a path projected onto a plane, with the losses at the snapshots and at their projections.

    Args:
        progress: called with (fraction, None) about every 50 ms; may raise to cancel.

    Raises:
        ValueError: if the path is not one through the plane's space, such as a path over a plane's coordinates.
    """
    snapshots = trajectory.snapshots(plane.origin)
    check_space(plane, problem.params)
    total = len(trajectory.steps)
    dtype = dtype_of(problem.params)
    rows = max(1, min(MAX_ROWS, MAX_SEGMENT_BYTES // (problem.dim * dtype.itemsize)))
    with precision(problem.params):
        blank = np.empty(total, dtype)
        terms = dict.fromkeys(problem.weights, blank)
        template = _Rows(np.empty((total, plane.dim), dtype), blank, blank, blank, terms, terms)
        results = jax.tree.map(np.empty_like, template)
        weights = {name: jnp.asarray(weight, dtype) for name, weight in problem.weights.items()}
        problem = replace(jax.device_put(problem), weights=weights)
        first = previous = snapshots.block(0, 1)
        moves: list[np.ndarray] = []
        done, count = 0, 1
        while done < total:
            count = min(count, rows, total - done)
            block = snapshots.block(done, done + count)
            moves.append(_move_lengths(previous, block))
            previous = jax.tree.map(lambda leaf: leaf[-1:], block)
            chunk = jax.tree.map(partial(_padded, rows=rows), block)
            start_time = time.perf_counter()
            part = _project(problem, plane, chunk, np.int32(count))
            for result, rows_of_part in zip(jax.tree.leaves(results), jax.tree.leaves(part), strict=True):
                result[done : done + count] = np.asarray(rows_of_part)[:count]
            done, count = done + count, next_count(count, time.perf_counter() - start_time)
            if progress is not None:
                progress(done / total, None)
    for result in jax.tree.leaves(results):
        result.flags.writeable = False
    return Projection(
        trajectory.steps,
        results.coordinates,
        results.distance,
        results.loss,
        results.plane_loss,
        share_in_plane(results.coordinates, np.concatenate(moves)),
        share_in_plane(results.coordinates[[0, -1]], _move_lengths(first, previous)),
        trajectory.outcome,
        results.terms,
        results.plane_terms,
    )


class _Rows(NamedTuple):
    coordinates: PyTree
    distance: PyTree
    loss: PyTree
    plane_loss: PyTree
    terms: PyTree
    plane_terms: PyTree


@jax.jit
def _project(problem: Problem, plane: Plane, snapshots: PyTree, count: Int[Array, ""]) -> _Rows:
    """The projections of the first `count` snapshots; later rows are meaningless."""
    leaf = jax.tree.leaves(snapshots)[0]
    blank = jnp.zeros(len(leaf), leaf.dtype)
    terms = dict.fromkeys(problem.weights, blank)
    rows = _Rows(jnp.zeros((len(leaf), plane.dim), leaf.dtype), blank, blank, blank, terms, terms)

    def values(params: PyTree) -> tuple[Any, dict[str, Any]]:
        all_terms = problem.terms(params)
        terms = {name: all_terms[name] for name in problem.weights}
        if problem.objective.players is not None:
            return jnp.asarray(jnp.nan, leaf.dtype), terms
        return weighted_sum(terms, problem.weights), terms

    def project(i, rows):
        params = jax.tree.map(lambda snapshot: snapshot[i], snapshots)
        coordinates, distance = plane.project(params)
        # Mapped over both points, so that the objective is compiled once.
        both = jax.lax.map(values, jax.tree.map(lambda *two: jnp.stack(two), params, plane.point(coordinates)))
        (loss, terms), (plane_loss, plane_terms) = (jax.tree.map(lambda two, k=k: two[k], both) for k in (0, 1))
        row = _Rows(coordinates, distance, loss, plane_loss, terms, plane_terms)
        return jax.tree.map(lambda column, value: column.at[i].set(value.astype(column.dtype)), rows, row)

    return jax.lax.fori_loop(0, count, project, rows)


def _padded(block: np.ndarray, rows: int) -> np.ndarray:
    """The rows of a block, zero-padded to a fixed length."""
    chunk = np.zeros((rows, *block.shape[1:]), block.dtype)
    chunk[: len(block)] = block
    return chunk


def _move_lengths(previous: PyTree, block: PyTree) -> np.ndarray:
    """‖Δ_s‖ of the moves from the only row of `previous` through the rows of the block."""
    squares = np.zeros(len(jax.tree.leaves(block)[0]))
    for before, leaf in zip(jax.tree.leaves(previous), jax.tree.leaves(block), strict=True):
        rows = np.concatenate([before, leaf]).reshape(len(leaf) + 1, -1)
        moves = np.diff(rows.astype(np.float64), axis=0)
        squares += np.einsum("sp,sp->s", moves, moves)
    return np.sqrt(squares)
