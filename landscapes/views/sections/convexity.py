"""Section: the map of convexity over the plane, and a direction of negative curvature at one cell."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
import streamlit as st
from annotated_types import Interval
from jaxtyping import PyTree

from landscapes.curvature.convexity import CELLS_PER_AXIS, ConvexityMap, convexity_map
from landscapes.curvature.float64 import SAME_LOSS_TOLERANCE, to_float64
from landscapes.curvature.hessian import flatten, loss_and_gradient, loss_at
from landscapes.curvature.witness import Witness, witness
from landscapes.display import typeset
from landscapes.figures.convexity import curvature_line, ratio_map, slice_map, state_map
from landscapes.figures.tangent import tangent
from landscapes.plane import Plane, span
from landscapes.precision import dtype_of, precision
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Memory, Placement, place_picture, plane_fields, point_fields
from landscapes.slices.refinement import refine
from landscapes.slices.surface import Surface, evaluate
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Result, Section, curvature_obstacle, curved_problem, step_progress
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

MAX_HALF_LENGTH = 0.25  # of the line along the direction, as a share of the map's half-diagonal
MAX_HALVINGS = 24  # of that length, in search of the distance where the loss leaves its tangent
TOLERANCE = 1e-3  # interpolation error of the loss along the line, over its range
# A partial map is drawn once it has 1.3 times the cells of the last one. Drawing three maps at every poll took
# half of Python's time.
REDRAW_GROWTH = 1.3
HEIGHT = "clamp(260px, calc(52vh - 120px), 560px)"


@dataclass(frozen=True, eq=False)
class ConvexityResult:
    """The map, and a direction of curvature at one of its cells.

    Attributes:
        labels: of the axes.
        cell: the indices of the cell.
        proof: the direction of the smallest curvature at the cell, None while it is computed.
        along: the loss along that direction, up to the distance where it leaves its tangent.
        slope: the derivative of the loss along that direction at the cell.
        why: why there is no such direction, or "".
    """

    convexity: ConvexityMap
    labels: tuple[str, ...]
    cell: tuple[int, ...]
    proof: Witness | None = None
    along: Surface | None = None
    slope: float = 0.0
    why: str = ""


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    cells: Annotated[int, Interval(ge=3, le=65), "number of cells along each axis"] = CELLS_PER_AXIS,
    x: Annotated[float, Interval(ge=-1e6, le=1e6), "first coordinate of the picked cell"] = 0.0,
    y: Annotated[float, Interval(ge=-1e6, le=1e6), "second coordinate of the picked cell"] = 0.0,
) -> ConvexityResult:
    """The map, coarse to fine, then the direction of smallest curvature at the cell nearest to (x, y)."""
    placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.2, "Training"))
    remember, problem = Memory(recipe, memory), curved_problem(placement)
    fields = (*point_fields(recipe), *plane_fields(recipe), "extent")

    drawn_cells = 0

    def report(fraction: float, partial: ConvexityMap) -> None:
        nonlocal drawn_cells
        done = int(np.sum(partial.evaluated))
        note = f"Computing eigenvalues, {done} of {partial.evaluated.size} cells"
        is_redrawn = done >= max(1, REDRAW_GROWTH * drawn_cells)
        if is_redrawn:
            drawn_cells = done
        map_result = ConvexityResult(partial, placement.labels, (0,) * placement.plane.dim) if is_redrawn else None
        progress(0.2 + 0.7 * fraction, map_result, note)

    key = jax.random.fold_in(problem.key, 11)
    convexity = remember(
        f"convexity {cells}",
        fields,
        lambda: convexity_map(problem, placement.plane, placement.extent, key=key, cells=cells, progress=report),
    )
    picked_coordinates = (x, y)[: placement.plane.dim]
    cell = tuple(
        int(np.argmin(np.abs(axis - coordinate)))
        for axis, coordinate in zip(convexity.axes, picked_coordinates, strict=True)
    )
    map_result = ConvexityResult(convexity, placement.labels, cell)
    progress(0.9, map_result, "Looking for a direction of negative curvature")
    report_line = step_progress(progress, 0.9, 1.0, "Following the loss along it")
    return remember(f"witness {cells} {cell}", fields, lambda: _add_witness(placement, map_result, report_line))


def _add_witness(placement: Placement, map_result: ConvexityResult, progress: Any) -> ConvexityResult:
    convexity = map_result.convexity
    coordinates = np.array([axis[i] for axis, i in zip(convexity.axes, map_result.cell, strict=True)])
    try:
        proof = witness(
            placement.problem, placement.plane, coordinates, key=jax.random.fold_in(placement.problem.key, 13)
        )
    except ValueError as error:
        return replace(map_result, why=str(error))
    with precision(placement.problem.params):
        center = placement.plane.point(jnp.asarray(coordinates, placement.plane.scale.dtype))
    problem = _in_float64(placement.problem, center)
    with precision(problem.params):
        line = span(*_cast_like(problem.params, (center, jax.tree.map(lambda leaf: leaf[None], proof.direction))))
        on_line = problem.on(line)
        _, slope = loss_and_gradient(on_line, on_line.params)
    widest = MAX_HALF_LENGTH * float(np.linalg.norm([(high - low) / 2 for low, high in placement.extent]))
    half = _half_length(problem, line, widest, float(slope[0]))
    *_, surface = refine(problem, line, half, tolerance=TOLERANCE, progress=progress)
    return replace(map_result, proof=proof, along=surface, slope=float(slope[0]))


def _in_float64(problem: Problem, params: PyTree) -> Problem:
    """The problem in float64 if its loss at `params` is the same, else the problem itself. Between two kinks a
    loss may be below its tangent by less than the rounding error of float32."""
    in_float64, losses = to_float64(problem), []
    for each in (problem, in_float64):
        with precision(each.params):
            losses.append(float(loss_at(each, flatten(each, params)[0])))
    return in_float64 if abs(losses[0] - losses[1]) <= SAME_LOSS_TOLERANCE * max(map(abs, losses)) else problem


def _cast_like(params: PyTree, tree: PyTree) -> PyTree:
    """The tree in the dtype of the parameters."""
    with precision(params):
        return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype_of(params)), tree)


def _half_length(problem: Problem, line: Plane, widest: float, slope: float) -> float:
    """The half-length of the line to draw.

    A convex loss is never below its tangent. Let d be the largest distance of the loss below its tangent: the line
    ends where, farther out, the loss is d above its tangent. Without such a point it has the length `widest`.
    """
    steps = np.append(widest * 2.0 ** -np.arange(MAX_HALVINGS, 0, -0.25), widest)
    loss = evaluate(problem, line, (np.concatenate([-steps[::-1], [0.0], steps]),)).loss.astype(np.float64)
    count = len(steps)
    differences = (
        np.stack([loss[count - 1 :: -1] + slope * steps, loss[count + 1 :] - slope * steps]) - loss[count]
    )
    differences = -differences if problem.sense == "maximize" else differences
    lowest = np.min(np.where(np.isfinite(differences), differences, np.inf), axis=0)
    if not lowest.min() < 0:
        return widest
    is_far = np.max(np.where(np.isfinite(differences), differences, np.inf), axis=0) > -lowest.min()
    far_indices = np.flatnonzero(is_far & (np.arange(count) > np.argmin(lowest)))
    return float(steps[far_indices[0]]) if len(far_indices) else widest


def draw(result: Result[ConvexityResult]) -> None:
    map_result, recipe = result.value, result.recipe
    convexity = map_result.convexity
    look: dict[str, Any] = {"theme": instruments.theme(), "presenter": bool(widgets.setting("present", False))}
    has_cell = map_result.proof is not None or bool(map_result.why)
    options = {"labels": map_result.labels, "cell": map_result.cell if has_cell else None, **look}
    if len(convexity.axes) == 1:
        cell_figure = curvature_line(convexity, **options)
        stage(cell_figure, key="stage curvature line", height=HEIGHT, pick=True, on_pick=_pick)
    else:
        reward = convexity.sense == "maximize"
        pictures = (
            (f"Full space: the {'largest' if reward else 'smallest'} eigenvalue of $H$", state_map),
            ("What the slice alone shows", slice_map),
            ("Positive beside negative curvature" if reward else "Negative beside positive curvature", ratio_map),
        )
        for column, (title, figure) in zip(st.columns(3, gap="small"), pictures, strict=True):
            with column:
                st.markdown(f"**{title}**")
                cell_figure = figure(convexity, **options)
                stage(cell_figure, key=f"stage {figure.__name__}", height=HEIGHT, pick=True, on_pick=_pick)
    left, right = st.columns([0.34, 0.66], gap="medium")
    with left:
        _words(map_result, recipe)
    with right:
        if map_result.along is not None:
            name = catalog.height(recipe)
            figure = tangent(map_result.along, map_result.slope, value=name, label="distance along v", **look)
            stage(figure, key="stage witness", height="clamp(180px, calc(48vh - 200px), 420px)")


def _pick(coordinates: tuple[float, ...]) -> None:
    for name, value in zip(("x", "y"), coordinates, strict=False):
        widgets.set_setting(f"convexity.{name}", float(f"{value:.6g}"))
    st.rerun()


def _words(map_result: ConvexityResult, recipe: Recipe) -> None:
    convexity = map_result.convexity
    done, count = int(np.sum(convexity.evaluated)), convexity.evaluated.size
    shape = "concave" if convexity.sense == "maximize" else "convex"
    convex, nonconvex, undetermined = (
        convexity.share(state) for state in ("convex", "non-convex", "undetermined")
    )
    st.markdown(
        f"In the full space **{100 * nonconvex:.0f} % of the cells are not {shape}**, {100 * convex:.0f} % are "
        f"{shape} within their error, {100 * undetermined:.0f} % are undetermined. *Click a cell.*"
    )
    coordinates = ", ".join(f"{axis[i]:.3g}" for axis, i in zip(convexity.axes, map_result.cell, strict=True))
    if map_result.why:
        st.markdown(f"At ({coordinates}): {map_result.why}.")
    elif map_result.proof is not None:
        curvature, error = map_result.proof.curvature, map_result.proof.error
        has_wrong_sign = curvature - error > 0 if convexity.sense == "maximize" else curvature + error < 0
        conclusion = (
            f"a direction $v$ of full space proves it not {shape}"
            if has_wrong_sign
            else f"no direction was found that proves it not {shape}; along the weakest"
        )
        if map_result.proof.sentence:
            st.markdown(typeset(map_result.proof.sentence.replace(" here", f" at ({coordinates})", 1)))
        else:
            value = rf"$v^\top H v = {_typeset(curvature, 3)} \pm {_typeset(error, 1)}$"
            st.markdown(f"At ({coordinates}) {conclusion}: {value}.")
        if convexity.nonmonotone_slope[map_result.cell]:
            moves = "rises" if convexity.sense == "maximize" else "falls"
            st.markdown(f"Towards a neighbouring cell the slope {moves}, so it is not {shape} on the way there.")
        rule = "A convex function lies above" if shape == "convex" else "A concave function lies below"
        st.caption(f"{rule} all its tangents. Grey: closer than the loss is known.")
    examples = "" if catalog.is_function(recipe) else f", {catalog.examples_of(recipe)}"
    st.caption(
        f"{done} of {count} cells, {convexity.products:,} Hessian-vector products{examples}; seed {recipe.seed}, "
        f"{recipe.precision}. Each cell is tested at its centre and, where both are {shape}, by the slope "
        f"between it and its neighbours."
    )


def _typeset(value: float, digits: int) -> str:
    """A number in LaTeX."""
    mantissa, e, power = f"{value:.{digits}g}".partition("e")
    return rf"{mantissa}\cdot10^{{{int(power)}}}" if e else mantissa


SECTION = Section(
    "Convexity",
    compute,
    draw,
    r"Where is the loss convex? $\lambda_{\min}(H)$ in all directions, at every point of the plane",
    plane=True,
    obstacle=curvature_obstacle,
    hidden=frozenset({"x", "y"}),
)
