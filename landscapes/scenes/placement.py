"""The placement of a picture: its problem, plane and extent, computed from a recipe step by step.

    recipe → problem → runs → plane

The result of each step is cached under the part of the recipe that it depends on.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from landscapes.directions import DIRECTIONS
from landscapes.optimization.divergence import without_divergence
from landscapes.optimization.trajectory import Trajectory, race
from landscapes.plane import Plane
from landscapes.precision import precision
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.equilibrium import center_run
from landscapes.scenes.framing import axis_labels, axis_ranges, directed_plane, function_plane

Progress = Callable[[float, Any], None]

PROBLEM = ("objective", "model", "data", "precision", "seed")
TRAINING = (*PROBLEM, "weights", "optimizers", "schedule", "steps", "batch_size")
FRAME = ("directions", "dimension", "center")


@dataclass(frozen=True, eq=False)
class Placement:
    """The place of a picture, before its surface is evaluated.

    Attributes:
        recipe, problem, plane, labels: as in `scene.Scene`.
        extent: (low, high) of each axis of the plane.
        runs: the optimizers' runs from the initial point, where the place depends on them.
        center: "trained", or "initial", also where every run diverged.
        optimum: the parameters of a known optimum, in a game of a known equilibrium, or None.
    """

    recipe: Recipe
    problem: Problem
    plane: Plane
    labels: tuple[str, ...]
    extent: list[tuple[float, float]]
    runs: dict[str, Trajectory]
    center: str
    optimum: PyTree | None = None


def place_picture(
    recipe: Recipe, *, memory: MutableMapping[str, Any] | None = None, progress: Progress | None = None
) -> Placement:
    """The placement of the recipe's picture. Steps are shared with `scene.compute_scene`, given the same memory.

    Args:
        memory, progress: as in `scene.compute_scene`; there is no partial result.

    Raises:
        ValueError: one sentence with the remedy, for a recipe that has no picture.
    """
    recipe = catalog.complete(recipe)
    remember = Memory(recipe, {} if memory is None else memory)
    start = catalog.build(replace(recipe, split="train"))
    runs = {}
    if is_trained(recipe) or is_spanned_by_paths(recipe):

        def report(fraction: float, partial: Any) -> None:
            if progress is not None:
                progress(fraction, None)

        runs = remember("runs", TRAINING, lambda: run_race(recipe, catalog.training_problem(start), report))
    return placement_of(recipe, remember, start, runs)


def point_fields(recipe: Recipe) -> tuple[str, ...]:
    """The fields of a recipe that its center and the examples there depend on."""
    return (*(TRAINING if is_trained(recipe) else (*PROBLEM, "weights")), "center", "split", "drawn")


def is_trained(recipe: Recipe) -> bool:
    """Whether the center is the end of a run."""
    return recipe.center == "trained" and bool(recipe.optimizers)


def is_spanned_by_paths(recipe: Recipe) -> bool:
    """Whether the plane depends on the optimizers' paths."""
    return not catalog.is_function(recipe) and DIRECTIONS[recipe.directions.name].needs_paths


def stays_in_plane(recipe: Recipe) -> bool:
    """Whether the paths of a complete recipe start at a picked point and move only in the drawn line or plane.
    The plane of a test function is its whole space."""
    is_whole_space = catalog.is_function(recipe) and recipe.dimension == 2
    return bool(recipe.optimizers) and recipe.start == "picked" and recipe.space == "plane" and not is_whole_space


def plane_fields(recipe: Recipe) -> tuple[str, ...]:
    """The fields of a recipe that its plane depends on."""
    depends_on_runs = not catalog.is_function(recipe) and (is_trained(recipe) or is_spanned_by_paths(recipe))
    depends_on_weights = DIRECTIONS[recipe.directions.name].depends_on_loss
    return (*(TRAINING if depends_on_runs else PROBLEM), *(("weights",) if depends_on_weights else ()), *FRAME)


