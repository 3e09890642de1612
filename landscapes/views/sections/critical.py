"""Section: where the gradient vanishes, and what kind of point each is."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import jax
import numpy as np
import streamlit as st

from landscapes import figures
from landscapes.curvature.critical_points import MAX_PARAMETERS, CriticalPoints, critical_points
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Memory, Placement, place_picture, plane_fields, point_fields
from landscapes.slices.refinement import refine
from landscapes.slices.surface import Surface
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Given, Obstacle, Result, Section, bent, uncurved, within
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

NEARBY = 0.5  # half-width of the box searched in full space, as a share of the parameters' norm over √n
STARTS = 32  # over the plane of a network
ROWS = 11  # of the table before it scrolls


@dataclass(frozen=True, eq=False)
class Listed:
    """What was found, and the surface that it is drawn on.

    Attributes:
        points: None while they are looked for.
        where: "function" (two variables, which are all there are), "plane" or "full space".
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
    search: Literal["plane", "full space"] = "plane",
) -> Listed:
    """The critical points of the function, of the loss over the plane, or of a small network's loss."""
    where = "function" if catalog.is_function(recipe) else search
    recipe = replace(recipe, dimension=2)
    place = place_picture(recipe, memory=memory, progress=within(progress, 0.0, 0.3, "Training"))
    remember, here = Memory(recipe, memory), bent(place)

    def finest() -> Surface:
        told = within(progress, 0.3, 0.3, "Computing the surface")
        *_, surface = refine(here, place.plane, place.extent, tolerance=recipe.tolerance, progress=told)
        return surface

    # The same step as that of the picture on other pages.
    names = (*plane_fields(recipe), "extent", "split", "drawn", "tolerance")
    weights = {name: float(weight) for name, weight in here.weights.items()}
    surface = remember("surface", names, finest).reweighted(weights)
    listed = Listed(None, where, place.labels, surface)
    note = "Looking for critical points"
    progress(0.4, listed, note)
    told = within(progress, 0.4, 1.0, note)
    key = jax.random.fold_in(here.key, 17)
    names = (*point_fields(recipe), *plane_fields(recipe), "extent")
    points = remember(f"critical {where}", names, lambda: _search(place, where, key, told))
    return replace(listed, points=points)


def _search(place: Placement, where: str, key: Any, progress: Any) -> CriticalPoints:
    problem = place.problem
    if where == "full space":
        size = np.sqrt(sum(float(np.sum(np.square(leaf))) for leaf in jax.tree.leaves(problem.params)))
        return critical_points(problem, NEARBY * size / np.sqrt(problem.dim), key=key, progress=progress)
    # A slice of a network is smooth beside a test function, and every step from every start reads all examples.
    starts = None if where == "function" else STARTS
    return critical_points(problem.on(place.plane), place.extent, key=key, starts=starts, progress=progress)


def draw(result: Result[Listed], view: Literal["contour", "3d"] = "contour") -> None:
    listed, recipe = result.value, result.recipe
    found, presenting = listed.points, bool(widgets.setting("present", False))
    left, right = st.columns([0.56, 0.44], gap="medium")
    drawn: dict[str, list[Any]] = {}
    if found is not None and listed.where != "full space":
        for kind, point in zip(found.kinds, found.points, strict=True):
            drawn.setdefault(kind, []).append(point)
    with left:
        figure = (figures.surface if view == "3d" else figures.contour)(
            listed.surface,
            labels=listed.labels,
            value=catalog.height(recipe),
            theme=instruments.theme(),
            presenter=presenting,
            critical=drawn,
        )
        height = "clamp(340px, calc(100vh - 300px), 1000px)"
        stage(figure, key="stage critical", height=height, mix=False)  # the points are those of this mixture
    with right:
        if found is None:
            st.caption("Searching …")
            return
        st.markdown(_summary(found, listed.where, catalog.height(recipe)))
        if found.morse is not None:
            st.markdown(f"**Are these all?** {found.morse.sentence}")
        if len(found.points):
            fits = len(found.points) <= ROWS
            st.dataframe(_table(found), hide_index=True, height="content" if fits else 35 * ROWS + 40)
        st.caption(
            f"Newton's method on ∇L from {found.starts:,} starts, with the points already found taken out, "
            "polished in float64. A point where the loss has no second derivative, a kink, is not found."
        )


def _summary(found: CriticalPoints, where: str, value: str) -> str:
    counts = {kind: found.kinds.count(kind) for kind in dict.fromkeys(found.kinds)}
    plural = {"minimum": "minima", "maximum": "maxima", "saddle": "saddles", "degenerate": "degenerate"}
    each = ", ".join(f"**{n}** {kind if n == 1 else plural[kind]}" for kind, n in counts.items()) or "none found"
    return {
        "function": f"Critical points in the box: {each}.",
        "plane": f"Critical points of {value} **over this plane**: {each}. Off the plane its gradient need not "
        "vanish there, so they are not known to be the model's own.",
        "full space": f"Critical points of {value} near the centre, in all {len(found.box)} parameters: {each}.",
    }[where]


def _table(found: CriticalPoints) -> list[dict[str, Any]]:
    rows, rounding = [], 1e-12 * float(np.max(np.abs(found.values), initial=0))
    for kind, point, value, eigenvalues, errors, index in zip(
        found.kinds, found.points, found.values, found.eigenvalues, found.errors, found.index, strict=True
    ):
        row: dict[str, Any] = {"kind": kind, "index": str(index)}
        if len(point) == 2:
            row |= {"x": f"{point[0]:.4f}", "y": f"{point[1]:.4f}"}
        else:
            row |= {"distance": f"{np.linalg.norm(point - found.box.mean(axis=1)):.4g}"}
        row |= {"value": f"{value if abs(value) > rounding else 0:.4g}"}
        row |= {
            "λmin": f"{eigenvalues[0]:.4g}",
            "λmax": f"{eigenvalues[-1]:.4g}",
            "± error": f"{errors.max():.1g}",
        }
        rows.append(row)
    return rows


def obstacle(recipe: Recipe, given: Given) -> Obstacle | None:
    if (found := uncurved(recipe, given)) is not None:
        return found
    if given["search"] == "plane" or catalog.is_function(recipe):
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
