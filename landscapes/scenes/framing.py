"""The frame of a picture: its line or plane, its extent and the labels of its axes."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from landscapes.directions import DIRECTIONS
from landscapes.directions.solution_directions import leading_residual_direction, solution_offsets
from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane, span
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe

MARGIN = 0.3  # share by which the box is larger than the paths
MIN_ASPECT = 0.5  # the shorter side of the box as a share of the longer one
HALF_WIDTH = 0.25  # along directions without a length of their own, as a share of ‖θ₀‖


def directed_plane(recipe: Recipe, problem: Problem, runs: dict[str, Trajectory]) -> Plane:
    """The line or plane at `problem.params` along the recipe's directions.

    Raises:
        ValueError: if the recipe's directions do not exist at this point.
    """
    direction = DIRECTIONS[recipe.directions.name]
    trained_entry = catalog.drawn_entry(replace(recipe, drawn=catalog.SAME))
    needs_hessian = direction.depends_on_loss and (recipe.dimension == 2 or recipe.directions.name != "gradient")
    if needs_hessian and trained_entry.gradient == "estimate":
        raise ValueError(
            f"the gradient of {recipe.objective.name} is an estimate, whose derivative is not the Hessian; "
            f"choose other directions than {recipe.directions.name}, such as solutions"
        )
    key = jax.random.fold_in(problem.key, 2)
    settings = recipe.directions.settings
    vectors = direction.function(problem, list(runs.values()), key, recipe.dimension, **settings)
    origin = problem.params
    if _is_whole_space(recipe, problem):
        # The picture is the whole space, and its coordinates are the parameters.
        origin = jax.tree.map(jnp.zeros_like, origin)
    return span(origin, vectors)


def axis_labels(
    recipe: Recipe, problem: Problem, plane: Plane, runs: dict[str, Trajectory], best_label: str | None
) -> tuple[str, ...]:
    """The labels of the axes. `best` is the run at whose end the picture is centered, None for the start."""
    axis = DIRECTIONS[recipe.directions.name].axis
    if recipe.directions.name == "solutions":
        return _along_solutions(problem, plane, runs, best_label)
    if recipe.directions.name == "players":
        names = catalog.players(recipe)
        if plane.dim == 1:
            return (f"{axis} {names[recipe.directions.settings['line'] == 'second']}",)
        is_whole_space = sum(np.size(leaf) for leaf in jax.tree.leaves(plane.origin)) == plane.dim
        return tuple(f"{name}'s only parameter" if is_whole_space else f"{axis} {name}" for name in names)
    if recipe.directions.name == "coordinates":
        indices = (recipe.directions.settings["first"], recipe.directions.settings["second"])
        return tuple(f"change of {_entry(plane.origin, int(index))}" for index in indices[: plane.dim])
    if plane.dim == 1:
        return (axis,)
    if recipe.directions.name == "gradient":
        return axis, "distance along H·gradient, at right angles"
    return tuple(f"{axis} {k + 1}" for k in range(plane.dim))


def _entry(params: PyTree, index: int) -> str:
    """The name of the parameter with this number, counted from 0 over all leaves, such as `encoder.kernel[2, 0]`;
    without the brackets where it is the only one of its leaf."""
    remaining = index
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        if remaining < np.size(leaf):
            name = jax.tree_util.keystr(path, simple=True, separator=".")
            indices = ", ".join(str(int(i)) for i in np.unravel_index(remaining, np.shape(leaf)))
            return name if np.size(leaf) == 1 and name else f"{name or 'parameter'}[{indices}]"
        remaining -= np.size(leaf)
    return f"parameter {index}"


def _along_solutions(
    problem: Problem, plane: Plane, runs: dict[str, Trajectory], best_label: str | None
) -> tuple[str, ...]:
    """Labels with the points between which the axes run."""
    offsets, points = solution_offsets(problem, list(runs.values())), _solution_names(problem, runs)
    centre = "the start" if best_label is None else f"{best_label}'s end"
    if plane.dim == 1:
        return (f"distance from {centre} to {points[0]}",)
    first = f"toward {points[0]}"
    if len(points) > 1:
        second = f"toward {points[1]}"
    elif leading_residual_direction(problem, list(runs.values()), offsets[0][1]) is None:
        second = "along a random direction"
    else:
        second = "along the largest remaining motion"
    return first, f"{second}, at right angles"


def _solution_names(problem: Problem, runs: dict[str, Trajectory]) -> list[str]:
    """The names of the points toward which the directions of `solutions` run."""
    # Where every run diverged, the points are the last ones near the start.
    names = [
        f"{name} before it diverged" if run.outcome.kind == "diverged" else f"{name}'s end"
        for name, run in runs.items()
    ]
    offsets = solution_offsets(problem, list(runs.values()))
    return ["the start" if index is None else names[index] for index, _ in offsets]


def third_label(
    recipe: Recipe, problem: Problem, volume: Plane, runs: dict[str, Trajectory], best_label: str | None
) -> str:
    """The label of the third axis of a volume, with arguments as in `axis_labels`."""
    name, axis = recipe.directions.name, DIRECTIONS[recipe.directions.name].axis
    if name == "solutions":
        points = _solution_names(problem, runs)
        return (
            f"{f'toward {points[2]}' if len(points) > 2 else 'along a random direction'}, at right angles to both"
        )
    if name == "coordinates":
        (index,) = np.flatnonzero(np.concatenate([np.ravel(leaf[2]) for leaf in jax.tree.leaves(volume.basis)]))
        return f"change of {_entry(volume.origin, int(index))}"
    return "distance along H·(second direction), at right angles" if name == "gradient" else f"{axis} 3"


def axis_ranges(
    recipe: Recipe, problem: Problem, plane: Plane, runs: dict[str, Trajectory], optimum: PyTree | None = None
) -> list[tuple[float, float]]:
    """(low, high) per axis: around the paths and a known optimum `best` near them, or the length of the
    directions."""
    extent_rule = DIRECTIONS[recipe.directions.name].extent_rule
    if extent_rule == "paths" and runs:
        points = np.concatenate([snapshot_coordinates(plane, run.params) for run in runs.values()])
        low, high = points.min(axis=0), points.max(axis=0)
        if optimum is not None:
            goal = snapshot_coordinates(plane, jax.tree.map(lambda leaf: np.asarray(leaf)[None], optimum))[0]
            if np.max(np.maximum(low - goal, goal - high)) <= np.max(high - low):
                # The optimum is included if it does not make the paths small.
                low, high = np.minimum(low, goal), np.maximum(high, goal)
        half = np.maximum((high - low) / 2, MIN_ASPECT * np.max(high - low) / 2) * (1 + MARGIN)
        middle = (low + high) / 2
        if _is_whole_space(recipe, problem):
            # Players of one parameter each rotate about 0, which stays in the middle of the picture.
            farthest = np.max(np.abs([low, high]))
            half, middle = np.full(plane.dim, farthest * (1 + MARGIN / 2)), np.zeros(plane.dim)
    else:
        size = np.sqrt(sum(float(np.sum(np.square(leaf))) for leaf in jax.tree.leaves(problem.params)))
        half = (
            np.asarray(plane.scale, float)
            if extent_rule != "norm"
            else np.full(plane.dim, HALF_WIDTH * max(size, 1e-3))
        )
        middle = np.zeros(plane.dim)
    half = half * recipe.extent
    return [(float(m - h), float(m + h)) for m, h in zip(middle, half, strict=True)]


def function_plane(recipe: Recipe, start: Problem) -> tuple[Plane, tuple[str, ...], list[tuple[float, float]]]:
    """The plane of a test function, whose coordinates are x and y; a line runs along x through the first known
    minimum."""
    with precision(start.params):
        eye = jnp.eye(2, dtype=start.params.dtype)
        height = 0.0 if recipe.dimension == 2 else catalog.minima(recipe)[0][1] if catalog.minima(recipe) else 0.0
        plane = span(eye[1] * height, eye[: recipe.dimension])
    box = catalog.box(recipe)[: recipe.dimension]
    scaled = [
        ((a + b) / 2 - (b - a) / 2 * recipe.extent, (a + b) / 2 + (b - a) / 2 * recipe.extent) for a, b in box
    ]
    return plane, ("x", "y")[: recipe.dimension], scaled


def _is_whole_space(recipe: Recipe, problem: Problem) -> bool:
    """Whether the picture is the plane of two players of one number each."""
    return recipe.directions.name == "players" and problem.dim == recipe.dimension == 2


def snapshot_coordinates(plane: Plane, params: PyTree) -> np.ndarray:
    """Coordinates ["S K"] of a run's snapshots ["S ..."], in NumPy, because XLA would compile for every S."""
    leaves = zip(*map(jax.tree.leaves, (params, plane.origin, plane.basis)), strict=True)
    shares = [
        (np.asarray(rows, float) - np.asarray(o)).reshape(len(rows), -1) @ np.asarray(d).reshape(plane.dim, -1).T
        for rows, o, d in leaves
    ]
    return np.sum(shares, axis=0)
