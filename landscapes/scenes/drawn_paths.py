"""Drawn paths: the runs that a scene draws, from wherever they start, and their projections."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import numpy as np

from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Progress, run_race, stays_in_plane
from landscapes.slices.projection import Projection, project_path


def drawn_paths(
    recipe: Recipe,
    start: Problem,
    here: Problem,
    plane: Plane,
    runs: dict[str, Trajectory],
    step: Progress,
) -> tuple[dict[str, Trajectory], dict[str, Projection]]:
    """The runs to draw and their projections: those from the initial point, or new ones from another start."""
    moved = runs
    if recipe.optimizers and recipe.start == "picked":
        picked = np.asarray([recipe.start_x, recipe.start_y][: plane.dim], plane.scale.dtype)
        # The plane of a test function is all of its space: the program that runs there serves a click as well.
        whole = catalog.is_function(recipe) and plane.dim == 2
        if stays_in_plane(recipe):
            # What is trained descends, over the plane that is seen.
            seen = replace(here, data=start.data, objective=start.objective, weights=start.weights)
            moved = run_race(recipe, replace(seen.on(plane), params=picked), step)
            moved = {name: _lifted(plane, run) for name, run in moved.items()}
        else:
            with precision(here.params):
                params = picked if whole else _point(plane, picked)
            moved = run_race(recipe, replace(catalog.training(start), params=params), step)
    elif recipe.optimizers and recipe.start == "trained":
        moved = run_race(recipe, replace(catalog.training(start), params=here.params), step)

    def projecting(fraction: float, partial: Any) -> None:
        step(1.0, None)

    return moved, {name: project_path(here, plane, run, progress=projecting) for name, run in moved.items()}


_point = jax.jit(Plane.point)


def _lifted(plane: Plane, run: Trajectory) -> Trajectory:
    """A run over the plane's coordinates as the run through parameter space that it is; in NumPy, because XLA
    would compile for every number of snapshots."""

    def lift(origin: Any, directions: Any) -> np.ndarray:
        rows = np.asarray(origin) + np.tensordot(run.params, np.asarray(directions), axes=1)
        rows.flags.writeable = False
        return rows

    return replace(run, params=jax.tree.map(lift, plane.origin, plane.basis))
