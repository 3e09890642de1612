"""The players' joint vector field over a plane, which the surface of no player shows."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from landscapes import display
from landscapes.arguments import check_arguments
from landscapes.display import Display
from landscapes.evaluation.pacing import next_count
from landscapes.optimization.trajectory import Progress
from landscapes.plane import Plane, check_space
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.slices.grid import check_extent

NODES = 17  # per axis: about one arrow per centimetre on a screen
MAX_POINTS = 32  # in one compiled call


@dataclass(frozen=True, eq=False, repr=False)
class Flow(Display):
    """The component in a plane of the motion −v, over a grid. Read-only NumPy arrays.

    Attributes:
        axes: coordinates of the nodes along each direction.
        motion: −⟨dₖ, v⟩ at node [i, j], in units of distance per step of learning rate 1.
        share: ‖Πv‖/‖v‖ at each node, the share of the motion in the plane; 1 where v = 0.
    """

    axes: tuple[Float[np.ndarray, "n_1"], Float[np.ndarray, "n_2"]]
    motion: Float[np.ndarray, "n_1 n_2 2"]
    share: Float[np.ndarray, "n_1 n_2"]

    @property
    def summary(self) -> str:
        """The key figures with their errors, in one line."""
        speed = np.linalg.norm(self.motion, axis=-1)
        share = float(np.nanmedian(self.share)) if np.isfinite(self.share).any() else float("nan")
        return (
            f"{display.grid_shape(self.axes)} grid, speed {display.finite_range(speed)}, "
            f"{share:.0%} of the motion in the plane (median)"
        )


@check_arguments
def flow(
    problem: Problem,
    plane: Plane,
    extent: Any,
    *,
    count: int = NODES,
    progress: Progress | None = None,
) -> Flow:
    """The field of a game over a box of a plane, (low, high) per axis, at `count` nodes per axis.

    Args:
        progress: called as progress(fraction, None) every tenth of a second or sooner; may raise to cancel.

    Raises:
        ValueError: for a problem that is no game, a line, or an empty extent.
    """
    if problem.objective.players is None:
        raise ValueError("only a game has players that move; draw the paths of optimizers instead")
    check_space(plane, problem.params, most=2)
    if plane.dim != 2:
        raise ValueError("a line has no room for the motion of two players; draw a plane")
    axes = [np.linspace(low, high, count) for low, high in check_extent(extent, plane.dim)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    dtype = dtype_of(plane.origin)
    values = np.full((len(points), 3), np.nan)
    weights = {name: np.asarray(weight, dtype) for name, weight in problem.weights.items()}
    done, size = 0, 1
    while done < len(points):
        part = points[done : done + min(size, MAX_POINTS)]
        buffer = np.zeros((MAX_POINTS, 2), dtype)
        buffer[: len(part)] = part
        start_time = time.perf_counter()
        with precision(plane.origin):
            rows = _motion(replace(problem, weights=weights), plane, buffer, np.int32(len(part)))
            values[done : done + len(part)] = np.asarray(rows)[: len(part)]
        size = next_count(len(part), time.perf_counter() - start_time)
        done += len(part)
        if progress is not None:
            progress(done / len(points), None)
    length = np.hypot(*values[:, :2].T)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(
            values[:, 2] > 0, np.minimum(length / values[:, 2], 1), np.where(length == 0, 1.0, np.nan)
        )
    shape = (count, count)
    motion, share = values[:, :2].reshape(*shape, 2), share.reshape(shape)
    for array in (*axes, motion, share):
        array.flags.writeable = False
    return Flow((axes[0], axes[1]), motion, share)


@jax.jit
def _motion(problem: Problem, plane: Plane, points: Any, count: Any) -> Any:
    """(−⟨d₁, v⟩, −⟨d₂, v⟩, ‖v‖) at the first `count` points."""

    def one(i, rows):
        field = problem.field(plane.point(points[i]))
        norm = jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(field)))
        return rows.at[i].set(jnp.append(-plane.components(field), norm))

    return jax.lax.fori_loop(0, count, one, jnp.zeros((len(points), 3), points.dtype))
