"""Section: how much the choice of the plane matters, and what it leaves out."""

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
from landscapes.directions.bands import Band, bands
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.recipes.sampling import is_sampled
from landscapes.scenes.placement import Memory, place_picture, point_fields
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Given, Obstacle, Result, Section, one_loss, within
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report


@dataclass(frozen=True, eq=False)
class Found:
    """The bands so far, and the scene whose paths are seen against their plane."""

    bands: dict[str, Band]
    scene: Scene | None = None


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    lines: Annotated[int, Interval(ge=3, le=200), "random lines of each kind"] = 21,
    points: Annotated[int, Interval(ge=2, le=128), "points on each line, to either side"] = 24,
) -> Found:
    """A band of each kind around the point, as far as its filters are long; then the paths against the plane."""
    place = place_picture(recipe, memory=memory, progress=within(progress, 0.0, 0.3, "Training"))
    kernels = [leaf for leaf in jax.tree.leaves(place.problem.params) if np.ndim(leaf) > 1]
    # The length of a filter-normalized direction: that of all filters together.
    reach = float(np.sqrt(sum(float(np.sum(np.square(leaf))) for leaf in kernels))) * recipe.extent
    found = Found({})

    def told(fraction: float, partial: dict[str, Band]) -> None:
        nonlocal found
        found = Found(partial)
        progress(0.3 + 0.4 * fraction, found if partial else None, "Computing lines")

    def banded() -> dict[str, Band]:
        key = jax.random.fold_in(place.problem.key, 7)
        return bands(place.problem, reach, key, lines=lines, points=2 * points + 1, progress=told)

    known = Memory(recipe, memory)(f"bands {lines} {points} {recipe.extent}", point_fields(recipe), banded)
    found = Found(known)

    def seen(fraction: float, scene: Scene | None) -> None:
        nonlocal found
        if scene is not None and scene is not found.scene:
            found = Found(known, scene)
        progress(0.7 + 0.3 * fraction, found, "Projecting the paths")

    return Found(known, compute_scene(replace(recipe, dimension=2), memory=memory, progress=seen))


def draw(result: Result[Found]) -> None:
    found, recipe = result.value, result.recipe
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    left, right = st.columns([0.62, 0.38], gap="medium")
    with left:
        figure = figures.bands(found.bands, value=catalog.height(recipe), theme=look, presenter=presenting)
        stage(figure, key="stage bands", height="clamp(340px, calc(100vh - 290px), 900px)")
        st.caption(_said(found.bands, sampled=is_sampled(catalog.drawn_entry(recipe).weights)))
    with right:
        if found.scene is None or not found.scene.paths:
            st.caption("No paths to compare with the plane." if found.scene else "Computing the paths …")
            return
        figure = figures.off_plane(
            found.scene.paths, value=catalog.height(recipe), theme=look, presenter=presenting
        )
        stage(figure, key="stage off plane", height="clamp(300px, calc(100vh - 380px), 800px)")
        st.caption(_explained(found.scene))
        instruments.honesty(found.scene)


def _said(found: dict[str, Band], *, sampled: bool = False) -> str:
    some = next(iter(found.values()), None)
    if some is None:
        return ""
    error = f"interpolation error of each line about {max(band.error for band in found.values()):.2g}"
    if sampled:
        error = "each a mean of samples with the same random numbers"
    evaluations = sum(band.evaluations for band in found.values())
    return (
        f"{len(some.losses)} random lines of each kind through the point, each to ±{some.t[-1]:.3g}, "
        f"the norm of all filters × the zoom; {evaluations:,} evaluations, {error}. A line that looks "
        "convex proves nothing: its curvature is a mean over all eigenvalues."
    )


def _explained(scene: Scene) -> str:
    directions = scene.recipe.directions.name
    text = f"The plane: {directions}. "
    if scene.explained is not None:
        walk = RANDOM_WALK_VARIANCE_SHARES[scene.plane.dim - 1]
        text += (
            f"Share of the paths' variance in it: {scene.explained:.0%} (for comparison: the best plane for a "
            f"random walk holds {walk:.0%})."
        )
    return text


def obstacle(recipe: Recipe, given: Given) -> Obstacle | None:
    if catalog.is_function(recipe):
        return Obstacle("two variables are one plane, and nothing is left out of it")
    return one_loss(recipe, given)


SECTION = Section(
    "Planes",
    compute,
    draw,
    "Would another random plane show the same, and what does this one leave out?",
    plane=True,
    obstacle=obstacle,
)