def placement_of(recipe: Recipe, remember: Memory, start: Problem, runs: dict[str, Trajectory]) -> Placement:
    """The placement, from the runs that it depends on."""
    if catalog.is_function(recipe):
        problem = replace(start, params=center_params(recipe, start, runs))
        return Placement(recipe, problem, *function_plane(recipe, start), runs, center_name(recipe, start, runs))
    problem = problem_at(recipe, start, center_params(recipe, start, runs))
    # Both splits use one plane, so that their pictures can be compared.
    train_problem = replace(problem, data=start.data)
    # A diverged run would shift and widen the picture of all others.
    bounded_runs = without_divergence(runs)
    plane = remember("plane", plane_fields(recipe), lambda: directed_plane(recipe, train_problem, bounded_runs))
    optimum = catalog.optimum(recipe, start)
    extent = axis_ranges(
        recipe, problem, plane, bounded_runs, None if start.objective.players is not None else optimum
    )
    labels = axis_labels(recipe, train_problem, plane, bounded_runs, best_run(recipe, start, runs))
    center = center_name(recipe, start, runs)
    return Placement(recipe, catalog.drawn_problem(recipe, problem), plane, labels, extent, runs, center, optimum)


@dataclass(frozen=True)
class Memory:
    """Cached results of steps, each under the fields of the recipe that it depends on."""

    recipe: Recipe
    results: MutableMapping[str, Any]

    def key(self, step: str, names: tuple[str, ...]) -> str:
        return f"{step} {[getattr(self.recipe, name) for name in dict.fromkeys(names)]}"

    def get(self, step: str, names: tuple[str, ...]) -> Any:
        return self.results.get(self.key(step, names))

    def store(self, step: str, names: tuple[str, ...], result: Any) -> Any:
        self.results[self.key(step, names)] = result
        return result

    def __call__(self, step: str, names: tuple[str, ...], compute: Callable[[], Any]) -> Any:
        cached = self.get(step, names)
        return self.store(step, names, compute()) if cached is None else cached


def run_race(recipe: Recipe, start: Problem, progress: Progress | None) -> dict[str, Trajectory]:
    """The runs of the recipe's optimizers from `start.params`, and those in checkpoints of an own problem."""
    optimizers = {choice.name: (choice.name, choice.settings) for choice in recipe.optimizers}
    runs = race(
        start,
        optimizers,
        recipe.steps,
        batch_size=recipe.batch_size or None,
        key=jax.random.fold_in(start.key, 1),
        schedule=(recipe.schedule.name, recipe.schedule.settings),
        progress=progress,
    )
    return runs | catalog.recorded_runs(recipe, start)


def center_params(recipe: Recipe, start: Problem, runs: dict[str, Trajectory]) -> PyTree:
    """The end of `best_run`, or the initial point."""
    best_label = best_run(recipe, start, runs)
    if best_label is None:
        return start.params
    with precision(start.params):
        return jax.device_put(
            jax.tree.map(lambda leaf: np.asarray(leaf[-1]), runs[best_label].params), may_alias=False
        )


def best_run(recipe: Recipe, start: Problem, runs: dict[str, Trajectory]) -> str | None:
    """The run at whose end the picture is centered: the one with the best loss on all training examples. In a
    game, which has no single loss, the first optimizer's. None for a picture of the initial point, and where every
    run
    diverged: the last finite loss of a diverged run means nothing."""
    losses = {name: run.final_loss for name, run in runs.items() if run.outcome.kind != "diverged"}
    if recipe.center == "initial" or not losses:
        return None
    if start.objective.players is not None:
        return center_run(recipe)
    sign = 1 if start.sense == "minimize" else -1
    return min(losses, key=lambda name: sign * losses[name] if np.isfinite(losses[name]) else np.inf)


def center_name(recipe: Recipe, start: Problem, runs: dict[str, Trajectory]) -> str:
    """The name of the point `center_params`: "trained" or "initial"."""
    return "initial" if best_run(recipe, start, runs) is None else "trained"


def problem_at(recipe: Recipe, start: Problem, params: PyTree) -> Problem:
    """The problem at `params` over the drawn split; BatchNorm statistics are those of the training examples."""
    centered = catalog.center_problem(start, params)
    if recipe.split == "train":
        return centered
    return replace(centered, data=catalog.build(recipe).data)
