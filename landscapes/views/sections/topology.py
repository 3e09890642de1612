"""Section: the minima of the surface by persistence, and which of them its error leaves."""

from __future__ import annotations

import math
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import streamlit as st

from landscapes import figures
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Memory, place_picture, plane_fields
from landscapes.slices.persistent_minima import Persistence, persistence
from landscapes.slices.refinement import refine
from landscapes.slices.surface import Surface
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Result, Section, single_loss_obstacle, step_progress
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

MAX_MARKED = 200  # minima, as many as the tree has; more would hide the surface
MAX_ROWS = 6  # of the table without scrolling


@dataclass(frozen=True, eq=False)
class TopologyResult:
    """The surface over the plane, and its minima once they are known."""

    surface: Surface
    labels: tuple[str, ...]
    found: Persistence | None = None


def compute(recipe: Recipe, memory: MutableMapping[str, Any], progress: Report) -> TopologyResult:
    """The minima of the surface over the plane, by persistence."""
    recipe = replace(recipe, dimension=2)
    placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.4, "Training"))
    remember, problem = Memory(recipe, memory), placement.problem

    def refined_surface() -> Surface:
        report = step_progress(progress, 0.4, 0.9, "Computing the surface")
        *_, surface = refine(
            problem, placement.plane, placement.extent, tolerance=recipe.tolerance, progress=report
        )
        return surface

    # The page Explore keeps its surface under the same key.
    fields = (*plane_fields(recipe), "extent", "split", "drawn", "tolerance")
    weights = {name: float(weight) for name, weight in problem.weights.items()}
    surface = remember("surface", fields, refined_surface).reweighted(weights)
    shown = TopologyResult(surface, placement.labels)
    progress(0.9, shown, "Sorting minima by persistence")
    return replace(shown, found=persistence(surface))


def draw(
    result: Result[TopologyResult],
    view: Literal["contour", "3d"] = "contour",
    plot: Literal["diagram", "tree"] = "diagram",
) -> None:
    shown, recipe, found = result.value, result.recipe, result.value.found
    value, theme = catalog.height(recipe), instruments.theme()
    presenting = bool(widgets.setting("present", False))
    left, right = st.columns([0.56, 0.44], gap="medium")
    with left:
        figure = (figures.surface if view == "3d" else figures.contour)(
            shown.surface,
            labels=shown.labels,
            value=value,
            theme=theme,
            presenter=presenting,
            critical={} if found is None else marks(found),
        )
        height = "clamp(340px, calc(100vh - 300px), 1000px)"
        stage(figure, key="stage topology", height=height, mix=False)  # another mixture has other minima
    with right:
        if found is None:
            st.caption("Sorting the minima …")
            return
        st.markdown(summary(found, value))
        drawing = figures.merge_tree if plot == "tree" and found.significant else figures.persistence_diagram
        figure = drawing(found, value=value, theme=theme, presenter=presenting)
        stage(figure, key=f"stage topology {plot}", height="clamp(260px, calc(100vh - 520px), 600px)")
        if found.significant:
            fits = found.significant <= MAX_ROWS
            st.dataframe(rows(found), hide_index=True, height="content" if fits else 35 * MAX_ROWS + 40)


def marks(found: Persistence) -> dict[str, Any]:
    """The claimed minima and the saddles where they merge, for the surface."""
    count = min(found.significant, MAX_MARKED)
    saddles = found.saddles[:count]
    kind = "minimum" if found.sense == "minimize" else "maximum"
    return {kind: found.minima[:count], "saddle": saddles[np.isfinite(saddles).all(axis=1)]}


def summary(found: Persistence, value: str) -> str:
    """What is claimed, and why no more, in Markdown."""
    kinds = ("minimum", "minima") if found.sense == "minimize" else ("maximum", "maxima")
    edge = int(np.count_nonzero(found.on_boundary[: found.significant]))
    text = f"**{found.significant}** {kinds[found.significant != 1]} of {value} over this plane"
    text += f", {edge} of them on the edge of the picture" if edge else ""
    return (
        f"{text}. Of {len(found.births)} on the grid, those with a persistence of at most {found.threshold:.2g} "
        f"are not claimed: twice the error of the surface, {found.error:.2g}, and of its grid, "
        f"{found.grid_error:.2g}."
    )


def rows(found: Persistence) -> list[dict[str, str]]:
    """The claimed minima as a table, which the page can save as CSV; values to two digits of their error."""
    table, digits = [], 1 - math.floor(math.log10(found.error)) if 0 < found.error < math.inf else 16
    for k in range(found.significant):
        ends = np.isfinite(found.deaths[k])
        row = {"": f"{k + 1}"} | {name: f"{at:.4g}" for name, at in zip("xy", found.minima[k], strict=False)}
        birth, death = (f"{round(float(at[k]), digits) + 0.0:.4g}" for at in (found.births, found.deaths))
        row |= {"value": birth, "saddle": death if ends else "none"}
        row |= {"persistence": f"{found.persistence[k]:.3g}" if ends else "never merges"}
        row |= {"merges with": f"{found.parents[k] + 1}" if found.parents[k] >= 0 else ""}
        table.append(row | {"edge": "edge" if found.on_boundary[k] else ""})
    return table


SECTION = Section(
    "Topology",
    compute,
    draw,
    "Which minima of this surface are deeper than its error, and at which saddles do they merge?",
    plane=True,
    obstacle=single_loss_obstacle,
)
