"""Section: the loss over three directions, as surfaces of equal loss and a slice that moves."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Annotated, Any, Literal

import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.directions import RANDOM_WALK_VARIANCE_SHARES
from landscapes.exports import EXPORTS, Bundle
from landscapes.exports.names import file_stem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.recipes.sampling import is_sampled
from landscapes.scenes.captions import interpolation_error
from landscapes.scenes.volume import Volume, compute_volume
from landscapes.views.controls import instruments, widgets
from landscapes.views.controls.export_menu import export_menu
from landscapes.views.sections.section import Obstacle, Result, Section, Settings, single_loss_obstacle
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

LINK = "volume"  # of the two stages, which share the slice


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    nodes: Annotated[Literal["9", "17", "33"], "largest number of nodes along each direction"] = "17",
) -> Volume:
    """The loss over the plane and one more direction, and the paths."""
    volume: Volume | None = None

    def report(fraction: float, partial: Any) -> None:
        progress(fraction, volume, "Computing the volume" if fraction >= 0.4 else "Training")

    for finer in compute_volume(recipe, finest=int(nodes), memory=memory, progress=report):
        volume = finer
    assert volume is not None
    return volume


def draw(
    result: Result[Volume],
    scale: Literal["linear", "log"] = "linear",
    levels: Annotated[int, Interval(ge=1, le=10), "surfaces of equal loss"] = 5,
) -> None:
    volume, recipe = result.value, result.recipe
    look: dict[str, Any] = {
        "labels": volume.labels,
        "value": catalog.height(recipe),
        "scale": scale,
        "theme": instruments.theme(),
        "presenter": bool(widgets.setting("present", False)),
    }
    left, right = st.columns([0.56, 0.44], gap="medium")
    with left:
        figure = figures.volume(volume.surface, volume.paths or {}, levels=levels, **look)
        height = "clamp(340px, calc(100vh - 410px), 1000px)"
        stage(figure, key="stage volume", height=height, link=LINK)
        st.caption(describe(volume, recipe))
    with right:
        figure = figures.volume_slice(volume.surface, **look)
        height = "clamp(300px, calc(100vh - 460px), 800px)"
        stage(figure, key="stage slice", height=height, link=LINK, transport=False)
        st.caption(describe_paths(volume))
        if volume.paths:
            st.table(instruments.projection_rows(volume.paths, "volume"))
        _offer_exports(volume, recipe, look)


def _offer_exports(volume: Volume, recipe: Recipe, look: dict[str, Any]) -> None:
    """Draw the menu of the formats of volumes."""

    def bundle() -> Bundle:
        return Bundle(
            figure=figures.volume(volume.surface, volume.paths or {}, **look),
            caption=f"{catalog.title(recipe)}. {describe(volume, recipe)}",
            recipe=None,  # of a picture, and not of its volume
            surface=volume.surface,
            paths=volume.paths or {},
            trajectories=volume.trajectories,
            details={"Recipe of the plane": recipe.to_json()},
            value=catalog.height(recipe),
            labels=volume.labels,
            directions=recipe.directions.name,
            seed=recipe.seed,
        )

    names = [name for name, export in EXPORTS.items() if export.is_for(None, 3)]
    identity = f"volume {recipe.query} {look['theme']} {look['scale']} {volume.surface.evaluations}"
    export_menu(bundle, identity, f"{file_stem(recipe)}_volume", names, [])


def describe(volume: Volume, recipe: Recipe) -> str:
    """How the volume was computed, and what is drawn of it."""
    surface = volume.surface
    count = len(surface.axes[2])
    if is_sampled(surface.terms):
        error = "each a mean of samples with the same random numbers"
    else:
        error = interpolation_error(surface, surface.error)
    place = "trained" if volume.center == "trained" else "initial"
    note = f" {surface.note}" if surface.note else ""
    return (
        f"{' × '.join(str(len(axis)) for axis in surface.axes)} nodes around the {place} parameters, "
        f"{surface.evaluations:,} evaluations, {error}.{note} Surfaces of equal "
        f"{catalog.height(recipe)} are drawn below the slice, at levels of the lines on the right. The slice "
        f"stops at the {count} computed nodes of the third direction; at 0 it is the picture of the plane."
    )


def describe_paths(volume: Volume) -> str:
    """How much of the paths the third direction adds."""
    if volume.paths is None:
        return "Computing the paths …"
    if volume.explained is None:
        return ""
    three, two = volume.explained
    return (
        f"The volume holds {100 * three:.0f} % of the paths' variance, its first two directions {100 * two:.0f} % "
        f"(for comparison: the best volume for a random walk holds {100 * RANDOM_WALK_VARIANCE_SHARES[2]:.0f} %)."
    )


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if catalog.is_function(recipe):
        return Obstacle("a test function has two variables, and a volume takes three directions")
    return single_loss_obstacle(recipe, settings)


SECTION = Section(
    "Volume",
    compute,
    draw,
    "How does the loss continue in a third direction, beside the plane of the picture?",
    plane=True,
    obstacle=obstacle,
)
