"""Place: where a picture is, developed from a recipe step by step.

    recipe → problem → runs → plane

Each step's result is remembered under exactly the part of the recipe that it depends on.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
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
from landscapes.scenes.framing import directed_plane, extent_of, labels_of, whole_plane

Progress = Callable[[float, Any], None]

PROBLEM = ("objective", "model", "data", "precision", "seed")
TRAINING = (*PROBLEM, "weights", "optimizers", "schedule", "steps", "batch_size")
FRAME = ("directions", "dimension", "center")


@dataclass(frozen=True, eq=False)
class Place:
    """Where a picture is: a scene before anything of it is evaluated.

    Attributes:
        recipe, problem, plane, labels: as of `scene.Scene`.
        extent: (low, high) of each axis of the plane.
        runs: the optimizers' runs from the initial point, where the place depends on them.
        center: which point that is: the "trained" one, or the "initial" one, also where every run diverged.
        optimum: the parameters of a known optimum, in a game of a known equilibrium; None where none is known.
    """

    recipe: Recipe
    problem: Problem
    plane: Plane
    labels: tuple[str, ...]
    extent: list[tuple[float, float]]
    runs: dict[str, Trajectory]
    center: str
    optimum: PyTree | None = None


def locate(
    recipe: Recipe, *, memory: MutableMapping[str, Any] | None = None, progress: Progress | None = None
) -> Place:
    """Where the recipe's picture is. Steps are shared with `scene.develop`, given the same memory.

    Args:
        memory, progress: as of `scene.develop`; there is no partial result.

    Raises:
        ValueError: one sentence with the remedy, for a recipe that has no picture.
    """
    recipe = catalog.complete(recipe)
    remember = Memory(recipe, {} if memory is None else memory)
    start = catalog.build(replace(recipe, split="train"))
    runs = {}
    if is_trained(recipe) or spanned_by_paths(recipe):

        def told(fraction: float, partial: Any) -> None:
            if progress is not None:
                progress(fraction, None)

        runs = remember("runs", TRAINING, lambda: run_race(recipe, catalog.training(start), told))
    return place_of(recipe, remember, start, runs)


def point_of(recipe: Recipe) -> tuple[str, ...]:
    """The fields of a recipe that its point and the examples there depend on."""
    return (*(TRAINING if is_trained(recipe) else (*PROBLEM, "weights")), "center", "split", "drawn")


def is_trained(recipe: Recipe) -> bool:
    """Whether the point is one that was trained to."""
    return recipe.center == "trained" and bool(recipe.optimizers)


def spanned_by_paths(recipe: Recipe) -> bool:
    """Whether the plane is made of the optimizers' paths."""
    return not catalog.is_function(recipe) and DIRECTIONS[recipe.directions.name].needs_paths


def stays_in_plane(recipe: Recipe) -> bool:
    """Whether the paths of a complete recipe start at a picked point and move only in the line or plane that is
    seen. The plane of a test function is its whole space."""
    whole = catalog.is_function(recipe) and recipe.dimension == 2
    return bool(recipe.optimizers) and recipe.start == "picked" and recipe.space == "plane" and not whole


def spanned_of(recipe: Recipe) -> tuple[str, ...]:
    """The fields of a recipe that its plane depends on."""
    waits = not catalog.is_function(recipe) and (is_trained(recipe) or spanned_by_paths(recipe))
    weighed = DIRECTIONS[recipe.directions.name].depends_on_loss
    return (*(TRAINING if waits else PROBLEM), *(("weights",) if weighed else ()), *FRAME)


def place_of(recipe: Recipe, remember: Memory, start: Problem, runs: dict[str, Trajectory]) -> Place:
    """Where the picture is, given the runs that it depends on."""
    if catalog.is_function(recipe):
        here = replace(start, params=center_of(recipe, start, runs))
        return Place(recipe, here, *whole_plane(recipe, start), runs, center_name(recipe, start, runs))
    here = shown_at(recipe, start, center_of(recipe, start, runs))
    # Both splits are shown on one plane, so that they can stand side by side.
    trained = replace(here, data=start.data)
    # One run that diverged would move and widen the picture of all others.
    around = without_divergence(runs)
    plane = remember("plane", spanned_of(recipe), lambda: directed_plane(recipe, trained, around))
    best = catalog.optimum(recipe, start)
    extent = extent_of(recipe, here, plane, around, None if start.objective.players is not None else best)
    labels = labels_of(recipe, trained, plane, around, best_run(recipe, start, runs))
    center = center_name(recipe, start, runs)
    return Place(recipe, catalog.seen(recipe, here), plane, labels, extent, runs, center, best)


@dataclass(frozen=True)
class Memory:
    """Results of steps, each under the named fields of the recipe that it depends on."""

    recipe: Recipe
    kept: MutableMapping[str, Any]

    def key(self, step: str, names: tuple[str, ...]) -> str:
        return f"{step} {[getattr(self.recipe, name) for name in dict.fromkeys(names)]}"

    def recall(self, step: str, names: tuple[str, ...]) -> Any:
        return self.kept.get(self.key(step, names))

    def keep(self, step: str, names: tuple[str, ...], result: Any) -> Any:
        self.kept[self.key(step, names)] = result
        return result

    def __call__(self, step: str, names: tuple[str, ...], compute: Callable[[], Any]) -> Any:
        found = self.recall(step, names)
        return self.keep(step, names, compute()) if found is None else found


def run_race(recipe: Recipe, start: Problem, progress: Progress | None) -> dict[str, Trajectory]:
    """The recipe's optimizers from the problem's own point."""
    contenders = {choice.name: (choice.name, choice.settings) for choice in recipe.optimizers}
    return race(
        start,
        contenders,
        recipe.steps,
        batch_size=recipe.batch_size or None,
        key=jax.random.fold_in(start.key, 1),
        schedule=(recipe.schedule.name, recipe.schedule.settings),
        progress=progress,
    )


def center_of(recipe: Recipe, start: Problem, runs: dict[str, Trajectory]) -> PyTree:
    """The end of `best_run`, or the initial point."""
    best = best_run(recipe, start, runs)
    if best is None:
        return start.params
    with precision(start.params):
        return jax.tree.map(lambda leaf: jnp.asarray(leaf[-1]), runs[best].params)


def best_run(recipe: Recipe, start: Problem, runs: dict[str, Trajectory]) -> str | None:
    """The run at whose end the picture is centred: the one with the best loss on all training examples. In a game
    no loss says which is best: the first optimizer's. None for a picture of the initial point, and where every run
    diverged: a run that left for infinity has found nothing, however low it was when it was last seen."""
    found = {name: run.final_loss for name, run in runs.items() if run.outcome.kind != "diverged"}
    if recipe.center == "initial" or not found:
        return None
    if start.objective.players is not None:
        return center_run(recipe)
    sign = 1 if start.sense == "minimize" else -1
    return min(found, key=lambda name: sign * found[name] if np.isfinite(found[name]) else np.inf)


def center_name(recipe: Recipe, start: Problem, runs: dict[str, Trajectory]) -> str:
    """Which point `center_of` is: "trained" or "initial"."""
    return "initial" if best_run(recipe, start, runs) is None else "trained"


def shown_at(recipe: Recipe, start: Problem, params: PyTree) -> Problem:
    """The problem at `params` over the examples shown; BatchNorm statistics come from those trained on."""
    settled = catalog.settle(start, params)
    if recipe.split == "train":
        return settled
    return replace(settled, data=catalog.build(recipe).data)
