"""Section: the cosine between the gradients of two terms."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

import numpy as np
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.recipes.words import capitalize
from landscapes.scenes.framing import snapshot_coordinates
from landscapes.scenes.placement import TRAINING, Memory, place_picture, plane_fields, point_fields, run_race
from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath, Cosines, conflict_map, conflict_path
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections import pair
from landscapes.views.sections.section import Result, Section, step_progress
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

HEIGHT = "clamp(320px, calc(100vh - 400px), 900px)"


@dataclass(frozen=True, eq=False)
class ConflictResult:
    """The cosines over the plane and along each path, and the coordinates of the paths in the plane."""

    labels: tuple[str, ...]
    paths: dict[str, ConflictPath]
    coordinates: dict[str, np.ndarray]
    map: ConflictMap | None = None


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    first: Annotated[str, "first of the two terms"] = "",
    second: Annotated[str, "second of the two terms"] = "",
    cells: Annotated[int, Interval(ge=5, le=65), "number of cells of the map along each axis"] = 25,
) -> ConflictResult:
    """The cosines between two terms' gradients along the paths, then over the plane."""
    recipe = replace(recipe, drawn=catalog.SAME)
    terms = pair.pair(recipe, first, second)
    remember = Memory(recipe, memory)
    placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.3, "Training"))
    runs = placement.runs
    if recipe.optimizers and not runs:
        start = catalog.training_problem(catalog.build(replace(recipe, split="train")))
        report = step_progress(progress, 0.0, 0.3, "Training")
        runs = remember("runs", TRAINING, lambda: run_race(recipe, start, report))
    conflict_paths = {}
    for k, (name, run) in enumerate(runs.items()):
        report = step_progress(
            progress, 0.3 + 0.1 * k / len(runs), 0.3 + 0.1 * (k + 1) / len(runs), f"Along {name}"
        )
        conflict_paths[name] = remember(
            f"conflict along {name} {terms}",
            (*TRAINING, "split"),
            lambda run=run, report=report: conflict_path(placement.problem, run, *terms, progress=report),
        )
    coordinates = {name: snapshot_coordinates(placement.plane, run.params) for name, run in runs.items()}
    conflict = ConflictResult(placement.labels, conflict_paths, coordinates)

    def report_map(fraction: float, partial: ConflictMap) -> None:
        progress(0.4 + 0.6 * fraction, replace(conflict, map=partial), "Computing the map")

    def compute_map() -> ConflictMap:
        return conflict_map(
            placement.problem, placement.plane, placement.extent, *terms, cells=cells, progress=report_map
        )

    fields = (*plane_fields(recipe), *point_fields(recipe), "extent", "split")
    return replace(conflict, map=remember(f"conflict {terms} {cells}", fields, compute_map))


def draw(result: Result[ConflictResult]) -> None:
    conflict, recipe = result.value, result.recipe
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    left, right = st.columns([0.58, 0.42], gap="medium")
    with left:
        if conflict.map is None:
            st.container(height=420, border=True).caption("Computing the map …")
        else:
            figure = figures.conflict(
                conflict.map, conflict.coordinates, labels=conflict.labels, theme=look, presenter=presenting
            )
            stage(figure, key="stage conflict", height=HEIGHT)
            st.caption(_describe(conflict.map.cosines, recipe))
    with right:
        if conflict.paths:
            figure = figures.conflict_path(conflict.paths, theme=look, presenter=presenting)
            stage(figure, key="stage conflict path", height=HEIGHT)
            st.caption(
                "Along each path, at its own points in the full space and not at those that the map shows. Where "
                "a weighted sum is at a minimum its two gradients balance, and the cosine is −1: a compromise."
            )


def _describe(cosines: Cosines, recipe: Recipe) -> str:
    count = int(np.sum(cosines.evaluated))
    text = (
        f"At {100 * cosines.conflicting_share:.0f} % of {count:,} points a small step down one gradient climbs "
        "the other term: cosine below 0. Gradients of the unweighted terms over all parameters"
    )
    if cosines.undetermined_share:
        share = 100 * cosines.undetermined_share
        text += f"; undetermined at {share:.0f} %, where a gradient vanishes to within rounding"
    return f"{text}. {capitalize(catalog.title(catalog.as_trained(recipe)))}, seed {recipe.seed}."


SECTION = Section(
    "Conflict",
    compute,
    draw,
    r"Where do two terms disagree? $\cos\angle(\nabla L_1,\nabla L_2)$",
    page="compare",
    plane=True,
    obstacle=pair.obstacle,
    hidden=frozenset({"first", "second"}),
    controls=partial(pair.choose, "conflict"),
)
