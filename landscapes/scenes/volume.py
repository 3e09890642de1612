"""The volume of a picture: the loss over its plane and one more direction of the same kind."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import numpy as np

from landscapes.directions import DIRECTIONS, explained_variance
from landscapes.optimization.divergence import without_divergence
from landscapes.optimization.trajectory import Trajectory
from landscapes.plane import Plane
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.drawn_paths import drawn_paths
from landscapes.scenes.framing import axis_ranges, third_label
from landscapes.scenes.placement import (
    TRAINING,
    Memory,
    Placement,
    Progress,
    best_run,
    place_picture,
    plane_fields,
    problem_at,
    run_race,
)
from landscapes.slices.projection import Projection
from landscapes.slices.refinement import refine
from landscapes.slices.surface import Surface

COARSEST = 9  # nodes per axis of the first level


@dataclass(frozen=True, eq=False)
class Volume:
    """The loss over three directions, and the optimizers' paths in them.

    Attributes:
        surface: the loss on the finest grid so far.
        labels: what each axis measures.
        center: the point at 0, "trained" or "initial".
        paths: the projections of the runs, once they are known; None before.
        trajectories: these runs.
        explained: the share of their variance in the volume, and in its first two directions; None without runs.
    """

    surface: Surface
    labels: tuple[str, ...]
    center: str
    paths: dict[str, Projection] | None = None
    trajectories: dict[str, Trajectory] = field(default_factory=dict)
    explained: tuple[float, float] | None = None


def compute_volume(
    recipe: Recipe, *, finest: int, memory: MutableMapping[str, Any], progress: Progress
) -> Iterator[Volume]:
    """Volumes on grids of 9, 17, … nodes per axis, then the last one with the paths.

    Args:
        finest: the largest number of nodes per axis.
        memory, progress: as in `place_picture`; progress is called with (fraction, None).

    Raises:
        ValueError: one sentence with the remedy, for a recipe without a volume.
    """
    recipe = catalog.complete(replace(recipe, dimension=2))

    def within(low: float, high: float) -> Progress:
        return lambda fraction, partial: progress(low + (high - low) * fraction, None)

    def of_level(fraction: float, partial: Any) -> None:
        """Of the nodes of the finest grid, the share that is computed; `fraction` is that of the level's own."""
        coarser = len(volume.surface.axes[2]) if volume is not None else 0
        count = min(2 * coarser - 1, finest) if coarser else COARSEST
        computed_nodes = coarser**3 + fraction * (count**3 - coarser**3)
        progress(0.4 + 0.5 * min(computed_nodes / finest**3, 1.0), None)

    volume: Volume | None = None
    remember = Memory(recipe, memory)
    start = catalog.build(replace(recipe, split="train"))
    if start.dim < 3:
        raise ValueError(
            f"a volume takes three directions, and there are {start.dim} parameters; add units or layers"
        )
    placement = place_picture(recipe, memory=memory, progress=within(0.0, 0.4))
    plane, labels, extent = _place_volume(recipe, start, placement, remember)
    fields = (*plane_fields(recipe), "extent", "split", "drawn", "tolerance")
    weights = {name: float(weight) for name, weight in placement.problem.weights.items()}
    for surface in _levels(remember, f"volume {finest}", fields, lambda: refine(
        placement.problem,
        plane,
        extent,
        tolerance=recipe.tolerance,
        max_level=finest,
        progress=of_level,
    )):  # fmt: skip
        volume = Volume(surface.reweighted(weights), labels, placement.center)
        if not np.isfinite(volume.surface.loss).any():
            raise ValueError("the loss is finite at no point of this volume; choose another point or directions")
        yield volume
    assert volume is not None
    runs = placement.runs
    if recipe.optimizers and not runs:
        training = catalog.training_problem(start)
        runs = remember("runs", TRAINING, lambda: run_race(recipe, training, within(0.9, 0.95)))
    if not runs:
        yield replace(volume, paths={})
        return
    trajectories, paths = drawn_paths(recipe, start, placement.problem, plane, runs, within(0.95, 1.0))
    bounded = list(without_divergence(trajectories).values())
    explained = (
        (explained_variance(plane, bounded), explained_variance(placement.plane, bounded)) if bounded else None
    )
    yield replace(volume, paths=paths, trajectories=trajectories, explained=explained)


def _place_volume(
    recipe: Recipe, start: Problem, placement: Placement, remember: Memory
) -> tuple[Plane, tuple[str, ...], list[tuple[float, float]]]:
    """The directions, labels and extent of the volume. The third axis is symmetric, so that its middle node is 0
    and the slice there is the picture of the plane."""
    problem = replace(problem_at(recipe, start, placement.problem.params), data=start.data)
    runs = without_divergence(placement.runs)

    def extended_plane() -> Plane:
        direction = DIRECTIONS[recipe.directions.name].function
        key = jax.random.fold_in(problem.key, 2)
        vectors = direction(problem, list(runs.values()), key, 3, **recipe.directions.settings)
        return placement.plane.extended(jax.tree.map(lambda leaf: np.asarray(leaf[2]), vectors))

    plane = remember("volume", plane_fields(recipe), extended_plane)
    label = third_label(recipe, problem, plane, runs, best_run(recipe, start, placement.runs))
    low, high = axis_ranges(recipe, problem, plane, runs)[2]
    half = max(abs(low), abs(high))
    return plane, (*placement.labels, label), [*placement.extent, (-half, half)]


def _levels(remember: Memory, step: str, fields: tuple[str, ...], compute: Any) -> Iterator[Surface]:
    """The surface from coarse to fine, or its finest level alone where that is cached."""
    if (finest := remember.get(step, fields)) is not None:
        yield finest
        return
    for surface in compute():
        finest = surface
        yield surface
    remember.store(step, fields, finest)
