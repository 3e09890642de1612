"""The runs that a scene draws, and their projections on its plane."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import numpy as np

from landscapes.optimization.step_vectors import StepVectors, step_vectors
from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane, span
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
    drawn_runs = runs
    if recipe.optimizers and recipe.start != "initial":
        drawn_runs = run_race(recipe, start_of_paths(recipe, start, problem, plane), step)
        if stays_in_plane(recipe):
            drawn_runs = {name: _in_parameter_space(plane, run) for name, run in drawn_runs.items()}

    def report(fraction: float, partial: Any) -> None:
        step(1.0, None)

    return drawn_runs, {
        name: project_path(problem, plane, run, progress=report) for name, run in drawn_runs.items()
    }


def start_of_paths(recipe: Recipe, start: Problem, problem: Problem, plane: Plane) -> Problem:
    """The problem that the drawn runs descend, at the point where they start; over the plane's coordinates where
    they stay in the plane."""
    if recipe.start != "picked":
        training = catalog.training_problem(start)
        return replace(training, params=problem.params) if recipe.start == "trained" else training
    coordinates = np.asarray([recipe.start_x, recipe.start_y][: plane.dim], plane.scale.dtype)
    if stays_in_plane(recipe):
        # The trained problem, restricted to the drawn plane.
        in_plane = replace(problem, data=start.data, objective=start.objective, weights=start.weights)
        return replace(in_plane.on(plane), params=coordinates)
    # The plane of a test function is its whole space, so the program of its runs also serves a picked start.
    is_whole_space = catalog.is_function(recipe) and plane.dim == 2
    with precision(problem.params):
        params = coordinates if is_whole_space else _point(plane, coordinates)
    return replace(catalog.training_problem(start), params=params)


def explained_steps(
    recipe: Recipe, start: Problem, problem: Problem, plane: Plane, step: Progress
) -> dict[str, StepVectors]:
    """The vectors of every step of the drawn runs, on the plane, by optimizer."""
    origin = start_of_paths(recipe, start, problem, plane)
    if stays_in_plane(recipe):
        plane = span(np.zeros_like(np.asarray(origin.params)), np.eye(plane.dim))
    vectors_by_optimizer: dict[str, StepVectors] = {}

    def report(fraction: float, partial: Any) -> None:
        step((len(vectors_by_optimizer) + fraction) / len(recipe.optimizers), None)

    for choice in recipe.optimizers:
        vectors_by_optimizer[choice.name] = step_vectors(
            origin,
            plane,
            (choice.name, choice.settings),
            recipe.steps,
            batch_size=recipe.batch_size or None,
            key=jax.random.fold_in(origin.key, 1),
            schedule=(recipe.schedule.name, recipe.schedule.settings),
            progress=report,
        )
    return vectors_by_optimizer


_point = jax.jit(Plane.point)


def _in_parameter_space(plane: Plane, run: Trajectory) -> Trajectory:
    """A run over the plane's coordinates as a run in parameter space, in NumPy, because XLA would compile for
    every number of snapshots."""

    def to_parameters(origin: Any, directions: Any) -> np.ndarray:
        rows = np.asarray(origin) + np.tensordot(run.params, np.asarray(directions), axes=1)
        rows.flags.writeable = False
        return rows

    return replace(run, params=jax.tree.map(to_parameters, plane.origin, plane.basis))
