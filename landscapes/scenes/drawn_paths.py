"""The runs that a scene draws, and their projections on its plane."""

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
    problem: Problem,
    plane: Plane,
    runs: dict[str, Trajectory],
    step: Progress,
) -> tuple[dict[str, Trajectory], dict[str, Projection]]:
    """The drawn runs and their projections: those from the initial point, or new ones from another start."""
    drawn = runs
    if recipe.optimizers and recipe.start == "picked":
        picked = np.asarray([recipe.start_x, recipe.start_y][: plane.dim], plane.scale.dtype)
        # The plane of a test function is its whole space, so the program of its runs also serves a picked start.
        is_whole_space = catalog.is_function(recipe) and plane.dim == 2
        if stays_in_plane(recipe):
            # The trained problem, restricted to the drawn plane.
            in_plane = replace(problem, data=start.data, objective=start.objective, weights=start.weights)
            drawn = run_race(recipe, replace(in_plane.on(plane), params=picked), step)
            drawn = {name: _in_parameter_space(plane, run) for name, run in drawn.items()}
        else:
            with precision(problem.params):
                params = picked if is_whole_space else _point(plane, picked)
            drawn = run_race(recipe, replace(catalog.training_problem(start), params=params), step)
    elif recipe.optimizers and recipe.start == "trained":
        drawn = run_race(recipe, replace(catalog.training_problem(start), params=problem.params), step)

    def report(fraction: float, partial: Any) -> None:
        step(1.0, None)

    return drawn, {name: project_path(problem, plane, run, progress=report) for name, run in drawn.items()}


_point = jax.jit(Plane.point)


def _in_parameter_space(plane: Plane, run: Trajectory) -> Trajectory:
    """A run over the plane's coordinates as a run in parameter space, in NumPy, because XLA would compile for
    every number of snapshots."""

    def lift(origin: Any, directions: Any) -> np.ndarray:
        rows = np.asarray(origin) + np.tensordot(run.params, np.asarray(directions), axes=1)
        rows.flags.writeable = False
        return rows

    return replace(run, params=jax.tree.map(lift, plane.origin, plane.basis))
