"""Directions through the solutions that optimizers found: a line through two points, a plane through three."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from landscapes.arguments import check_arguments
from landscapes.optimization.trajectory import Trajectory
from landscapes.problem import Problem
from landscapes.slices.random_directions import gaussian

# Two points nearer than this share of the farthest one are one point: float32 rounds a step to about 1e-7 of it.
SAME_POINT = 1e-6


@check_arguments
def solutions(problem: Problem, paths: Sequence[Trajectory], key: Any, count: int) -> PyTree:
    """From the centre to the solutions that the optimizers found, best first, and to the start: a line through
    two of these points, a plane through three. Where only two are distinct, as with one optimizer, the second
    direction is that of the paths' largest remaining motion; see `remaining_motion`.

    Raises:
        ValueError: if there is only one point, since no optimizer has moved.
    """
    offsets = [offset for _, offset in solution_offsets(problem, paths)][:count]
    if not offsets:
        raise ValueError(
            "no optimizer has left the start; lower a learning rate that diverges, or choose random directions"
        )
    found = unflattened(np.stack(offsets), problem.params)
    if len(offsets) == count:
        return found
    filler = remaining_motion(problem, paths, offsets[0])
    if filler is None:  # the paths are straight: any second direction shows them whole
        filler = jax.tree.map(lambda leaf: leaf[0], gaussian(problem, paths, key, 1))
    return jax.tree.map(lambda one, other: np.stack([one[0], other]), found, filler)


def solution_offsets(problem: Problem, paths: Sequence[Trajectory]) -> list[tuple[int | None, np.ndarray]]:
    """The distinct points other than the centre that `solutions` spans a picture with, in their order: which
    path's end each is, None for the start, and its offset from the centre in float64, the leaves side by side."""
    losses = [path.final_loss * (1 if problem.sense == "minimize" else -1) for path in paths]
    order = sorted(range(len(paths)), key=lambda k: losses[k] if np.isfinite(losses[k]) else np.inf)
    points: list[tuple[int | None, np.ndarray]] = [(k, _snapshot(paths[k], -1)) for k in order]
    if paths:
        points.insert(2, (None, _snapshot(paths[0], 0)))
    centre = flattened(problem.params)
    reach = max((np.linalg.norm(point - centre) for _, point in points), default=0.0)
    found: list[tuple[int | None, np.ndarray]] = []
    for which, point in points:
        # A run that diverged at once ends where it started, and two may find the same solution.
        apart = [np.linalg.norm(point - centre - other) for other in (0.0, *(offset for _, offset in found))]
        if min(apart) > SAME_POINT * max(reach, 1e-30):
            found.append((which, point - centre))
    return found


def remaining_motion(problem: Problem, paths: Sequence[Trajectory], along: np.ndarray) -> PyTree | None:
    """The direction in which the paths are farthest, in the mean square, from the line through the centre along
    `along`: the first principal component of what the line leaves of their snapshots. None for paths that lie on
    the line."""
    leaves, structure = jax.tree.flatten(problem.params)
    directions = jax.tree.leaves(unflattened((along / np.linalg.norm(along))[None], problem.params))

    def rows() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for leaf, direction, *parts in zip(
            leaves, directions, *(jax.tree.leaves(p.params) for p in paths), strict=True
        ):
            offsets = [np.asarray(part, np.float64) - np.asarray(leaf, np.float64) for part in parts]
            yield np.concatenate([each.reshape(len(each), -1) for each in offsets]), direction.ravel()

    on_line = sum(offsets @ direction for offsets, direction in rows())
    gram = sum(_gram(offsets - np.outer(on_line, direction)) for offsets, direction in rows())
    values, vectors = np.linalg.eigh(gram)
    if values[-1] <= SAME_POINT**2 * max(float(np.sum(np.square(on_line))), np.finfo(float).tiny):
        return None
    shares = vectors[:, -1] * np.sign(vectors[np.argmax(np.abs(vectors[:, -1])), -1])
    parts = [shares @ (offsets - np.outer(on_line, direction)) for offsets, direction in rows()]
    return jax.tree.unflatten(
        structure, [part.reshape(np.shape(leaf)) for part, leaf in zip(parts, leaves, strict=True)]
    )


def _gram(rows: np.ndarray) -> np.ndarray:
    return rows @ rows.T


def _snapshot(path: Trajectory, row: int) -> np.ndarray:
    return flattened(jax.tree.map(lambda leaf: leaf[row], path.params))


def flattened(tree: PyTree) -> np.ndarray:
    """The leaves side by side in float64."""
    return np.concatenate([np.asarray(leaf, np.float64).ravel() for leaf in jax.tree.leaves(tree)])


def unflattened(rows: np.ndarray, like: PyTree) -> PyTree:
    """The inverse of `_flat` for ["K dim"]."""
    leaves, structure = jax.tree.flatten(like)
    parts = np.split(rows, np.cumsum([np.size(leaf) for leaf in leaves])[:-1], axis=1)
    shaped = [part.reshape(len(rows), *np.shape(leaf)) for part, leaf in zip(parts, leaves, strict=True)]
    return jax.tree.unflatten(structure, shaped)
