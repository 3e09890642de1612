"""Directions through the end points of optimizers: a line through two points, a plane through three, a volume
through four."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from landscapes.arguments import check_arguments
from landscapes.directions.snapshot_matrix import SnapshotMatrix
from landscapes.optimization.trajectory import Trajectory
from landscapes.problem import Problem
from landscapes.slices.random_directions import gaussian

# Two points count as the same if their distance is below this share of the largest distance from the centre:
# float32 rounds to about 1e-7.
SAME_POINT_TOLERANCE = 1e-6


@check_arguments
def solutions(problem: Problem, paths: Sequence[Trajectory], key: Any, count: int) -> PyTree:
    """The directions from the centre to the end points of the optimizers, best first, and to the start.

    They span a line through two of these points, a plane through three or a volume through four. If only two
    points are distinct, as with one optimizer, the second direction is that of the paths' largest remaining
    motion; see `leading_residual_direction`. Where there are still too few, the others are random.

    Raises:
        ValueError: if no optimizer has moved, so that there is only one point.
    """
    offsets = [offset for _, offset in solution_offsets(problem, paths)][:count]
    if not offsets:
        raise ValueError(
            "no optimizer has left the start; lower a learning rate that diverges, or choose random directions"
        )
    directions = unflatten(np.stack(offsets), problem.params)
    if len(offsets) == count:
        return directions
    more = None if len(offsets) > 1 else leading_residual_direction(problem, paths, offsets[0])
    added = [] if more is None else [more]
    if (missing := count - len(offsets) - len(added)) > 0:
        # The paths are straight, so any plane through their line contains them; a volume may need one more.
        random = gaussian(problem, paths, key, missing)
        added += [jax.tree.map(lambda leaf, k=k: leaf[k], random) for k in range(missing)]
    return jax.tree.map(lambda one, *others: np.stack([*one, *others]), directions, *added)


def solution_offsets(problem: Problem, paths: Sequence[Trajectory]) -> list[tuple[int | None, np.ndarray]]:
    """The distinct points other than the centre that span `solutions`, in order: the index of the path that ends
    there (None for the start), and the offset from the centre as one float64 vector."""
    losses = [path.final_loss * (1 if problem.sense == "minimize" else -1) for path in paths]
    order = sorted(range(len(paths)), key=lambda k: losses[k] if np.isfinite(losses[k]) else np.inf)
    points: list[tuple[int | None, np.ndarray]] = [(k, _snapshot(problem, paths[k], -1)) for k in order]
    if paths:
        points.insert(2, (None, _snapshot(problem, paths[0], 0)))
    centre = flatten(problem.params)
    max_distance = max((np.linalg.norm(point - centre) for _, point in points), default=0.0)
    offsets: list[tuple[int | None, np.ndarray]] = []
    for run, point in points:
        # A run that diverged at once ends at its start, and two runs may end at the same point.
        distances = [np.linalg.norm(point - centre - other) for other in (0.0, *(offset for _, offset in offsets))]
        if min(distances) > SAME_POINT_TOLERANCE * max(max_distance, 1e-30):
            offsets.append((run, point - centre))
    return offsets


def leading_residual_direction(problem: Problem, paths: Sequence[Trajectory], along: np.ndarray) -> PyTree | None:
    """The first principal component of the residuals of all snapshots after projection onto the line through the
    centre along `along`. None if the paths lie on this line."""
    matrix = SnapshotMatrix.about(paths, problem.params, flatten(problem.params))
    direction = along / np.linalg.norm(along)
    components = matrix.products(direction[:, None])[:, 0]
    residuals = matrix.without(components, direction)
    values, vectors = np.linalg.eigh(residuals.gram())
    on_line = float(np.sum(np.square(components)))
    if values[-1] <= SAME_POINT_TOLERANCE**2 * max(on_line, np.finfo(float).tiny):
        return None
    coefficients = vectors[:, -1] * np.sign(vectors[np.argmax(np.abs(vectors[:, -1])), -1])
    return jax.tree.map(lambda leaf: leaf[0], unflatten(residuals.combined(coefficients[None]), problem.params))


def _snapshot(problem: Problem, path: Trajectory, row: int) -> np.ndarray:
    return flatten(path.snapshots(problem.params)[row])


def flatten(tree: PyTree) -> np.ndarray:
    """The leaves as one float64 vector."""
    return np.concatenate([np.asarray(leaf, np.float64).ravel() for leaf in jax.tree.leaves(tree)])


def unflatten(rows: np.ndarray, like: PyTree) -> PyTree:
    """The inverse of `flatten` for each row of ["K dim"]: a tree with a leading axis of length K."""
    leaves, structure = jax.tree.flatten(like)
    parts = np.split(rows, np.cumsum([np.size(leaf) for leaf in leaves])[:-1], axis=1)
    shaped = [part.reshape(len(rows), *np.shape(leaf)) for part, leaf in zip(parts, leaves, strict=True)]
    return jax.tree.unflatten(structure, shaped)
