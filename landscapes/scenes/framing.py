"""Frame: which line or plane a picture shows, how far it goes, and what its axes are called."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from landscapes.directions import DIRECTIONS
from landscapes.directions.solutions import leading_residual_direction, solution_offsets
from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane, span
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe

# The box around paths is larger than the paths by this share, and no side is shorter than this share of the other.
MARGIN = 0.3
SLENDER = 0.5
# Half-width along directions whose length means nothing, as a share of ‖θ₀‖.
NEARBY = 0.25


def directed_plane(recipe: Recipe, here: Problem, runs: dict[str, Trajectory]) -> Plane:
    """The line or plane at `here.params` along the recipe's directions.

    Raises:
        ValueError: if there are no such directions here.
    """
    direction = DIRECTIONS[recipe.directions.name]
    trained = catalog.shown(replace(recipe, drawn=catalog.SAME))
    bends = direction.depends_on_loss and (recipe.dimension == 2 or recipe.directions.name != "gradient")
    if bends and trained.gradient == "estimate":
        raise ValueError(
            f"the gradient of {recipe.objective.name} is an estimate, whose derivative is not the Hessian; "
            f"choose other directions than {recipe.directions.name}, such as solutions"
        )
    key = jax.random.fold_in(here.key, 2)
    settings = recipe.directions.settings
    found = direction.function(here, list(runs.values()), key, recipe.dimension, **settings)
    origin = here.params
    if _whole(recipe, here):
        # The picture is the whole space, and its coordinates are the numbers themselves.
        origin = jax.tree.map(jnp.zeros_like, origin)
    return span(origin, found)


def labels_of(
    recipe: Recipe, here: Problem, plane: Plane, runs: dict[str, Trajectory], best: str | None
) -> tuple[str, ...]:
    """What each axis measures. `best` is the run at whose end the picture is centred, None for the start."""
    axis = DIRECTIONS[recipe.directions.name].axis
    if recipe.directions.name == "solutions":
        return _along_solutions(here, plane, runs, best)
    if recipe.directions.name == "players":
        names = catalog.players(recipe)
        if plane.dim == 1:
            return (f"{axis} {names[recipe.directions.settings['line'] == 'second']}",)
        whole = sum(np.size(leaf) for leaf in jax.tree.leaves(plane.origin)) == plane.dim
        return tuple(f"{name}'s only parameter" if whole else f"{axis} {name}" for name in names)
    if recipe.directions.name == "coordinates":
        chosen = (recipe.directions.settings["first"], recipe.directions.settings["second"])
        return tuple(f"change of {_entry(plane.origin, int(index))}" for index in chosen[: plane.dim])
    if plane.dim == 1:
        return (axis,)
    if recipe.directions.name == "gradient":
        return axis, "distance along H·gradient, at right angles"
    return tuple(f"{axis} {k + 1}" for k in range(plane.dim))


def _entry(params: PyTree, index: int) -> str:
    """The name of the parameter with this number, counted from 0 over all leaves, such as `encoder.kernel[2, 0]`;
    without the brackets where it is the only one of its leaf."""
    left = index
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        if left < np.size(leaf):
            name = jax.tree_util.keystr(path, simple=True, separator=".")
            place = ", ".join(str(int(i)) for i in np.unravel_index(left, np.shape(leaf)))
            return name if np.size(leaf) == 1 and name else f"{name or 'parameter'}[{place}]"
        left -= np.size(leaf)
    return f"parameter {index}"


def _along_solutions(
    here: Problem, plane: Plane, runs: dict[str, Trajectory], best: str | None
) -> tuple[str, ...]:
    """From which point to which the axes run."""
    # Where every run diverged, these are their last points near the start.
    names = [
        f"{name} before it diverged" if run.outcome.kind == "diverged" else f"{name}'s end"
        for name, run in runs.items()
    ]
    offsets = solution_offsets(here, list(runs.values()))
    points = ["the start" if which is None else names[which] for which, _ in offsets]
    centre = "the start" if best is None else f"{best}'s end"
    if plane.dim == 1:
        return (f"distance from {centre} to {points[0]}",)
    first = f"toward {points[0]}"
    if len(points) > 1:
        second = f"toward {points[1]}"
    elif leading_residual_direction(here, list(runs.values()), offsets[0][1]) is None:
        second = "along a random direction"
    else:
        second = "along the largest remaining motion"
    return first, f"{second}, at right angles"


def extent_of(
    recipe: Recipe, here: Problem, plane: Plane, runs: dict[str, Trajectory], best: PyTree | None = None
) -> list[tuple[float, float]]:
    """(low, high) per axis: around the paths, and a known optimum `best` near them, or as far as the directions
    reach."""
    extent_rule = DIRECTIONS[recipe.directions.name].extent_rule
    if extent_rule == "paths" and runs:
        points = np.concatenate([coordinates_of(plane, run.params) for run in runs.values()])
        low, high = points.min(axis=0), points.max(axis=0)
        if best is not None:
            goal = coordinates_of(plane, jax.tree.map(lambda leaf: np.asarray(leaf)[None], best))[0]
            if np.max(np.maximum(low - goal, goal - high)) <= np.max(high - low):
                # A path that is still under way shows where to, unless that would make it small.
                low, high = np.minimum(low, goal), np.maximum(high, goal)
        half = np.maximum((high - low) / 2, SLENDER * np.max(high - low) / 2) * (1 + MARGIN)
        middle = (low + high) / 2
        if _whole(recipe, here):
            # Players of one number each turn about 0: it stays in the middle, whatever the paths do.
            farthest = np.max(np.abs([low, high]))
            half, middle = np.full(plane.dim, farthest * (1 + MARGIN / 2)), np.zeros(plane.dim)
    else:
        size = np.sqrt(sum(float(np.sum(np.square(leaf))) for leaf in jax.tree.leaves(here.params)))
        half = (
            np.asarray(plane.scale, float)
            if extent_rule != "norm"
            else np.full(plane.dim, NEARBY * max(size, 1e-3))
        )
        middle = np.zeros(plane.dim)
    half = half * recipe.extent
    return [(float(m - h), float(m + h)) for m, h in zip(middle, half, strict=True)]


def whole_plane(recipe: Recipe, start: Problem) -> tuple[Plane, tuple[str, ...], list[tuple[float, float]]]:
    """The plane of the two variables themselves, so that its coordinates are x and y; a line is drawn along x
    through the first known minimum."""
    with precision(start.params):
        eye = jnp.eye(2, dtype=start.params.dtype)
        height = 0.0 if recipe.dimension == 2 else catalog.minima(recipe)[0][1] if catalog.minima(recipe) else 0.0
        plane = span(eye[1] * height, eye[: recipe.dimension])
    box = catalog.box(recipe)[: recipe.dimension]
    scaled = [
        ((a + b) / 2 - (b - a) / 2 * recipe.extent, (a + b) / 2 + (b - a) / 2 * recipe.extent) for a, b in box
    ]
    return plane, ("x", "y")[: recipe.dimension], scaled


def _whole(recipe: Recipe, here: Problem) -> bool:
    """Whether the picture is the plane of two players of one number each."""
    return recipe.directions.name == "players" and here.dim == recipe.dimension == 2


def coordinates_of(plane: Plane, params: PyTree) -> np.ndarray:
    """["S K"] of a run's snapshots ["S ..."]; in NumPy, because XLA would compile for every number of them."""
    leaves = zip(*map(jax.tree.leaves, (params, plane.origin, plane.basis)), strict=True)
    shares = [
        (np.asarray(rows, float) - np.asarray(o)).reshape(len(rows), -1) @ np.asarray(d).reshape(plane.dim, -1).T
        for rows, o, d in leaves
    ]
    return np.sum(shares, axis=0)
