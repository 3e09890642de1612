"""Projections of a path through parameter space onto a plane, with the share of the path outside it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.evaluation.pacing import next_count
from landscapes.objective import weighted_sum
from landscapes.optimization.run_setup import MAX_SEGMENT_BYTES
from landscapes.optimization.trajectory import Outcome, Progress, Trajectory
from landscapes.plane import Plane, check_space
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem

# In one compiled call. Paths have fewer snapshots, so a small problem needs a single call.
MAX_ROWS = 256


@dataclass(frozen=True, eq=False, repr=False)
class Projection(Display):
    """A path projected onto a plane. Read-only NumPy arrays.

    Attributes:
        steps: the steps of the snapshots.
        coordinates: of the nearest point of the plane, in units of distance in parameter space.
        distance: from θ to that point, in the same units.
        loss: L(θ) on all examples, also for minibatch optimizers. NaN in a game, which has no single loss.
        plane_loss: L at the nearest point of the plane, where the path is drawn; NaN in a game. The picture does
            not show the difference between the two.
        share: the share of the path's length in the plane, Σ‖ΠΔ_s‖ / Σ‖Δ_s‖ over the moves Δ_s between snapshots,
            with Π the projection onto the plane. √(K/d) on average for a random K-dimensional plane in d
            dimensions; 1 for a path that does not move.
        displacement: the same share for the straight line from start to end, ‖Π(θ_S − θ_0)‖ / ‖θ_S − θ_0‖, which
            oscillating steps do not lengthen.
        outcome: how the run ended.
        terms, plane_terms: the unweighted terms of `loss` and of `plane_loss`, {term: ["S"]}.
    """

    steps: Int[np.ndarray, "S"]
    coordinates: Float[np.ndarray, "S K"]
    distance: Float[np.ndarray, "S"]
    loss: Float[np.ndarray, "S"]
    plane_loss: Float[np.ndarray, "S"]
    share: float
    displacement: float
    outcome: Outcome
    terms: dict[str, Float[np.ndarray, "S"]] = field(default_factory=dict)
    plane_terms: dict[str, Float[np.ndarray, "S"]] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        return (
            f"{len(self.steps)} snapshots to step {int(self.steps[-1])}, loss {display.ends(self.loss)}, "
            f"{self.share:.0%} of the motion in the plane, ends {float(self.distance[-1]):.3g} off it, "
            f"{self.outcome.kind}"
        )

    @check_arguments
    def of_term(self, term: str) -> Projection:
        """The same path with the values of one term in place of the loss.

        Raises:
            ValueError: if there is no such term.
        """
        if term not in self.terms:
            raise ValueError(f"there is no term {term!r}; the terms are: {', '.join(self.terms)}")
        return replace(self, loss=self.terms[term], plane_loss=self.plane_terms[term])


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
        _share(results.coordinates, np.concatenate(moves)),
        _share(results.coordinates[[0, -1]], _move_lengths(first, previous)),
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


def _share(coordinates: np.ndarray, moves: np.ndarray) -> float:
    """Σ‖ΠΔ_s‖ / Σ‖Δ_s‖; the basis is orthonormal, so that ‖ΠΔ_s‖ is the distance between coordinates."""
    length = moves.sum()
    projected = np.linalg.norm(np.diff(coordinates.astype(np.float64), axis=0), axis=1).sum()
    return float(min(projected / length, 1.0)) if length > 0 else 1.0
