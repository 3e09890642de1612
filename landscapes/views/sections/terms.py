"""Section: every term of the objective on the same plane."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import streamlit as st

from landscapes.figures.scene import picture, shared_viewpoint
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.scenes.view import with_view
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.pair import NO_TERMS
from landscapes.views.sections.section import Obstacle, Result, Section, Settings
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

PICTURES_PER_ROW = 3  # side by side


def compute(recipe: Recipe, memory: MutableMapping[str, Any], progress: Report) -> Scene:
    """The scene of the page Explore, which holds the surface of every term."""

    def report(fraction: float, scene: Scene | None) -> None:
        progress(fraction, scene, "Training" if scene is None else f"Computing {scene.missing}")

    return compute_scene(recipe, memory=memory, progress=report)


def draw(
    result: Result[Scene],
    *,
    view: Literal["contour", "3d"] = "3d",
    scale: Annotated[Literal["linear", "log"], "of every height"] = "linear",
) -> None:
    scene = result.value
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    # Compiled functions sort the terms by name. The page shows them in the order of the objective.
    order = dict.fromkeys([*(term for term, _ in scene.recipe.weights), *scene.surface.terms])
    heights = [*([] if scene.surface.game else [""]), *(term for term in order if term in scene.surface.terms)]
    weights = {term: scene.surface.weights[term] for term in heights if term}
    if len(heights) == 2 and "" in heights:
        heights = [""]  # a sum of one term equals that term
    rows = [heights[k : k + PICTURES_PER_ROW] for k in range(0, len(heights), PICTURES_PER_ROW)]
    height = f"clamp(260px, calc((100vh - 330px) / {len(rows)} - {60 * (len(rows) - 1)}px), 900px)"
    views = {term: with_view(scene, replace(scene.recipe, term=term, view=view, scale=scale)) for term in heights}
    viewpoint = shared_viewpoint(list(views.values())) if view == "3d" else None
    for row in rows:
        for column, term in zip(
            st.columns(PICTURES_PER_ROW if len(rows) > 1 else len(row), gap="small"), row, strict=False
        ):
            with column:
                st.markdown(_name(term, weights, scene))
                figure = picture(views[term], theme=look, presenter=presenting, viewpoint=viewpoint)
                figure.update_layout(showlegend=term == heights[0])
                if len(rows) > 1 and view == "3d" and scene.dim == 2:
                    # Axis titles would cover so small a picture. The caption names the axes instead.
                    figure.update_scenes({f"{axis}axis": {"title": {"text": ""}} for axis in "xyz"})
                stage(figure, key=f"stage terms {term}", height=height, link="terms", description=term or "sum")
    if len(heights) > 1:
        has_titles = len(rows) == 1 or view != "3d" or scene.dim == 1
        axes = "" if has_titles else f"Axes: {'; '.join(scene.labels)}. "
        mixing = (
            " The sliders under the total recompute it from the same values. The optimizers train on the total."
        )
        st.caption(
            f"{axes}Each term is drawn unweighted, on its own color scale."
            + ("" if scene.surface.game else mixing)
        )
    instruments.caption(with_view(scene, replace(scene.recipe, view=view, scale=scale)))


def _name(term: str, weights: dict[str, float], scene: Scene) -> str:
    if not term:
        return f"**Total {catalog.drawn_entry(scene.recipe).page.value}** = {catalog.weighted_sum(weights)}"
    if scene.surface.game:
        return f"**{catalog.symbol(term)}**"
    return f"**{catalog.symbol(term)}** · " + (f"weight {weights[term]:.3g}" if weights[term] else "not optimized")


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    return NO_TERMS if catalog.is_function(recipe) else None


SECTION = Section(
    "Terms",
    compute,
    draw,
    r"What does each term look like alone? $L=\sum_i w_iL_i$",
    page="compare",
    plane=True,
    obstacle=obstacle,
)
