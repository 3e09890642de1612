"""Section: the loss along many random lines, and how far the paths are from the plane."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import jax
import numpy as np
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.directions import RANDOM_WALK_VARIANCE_SHARES
from landscapes.directions.line_bands import Band, bands
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.recipes.sampling import is_sampled
from landscapes.scenes.placement import Memory, place_picture, point_fields
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import (
    Obstacle,
    Result,
    Section,
    Settings,
    single_loss_obstacle,
    step_progress,
)
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report


@dataclass(frozen=True, eq=False)
class PlanesResult:
    """The bands computed so far, and the scene whose paths are compared with their plane."""

    bands: dict[str, Band]
    scene: Scene | None = None


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    lines: Annotated[int, Interval(ge=3, le=200), "number of random lines of each kind"] = 21,
    points: Annotated[int, Interval(ge=2, le=128), "number of points to either side of each line's middle"] = 24,
) -> PlanesResult:
    """A band of random lines of each kind, then the paths with their distances from the plane."""
    placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.3, "Training"))
    filters = [leaf for leaf in jax.tree.leaves(placement.problem.params) if np.ndim(leaf) > 1]
    # A filter-normalized direction has the norm of all filters together.
    half_length = float(np.sqrt(sum(float(np.sum(np.square(leaf))) for leaf in filters))) * recipe.extent
    partial_result = PlanesResult({})

    def report(fraction: float, partial: dict[str, Band]) -> None:
        nonlocal partial_result
        partial_result = PlanesResult(partial)
        progress(0.3 + 0.4 * fraction, partial_result if partial else None, "Computing lines")

    def compute_bands() -> dict[str, Band]:
        key = jax.random.fold_in(placement.problem.key, 7)
        return bands(placement.problem, half_length, key, lines=lines, points=2 * points + 1, progress=report)

    all_bands = Memory(recipe, memory)(
        f"bands {lines} {points} {recipe.extent}", point_fields(recipe), compute_bands
    )
    partial_result = PlanesResult(all_bands)

    def report_scene(fraction: float, scene: Scene | None) -> None:
        nonlocal partial_result
        if scene is not None and scene is not partial_result.scene:
            partial_result = PlanesResult(all_bands, scene)
        progress(0.7 + 0.3 * fraction, partial_result, "Projecting the paths")

    return PlanesResult(
        all_bands, compute_scene(replace(recipe, dimension=2), memory=memory, progress=report_scene)
    )


def draw(result: Result[PlanesResult]) -> None:
    planes, recipe = result.value, result.recipe
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    left, right = st.columns([0.62, 0.38], gap="medium")
    with left:
        figure = figures.bands(planes.bands, value=catalog.height(recipe), theme=look, presenter=presenting)
        stage(figure, key="stage bands", height="clamp(340px, calc(100vh - 290px), 900px)")
        st.caption(_describe(planes.bands, sampled=is_sampled(catalog.drawn_entry(recipe).weights)))
    with right:
        if planes.scene is None or not planes.scene.paths:
            st.caption("No paths to compare with the plane." if planes.scene else "Computing the paths …")
            return
        figure = figures.off_plane(
            planes.scene.paths, value=catalog.height(recipe), theme=look, presenter=presenting
        )
        stage(figure, key="stage off plane", height="clamp(300px, calc(100vh - 380px), 800px)")
        st.caption(_describe_plane(planes.scene))
        instruments.projection_table(planes.scene)


def _describe(all_bands: dict[str, Band], *, sampled: bool = False) -> str:
    first = next(iter(all_bands.values()), None)
    if first is None:
        return ""
    error = f"interpolation error of each line about {max(band.error for band in all_bands.values()):.2g}"
    if sampled:
        error = "each a mean of samples with the same random numbers"
    evaluations = sum(band.evaluations for band in all_bands.values())
    return (
        f"{len(first.losses)} random lines of each kind through the point, each to ±{first.t[-1]:.3g}, "
        f"the norm of all filters × the zoom; {evaluations:,} evaluations, {error}. A line that looks "
        "convex proves nothing: its curvature is a mean over all eigenvalues."
    )


def _describe_plane(scene: Scene) -> str:
    directions = scene.recipe.directions.name
    text = f"The plane: {directions}. "
    if scene.explained is not None:
        random_walk_share = RANDOM_WALK_VARIANCE_SHARES[scene.dim - 1]
        text += (
            f"Share of the paths' variance in it: {100 * scene.explained:.0f} % (for comparison: the best plane "
            f"for a random walk holds {100 * random_walk_share:.0f} %)."
        )
    return text


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if catalog.is_function(recipe):
        return Obstacle("two variables are one plane, and nothing is left out of it")
    return single_loss_obstacle(recipe, settings)


SECTION = Section(
    "Planes",
    compute,
    draw,
    "Would another random plane show the same, and what does this one leave out?",
    plane=True,
    obstacle=obstacle,
)
