"""Section: the map of convexity over the plane, and the direction that proves a cell not convex."""

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

from landscapes.curvature.convexity_map import CELLS_PER_AXIS, ConvexityMap, convexity_map
from landscapes.curvature.float64 import SAME_LOSS_TOLERANCE, to_float64
from landscapes.curvature.hessian import flatten, loss_and_gradient, loss_at
from landscapes.curvature.witness import Witness, witness
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
from landscapes.views.sections.section import Result, Section, bent, uncurved, within
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

REACH = 0.25  # how far the loss is followed along the direction, as a share of the map's half-diagonal
FINEST = 24  # how often that is halved in search of where the loss leaves its tangent
TOLERANCE = 1e-3
# A partial map is drawn when it has so many times the cells of the last one. Drawn at every look, three maps had
# taken half of Python's time.
GROWTH = 1.3
HEIGHT = "clamp(260px, calc(52vh - 120px), 560px)"


@dataclass(frozen=True, eq=False)
class Mapped:
    """The map, and what was asked about one of its cells.

    Attributes:
        labels: of the axes.
        cell: its indices.
        proof: the direction of the smallest curvature there, None while it is computed.
        along: the loss along that direction, as far as the curvature shows.
        slope: its derivative at the cell.
        why: why there is none, or "".
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
    cells: Annotated[int, Interval(ge=3, le=65), "cells along each axis"] = CELLS_PER_AXIS,
    x: Annotated[float, Interval(ge=-1e6, le=1e6), "cell asked about, first axis"] = 0.0,
    y: Annotated[float, Interval(ge=-1e6, le=1e6), "cell asked about, second axis"] = 0.0,
) -> Mapped:
    """The map, coarse to fine, then the cell nearest to (x, y)."""
    place = place_picture(recipe, memory=memory, progress=within(progress, 0.0, 0.2, "Training"))
    remember, here = Memory(recipe, memory), bent(place)
    names = (*point_fields(recipe), *plane_fields(recipe), "extent")

    shown = 0

    def told(fraction: float, partial: ConvexityMap) -> None:
        nonlocal shown
        done = int(np.sum(partial.evaluated))
        words = f"Computing eigenvalues, {done} of {partial.evaluated.size} cells"
        grown = done >= max(1, GROWTH * shown)
        if grown:
            shown = done
        mapped = Mapped(partial, place.labels, (0,) * place.plane.dim) if grown else None
        progress(0.2 + 0.7 * fraction, mapped, words)

    key = jax.random.fold_in(here.key, 11)
    found = remember(
        f"convexity {cells}",
        names,
        lambda: convexity_map(here, place.plane, place.extent, key=key, cells=cells, progress=told),
    )
    picked = (x, y)[: place.plane.dim]
    cell = tuple(int(np.argmin(np.abs(axis - at))) for axis, at in zip(found.axes, picked, strict=True))
    mapped = Mapped(found, place.labels, cell)
    progress(0.9, mapped, "Looking for a direction of negative curvature")
    further = within(progress, 0.9, 1.0, "Following the loss along it")
    return remember(f"witness {cells} {cell}", names, lambda: _asked(place, mapped, further))


def _asked(place: Placement, mapped: Mapped, progress: Any) -> Mapped:
    found = mapped.convexity
    at = np.array([axis[i] for axis, i in zip(found.axes, mapped.cell, strict=True)])
    try:
        proof = witness(place.problem, place.plane, at, key=jax.random.fold_in(place.problem.key, 13))
    except ValueError as error:
        return replace(mapped, why=str(error))
    with precision(place.problem.params):
        there = place.plane.point(jnp.asarray(at, place.plane.scale.dtype))
    problem = _precise(place.problem, there)
    with precision(problem.params):
        line = span(*_like(problem.params, (there, jax.tree.map(lambda leaf: leaf[None], proof.direction))))
        on_line = problem.on(line)
        _, slope = loss_and_gradient(on_line, on_line.params)
    widest = REACH * float(np.linalg.norm([(high - low) / 2 for low, high in place.extent]))
    half = _reach(problem, line, widest, float(slope[0]))
    *_, along = refine(problem, line, half, tolerance=TOLERANCE, progress=progress)
    return replace(mapped, proof=proof, along=along, slope=float(slope[0]))


def _precise(problem: Problem, params: PyTree) -> Problem:
    """The problem in float64, where its loss is the same there: between two kinks a loss may be below its tangent
    by less than float32 can tell."""
    wide, losses = to_float64(problem), []
    for each in (problem, wide):
        with precision(each.params):
            losses.append(float(loss_at(each, flatten(each, params)[0])))
    return wide if abs(losses[0] - losses[1]) <= SAME_LOSS_TOLERANCE * max(map(abs, losses)) else problem


def _like(params: PyTree, tree: PyTree) -> PyTree:
    """A tree in the precision of the parameters."""
    with precision(params):
        return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype_of(params)), tree)


def _reach(problem: Problem, line: Plane, widest: float, slope: float) -> float:
    """Out to where the loss, once it has gone farthest to the wrong side of its tangent, is as far on the other;
    all the way where it is never on the wrong side."""
    steps = np.append(widest * 2.0 ** -np.arange(FINEST, 0, -0.25), widest)
    loss = evaluate(problem, line, (np.concatenate([-steps[::-1], [0.0], steps]),)).loss.astype(np.float64)
    count = len(steps)
    sides = np.stack([loss[count - 1 :: -1] + slope * steps, loss[count + 1 :] - slope * steps]) - loss[count]
    sides = -sides if problem.sense == "maximize" else sides
    worst = np.min(np.where(np.isfinite(sides), sides, np.inf), axis=0)
    if not worst.min() < 0:
        return widest
    far = np.max(np.where(np.isfinite(sides), sides, np.inf), axis=0) > -worst.min()
    out = np.flatnonzero(far & (np.arange(count) > np.argmin(worst)))
    return float(steps[out[0]]) if len(out) else widest


def draw(result: Result[Mapped]) -> None:
    mapped, recipe = result.value, result.recipe
    found = mapped.convexity
    look: dict[str, Any] = {"theme": instruments.theme(), "presenter": bool(widgets.setting("present", False))}
    asked = mapped.proof is not None or bool(mapped.why)
    shared = {"labels": mapped.labels, "cell": mapped.cell if asked else None, **look}
    if len(found.axes) == 1:
        shown = curvature_line(found, **shared)
        stage(shown, key="stage curvature line", height=HEIGHT, pick=True, on_pick=_pick)
    else:
        reward = found.sense == "maximize"
        pictures = (
            (f"Full space: the {'largest' if reward else 'smallest'} eigenvalue of $H$", state_map),
            ("What the slice alone shows", slice_map),
            ("Positive beside negative curvature" if reward else "Negative beside positive curvature", ratio_map),
        )
        for column, (title, figure) in zip(st.columns(3, gap="small"), pictures, strict=True):
            with column:
                st.markdown(f"**{title}**")
                shown = figure(found, **shared)
                stage(shown, key=f"stage {figure.__name__}", height=HEIGHT, pick=True, on_pick=_pick)
    left, right = st.columns([0.34, 0.66], gap="medium")
    with left:
        _words(mapped, recipe)
    with right:
        if mapped.along is not None:
            name = catalog.height(recipe)
            figure = tangent(mapped.along, mapped.slope, value=name, label="distance along v", **look)
            stage(figure, key="stage witness", height="clamp(180px, calc(48vh - 200px), 420px)")


def _pick(place: tuple[float, ...]) -> None:
    for name, value in zip(("x", "y"), place, strict=False):
        widgets.set_setting(f"convexity.{name}", float(f"{value:.6g}"))
    st.rerun()


def _words(mapped: Mapped, recipe: Recipe) -> None:
    found = mapped.convexity
    done, count = int(np.sum(found.evaluated)), found.evaluated.size
    word = "concave" if found.sense == "maximize" else "convex"
    convex, bad, open_ = (found.share(state) for state in ("convex", "non-convex", "undetermined"))
    st.markdown(
        f"In the full space **{bad:.0%} of the cells are not {word}**, {convex:.0%} are {word} within "
        f"their error, {open_:.0%} are undetermined. *Click a cell.*"
    )
    at = ", ".join(f"{axis[i]:.3g}" for axis, i in zip(found.axes, mapped.cell, strict=True))
    if mapped.why:
        st.markdown(f"At ({at}): {mapped.why}.")
    elif mapped.proof is not None:
        bend, error = mapped.proof.curvature, mapped.proof.error
        wrong = bend - error > 0 if found.sense == "maximize" else bend + error < 0
        says = (
            f"a direction $v$ of full space proves it not {word}"
            if wrong
            else f"no direction was found that proves it not {word}; along the weakest"
        )
        if mapped.proof.sentence:
            st.markdown(mapped.proof.sentence.replace(" here", f" at ({at})", 1))
        else:
            st.markdown(rf"At ({at}) {says}: $v^\top H v = {_typeset(bend, 3)} \pm {_typeset(error, 1)}$.")
        if found.nonmonotone_slope[mapped.cell]:
            moves = "rises" if found.sense == "maximize" else "falls"
            st.markdown(f"Towards a neighbouring cell the slope {moves}, so it is not {word} on the way there.")
        rule = "A convex function lies above" if word == "convex" else "A concave function lies below"
        st.caption(f"{rule} all its tangents. Grey: closer than the loss is known.")
    examples = "" if catalog.is_function(recipe) else f", {catalog.examples_of(recipe)}"
    st.caption(
        f"{done} of {count} cells, {found.products:,} Hessian-vector products{examples}; seed {recipe.seed}, "
        f"{recipe.precision}. Each cell is tested at its centre and, where both are {word}, by the slope "
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
    obstacle=uncurved,
    hidden=frozenset({"x", "y"}),
)
