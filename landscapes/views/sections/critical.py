"""Section: where the gradient vanishes, and what kind of point each is."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import jax
import numpy as np
import streamlit as st

from landscapes import figures
from landscapes.curvature.critical_point_search import MAX_PARAMETERS, CriticalPoints, critical_points
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Memory, Placement, place_picture, plane_fields, point_fields
from landscapes.slices.refinement import refine
from landscapes.slices.surface import Surface
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import (
    Obstacle,
    Result,
    Section,
    Settings,
    curvature_obstacle,
    curved_problem,
    step_progress,
)
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

BOX_HALF_WIDTH = 0.5  # of the full-space search, over the root mean square of the parameters
NETWORK_PLANE_STARTS = 32  # Newton starts over the plane of a network
MAX_ROWS = 11  # rows that the table shows without scrolling


@dataclass(frozen=True, eq=False)
class CriticalPointsResult:
    """The critical points and the surface over the plane.

    Attributes:
        points: None until the search has ended.
        where: the searched space: "function" (a test function of two variables), "plane" or "full space".
        labels: of the plane's axes.
        surface: the loss over the plane.
    """

    points: CriticalPoints | None
    where: str
    labels: tuple[str, ...]
    surface: Surface


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    search: Annotated[Literal["plane", "full space"], "where critical points are searched for"] = "plane",
) -> CriticalPointsResult:
    """The critical points of the function, of the loss over the plane, or of a small network's loss."""
    search_space = "function" if catalog.is_function(recipe) else search
    recipe = replace(recipe, dimension=2)
    placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.3, "Training"))
    remember, problem = Memory(recipe, memory), curved_problem(placement)

    def refined_surface() -> Surface:
        report = step_progress(progress, 0.3, 0.3, "Computing the surface")
        *_, surface = refine(
            problem, placement.plane, placement.extent, tolerance=recipe.tolerance, progress=report
        )
        return surface

    # The page Explore keeps its surface under the same key.
    fields = (*plane_fields(recipe), "extent", "split", "drawn", "tolerance")
    weights = {name: float(weight) for name, weight in problem.weights.items()}
    surface = remember("surface", fields, refined_surface).reweighted(weights)
    partial_result = CriticalPointsResult(None, search_space, placement.labels, surface)
    note = "Looking for critical points"
    progress(0.4, partial_result, note)
    report = step_progress(progress, 0.4, 1.0, note)
    key = jax.random.fold_in(problem.key, 17)
    fields = (*point_fields(recipe), *plane_fields(recipe), "extent")
    points = remember(f"critical {search_space}", fields, lambda: _search(placement, search_space, key, report))
    return replace(partial_result, points=points)


def _search(placement: Placement, search_space: str, key: Any, progress: Any) -> CriticalPoints:
    problem = placement.problem
    if search_space == "full space":
        norm = np.sqrt(sum(float(np.sum(np.square(leaf))) for leaf in jax.tree.leaves(problem.params)))
        return critical_points(problem, BOX_HALF_WIDTH * norm / np.sqrt(problem.dim), key=key, progress=progress)
    # A slice of a network is smoother than a test function, and every Newton step reads all examples.
    starts = None if search_space == "function" else NETWORK_PLANE_STARTS
    return critical_points(
        problem.on(placement.plane), placement.extent, key=key, starts=starts, progress=progress
    )


def draw(result: Result[CriticalPointsResult], view: Literal["contour", "3d"] = "contour") -> None:
    critical, recipe = result.value, result.recipe
    points, presenting = critical.points, bool(widgets.setting("present", False))
    left, right = st.columns([0.56, 0.44], gap="medium")
    points_by_kind: dict[str, list[Any]] = {}
    if points is not None and critical.where != "full space":
        for kind, point in zip(points.kinds, points.points, strict=True):
            points_by_kind.setdefault(kind, []).append(point)
    with left:
        figure = (figures.surface if view == "3d" else figures.contour)(
            critical.surface,
            labels=critical.labels,
            value=catalog.height(recipe),
            theme=instruments.theme(),
            presenter=presenting,
            critical=points_by_kind,
        )
        height = "clamp(340px, calc(100vh - 300px), 1000px)"
        stage(figure, key="stage critical", height=height, mix=False)  # another mixture has other critical points
    with right:
        if points is None:
            st.caption("Searching …")
            return
        st.markdown(_summary(points, critical.where, catalog.height(recipe)))
        if points.morse is not None:
            st.markdown(f"**Are these all?** {points.morse.sentence}")
        if len(points.points):
            fits = len(points.points) <= MAX_ROWS
            st.dataframe(_table(points), hide_index=True, height="content" if fits else 35 * MAX_ROWS + 40)
        st.caption(
            f"Newton's method on ∇L from {points.starts:,} starts, with the points already found taken out, "
            "polished in float64. A point where the loss has no second derivative, a kink, is not found."
        )


def _summary(points: CriticalPoints, search_space: str, value: str) -> str:
    counts = {kind: points.kinds.count(kind) for kind in dict.fromkeys(points.kinds)}
    plural = {"minimum": "minima", "maximum": "maxima", "saddle": "saddles", "degenerate": "degenerate"}
    each = ", ".join(f"**{n}** {kind if n == 1 else plural[kind]}" for kind, n in counts.items()) or "none found"
    return {
        "function": f"Critical points in the box: {each}.",
        "plane": f"Critical points of {value} **over this plane**: {each}. Off the plane its gradient need not "
        "vanish there, so they are not known to be the model's own.",
        "full space": f"Critical points of {value} near the centre, in all {len(points.box)} parameters: {each}.",
    }[search_space]


def _table(points: CriticalPoints) -> list[dict[str, Any]]:
    rows, rounding = [], 1e-12 * float(np.max(np.abs(points.values), initial=0))
    for kind, point, value, eigenvalues, errors, index in zip(
        points.kinds,
        points.points,
        points.values,
        points.eigenvalues,
        points.errors,
        points.index,
        strict=True,
    ):
        row: dict[str, Any] = {"kind": kind, "index": str(index)}
        if len(point) == 2:
            row |= {"x": f"{point[0]:.4f}", "y": f"{point[1]:.4f}"}
        else:
            row |= {"distance": f"{np.linalg.norm(point - points.box.mean(axis=1)):.4g}"}
        row |= {"value": f"{value if abs(value) > rounding else 0:.4g}"}
        row |= {
            "λmin": f"{eigenvalues[0]:.4g}",
            "λmax": f"{eigenvalues[-1]:.4g}",
            "± error": f"{errors.max():.1g}",
        }
        rows.append(row)
    return rows


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if (flat := curvature_obstacle(recipe, settings)) is not None:
        return flat
    if settings["search"] == "plane" or catalog.is_function(recipe):
        return None
    if (dim := catalog.dimension(recipe)) <= MAX_PARAMETERS:
        return None
    return Obstacle(
        f"critical points in full space are searched for up to {MAX_PARAMETERS} parameters, "
        f"and the model has {dim:,}",
        "Search the plane instead",
        {"critical.search": "plane"},
    )


SECTION = Section(
    "Critical points",
    compute,
    draw,
    r"Where does $\nabla L$ vanish, and is it a minimum, a saddle or a maximum?",
    plane=True,
    obstacle=obstacle,
)
