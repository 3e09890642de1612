"""Every objective as it usually opens: how long it trains, where to, and how soon its coarse surface is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import jax

from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import place_picture, run_race
from landscapes.scenes.scene import Scene, compute_scene
from tests.benchmarks.arrival import Arrival, arrival

# What is promised of each, in seconds: all paths in a process that has compiled nothing of it, and the first
# surface where all is compiled.
TRAINED = 20.0
COARSE = 1.0


@dataclass(frozen=True)
class Opening:
    """One line of the table, in seconds, and where the paths end."""

    objective: str
    trained: float
    coarse: float
    reached: Arrival

    def __str__(self) -> str:
        missed = self.trained > TRAINED or self.coarse > COARSE or not self.reached.sensible
        verdict = "MISSED" if missed else ""
        return (
            f"{OBJECTIVES[self.objective].page.family + ': ' + self.objective:52s} "
            f"{'trained, compilation included':40s} {self.trained:10.4g} s{'':6s}"
            f"coarse surface {self.coarse:10.4g} s  {self.reached}  {verdict}"
        ).rstrip()


class _Seen(Exception):
    """There is a first surface."""


def lines() -> Iterator[Opening]:
    for name in catalog.trainable_objectives(OBJECTIVES):
        recipe = catalog.complete(catalog.opening_of(name))
        jax.clear_caches()  # some share their programs with those before them
        memory: dict[Any, Any] = {}
        began = time.perf_counter()
        place = place_picture(recipe, memory=memory)
        if not place.runs:  # a picture that does not wait for its paths, which are drawn after it
            start = catalog.training_problem(catalog.build(recipe))
            place = replace(place, runs=run_race(recipe, start, None))
        trained = time.perf_counter() - began
        first_surface(recipe, memory)
        coarse = first_surface(replace(recipe, extent=1.01 * recipe.extent), memory)
        yield Opening(name, trained, coarse, arrival(place))


def first_surface(recipe: Recipe, memory: dict[Any, Any]) -> float:
    """Seconds until there is one, of a run that `memory` holds."""

    def progress(fraction: float, scene: Scene | None) -> None:
        if scene is not None:
            raise _Seen

    began = time.perf_counter()
    with suppress(_Seen):
        compute_scene(recipe, memory=memory, progress=progress)
    return time.perf_counter() - began
