"""What the model does along the drawn paths, and at a point of the plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Int, PyTree

from landscapes.immutable import read_only
from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Progress

MAX_SHOWN_STEPS = 41  # of a path: the data of all of them travel to the browser
MAX_EXACT_NUMBERS = 400  # of a row
ROWS = 8  # parameter vectors in one compiled call, which cannot be interrupted


@dataclass(frozen=True, eq=False)
class Behaviors:
    """What the model does at steps of each path, and at a point of the plane.

    Attributes:
        kind: the name of the display, such as "regions".
        drawn: what is drawn with every display; see `objectives.behavior.Behavior`.
        steps: for each path the steps whose own parameters, not their projections on the plane, are shown.
        displays: for each path a NamedTuple of arrays with one row for each of these steps.
        point: the same with one row, of a point of the plane.
        coordinates: of that point.
        place: "picked" for the point where the paths start, or "center" where there are no paths; "" without a
            point.
    """

    kind: str
    drawn: Mapping[str, Any]
    steps: dict[str, Int[np.ndarray, "S"]]
    displays: dict[str, Any]
    point: Any = None
    coordinates: tuple[float, ...] = ()
    place: str = ""


def behaviors_along(
    recipe: Recipe,
    start: Problem,
    problem: Problem,
    plane: Plane,
    trajectories: Mapping[str, Trajectory],
    report: Progress,
) -> Behaviors:
    """What the model of a complete recipe does at the parameters of these paths, and where they start if that
    point was picked on the plane.

    Args:
        start: the trained problem, whose objective has the knobs. problem: that at the center, with the state.
    """
    behavior = catalog.behavior_of(recipe)
    assert behavior is not None  # `catalog.complete` checks it
    dtype = dtype_of(problem.params)
    steps: dict[str, np.ndarray] = {}
    displays: dict[str, Any] = {}
    with precision(problem.params):
        inputs = {name: _as_input(array, dtype) for name, array in behavior.inputs.items()}
        arguments = (behavior.show, start.objective, problem.state, inputs, problem.key)
        for label, run in trajectories.items():
            indices = shown_indices(len(run.steps))
            snapshots = run.snapshots(plane.origin)
            params = jax.tree.map(lambda *leaves: np.stack(leaves), *[snapshots[int(i)] for i in indices])
            steps[label] = read_only(np.asarray(run.steps)[indices])
            displays[label] = _displays(*arguments, params)
            report(len(displays) / len(trajectories), None)
        is_picked = recipe.start == "picked"
        if not is_picked and trajectories:
            place, coordinates, point = "", (), None
        else:
            place = "picked" if is_picked else "center"
            coordinates = (recipe.start_x, recipe.start_y)[: plane.dim] if is_picked else (0.0,) * plane.dim
            params = plane.point(jnp.asarray(coordinates, dtype))
            point = _displays(*arguments, jax.tree.map(lambda leaf: np.asarray(leaf)[None], params))
    kind = type(next(iter(displays.values()), point)).__name__.lower()
    return Behaviors(kind, behavior.drawn, steps, displays, point, coordinates, place)


def shown_indices(count: int) -> Int[np.ndarray, "S"]:
    """At most `MAX_SHOWN_STEPS` indices of so many snapshots, evenly spaced, with the first and the last."""
    return np.unique(np.linspace(0, count - 1, min(count, MAX_SHOWN_STEPS)).round().astype(int))


def _as_input(array: Any, dtype: Any) -> Any:
    array = jnp.asarray(array)
    return array.astype(dtype) if jnp.issubdtype(array.dtype, jnp.floating) else array


def _displays(show: Any, objective: Any, state: PyTree, inputs: Any, key: Any, params: PyTree) -> Any:
    """The display at each row of the parameters."""
    count = len(jax.tree.leaves(params)[0])
    parts = []
    for low in range(0, count, ROWS):
        # The last rows are repeated, so that one program serves every number of steps.
        rows = np.minimum(np.arange(low, low + ROWS), count - 1)
        block = jax.tree.map(lambda leaf, rows=rows: leaf[rows], params)
        parts.append(_show(show, objective.forward, objective.static, block, state, inputs, key, objective.knobs))
    return jax.tree.map(lambda *leaves: _compact(np.concatenate(leaves)[:count]), *parts)


def _compact(rows: np.ndarray) -> np.ndarray:
    """Large rows of real numbers, which are drawn as shades, in half precision."""
    is_shades = rows.dtype.kind == "f" and rows[0].size > MAX_EXACT_NUMBERS
    return read_only(rows.astype(np.float16) if is_shades else rows)


@partial(jax.jit, static_argnums=(0, 1, 2))
def _show(
    show: Any, forward: Any, static: Any, params: PyTree, state: PyTree, inputs: Any, key: Any, knobs: Any
) -> Any:
    # Not vmapped: over a batch of parameters a convolution becomes a grouped convolution, nine times as slow.
    return jax.lax.map(lambda each: show(forward, each, state, inputs, key, **dict(static), **knobs), params)
