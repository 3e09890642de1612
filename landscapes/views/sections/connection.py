"""Section: the loss along paths between two solutions."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import jax
import numpy as np
import streamlit as st
from annotated_types import Interval
from jaxtyping import PyTree

from landscapes import figures
from landscapes.connectivity.barrier import Profile
from landscapes.connectivity.connection import Connection, connect_solutions
from landscapes.problem import Problem
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import TRAINING, Memory, run_race
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import (
    Obstacle,
    Result,
    Section,
    Settings,
    optimizers_to_add,
    single_loss_obstacle,
    step_progress,
)
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    solutions: Annotated[
        Literal["two seeds", "two optimizers"], "one optimizer from two initial points, or two from one"
    ] = "two seeds",
    kind: Annotated[Literal["bezier", "polygon"], "shape of the trained path"] = "bezier",
    bend_steps: Annotated[int, Interval(ge=1, le=2000), "number of steps of Adam that train the bend"] = 150,
    bend_rate: Annotated[float, Interval(gt=0, le=10), "learning rate at the start of training the bend"] = 0.02,
) -> Connection:
    """The loss on the straight line, on the line after matching, on the trained curve and on the curve's plane."""
    remember = Memory(recipe, memory)
    start = catalog.training_problem(catalog.build(replace(recipe, split="train")))
    first, second = _solutions(recipe, start, remember, solutions, step_progress(progress, 0.0, 0.4, "Training"))
    try:
        units = () if catalog.is_function(recipe) else catalog.units(recipe)
    except ValueError:
        units = ()  # a linear model has no hidden units to match

    def report(fraction: float, partial: Connection) -> None:
        progress(0.4 + 0.6 * fraction, partial, f"Computing {partial.pending}")

    def compute_connection() -> Connection:
        return connect_solutions(
            start,
            first,
            second,
            units=units,
            kind=kind,
            steps=bend_steps,
            learning_rate=bend_rate,
            key=recipe.seed,
            progress=report,
        )

    return remember(f"connection {solutions} {kind} {bend_steps} {bend_rate}", TRAINING, compute_connection)


def _solutions(
    recipe: Recipe, start: Problem, remember: Memory, solutions: str, progress: Any
) -> tuple[PyTree, PyTree]:
    if solutions == "two optimizers":
        runs = remember("runs", TRAINING, lambda: run_race(recipe, start, progress))
        two_runs = [runs[choice.name] for choice in recipe.optimizers[:2]]
    else:
        # Only the first optimizer, on the same examples, from two initial points.
        single = replace(recipe, optimizers=recipe.optimizers[:1])
        other_start = replace(start, params=catalog.build(replace(single, seed=recipe.seed + 1)).params)
        memory = Memory(single, remember.results)
        runs = memory("runs", TRAINING, lambda: run_race(single, start, progress))
        other_runs = memory("runs from the next seed", TRAINING, lambda: run_race(single, other_start, progress))
        two_runs = [each[single.optimizers[0].name] for each in (runs, other_runs)]
    for run in two_runs:
        if run.outcome.kind == "diverged":
            raise ValueError("a run that diverged found no solution; lower the learning rate")
    first, second = (jax.tree.map(lambda leaf: np.asarray(leaf[-1]), run.params) for run in two_runs)
    return first, second


def draw(
    result: Result[Connection],
    *,
    view: Literal["contour", "3d"] = "contour",
    scale: Annotated[Literal["linear", "log"], "of the loss over the plane"] = "log",
) -> None:
    connection, recipe = result.value, result.recipe
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    value = catalog.height(catalog.as_trained(recipe))
    left, right = st.columns(2, gap="medium")
    with left:
        figure = figures.connection(connection, value=value, theme=look, presenter=presenting)
        surrounding_pixels = 590 if presenting else 520  # presenter mode enlarges the table and the notes
        stage(figure, key="stage ways", height=f"clamp(280px, calc(100vh - {surrounding_pixels}px), 700px)")
        st.markdown(_table(connection))
        st.caption(_notes(connection))
    with right:
        if connection.surface is None:
            st.container(height=420, border=True).caption("The plane is computed once the curve is trained.")
            return
        plane_drawing = figures.connection_plane(
            connection, solid=view == "3d", value=value, scale=scale, theme=look, presenter=presenting
        )
        stage(plane_drawing, key="stage connection", height="clamp(340px, calc(100vh - 250px), 1000px)", mix=False)


def _table(connection: Connection) -> str:
    rows = ["| barrier | over the mean | over the line | highest |", "|---|---|---|---|"]
    profiles = {
        "straight": connection.straight_profile,
        "matched": connection.matched_profile,
        "curve": connection.curve_profile,
    }
    for name, profile in profiles.items():
        # Matching comes before the curve, so a curve without a matching means that there are no units to match.
        is_missing = name == "matched" and connection.matching is None and connection.curve is not None
        rows.append(f"| {name} | " + (" | ".join("–" * 3) if is_missing else _barrier(profile)) + " |")
    return "\n".join(rows)


def _barrier(profile: Profile | None) -> str:
    if profile is None:
        return "… | … | …"
    barrier = profile.barrier
    return f"{barrier.above_mean:.3g} | {barrier.above_line:.3g} | {barrier.highest:.3g} ± {barrier.error:.1g}"


def _notes(connection: Connection) -> str:
    text = (
        r"Over the mean of the ends: $\max_t L_t-\frac12(L_0+L_1)$; over the line between them: "
        r"$\max_t[L_t-(1-t)L_0-tL_1]$. "
    )
    if connection.plane is not None:
        text += f"The solutions are {float(connection.plane.scale[0]):.3g} apart. "
    if connection.matching is not None:
        text += (
            f"Matching hidden units (Git Re-Basin, by weights) brings the second from a distance of "
            f"{connection.matching.distance_before:.3g} to {connection.matching.distance_after:.3g}; "
            f"its function is the same. "
        )
    return text + "The curve is trained at 8 fixed quadrature nodes of t and drawn at 129 points."


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if (game := single_loss_obstacle(recipe, settings)) is not None:
        return game
    has_two, (label, addition) = len(recipe.optimizers) > 1, optimizers_to_add(recipe, 2)
    if settings["solutions"] == "two seeds" and catalog.has_one_start(recipe):
        kind = "a test function starts" if catalog.is_function(recipe) else "these parameters start"
        two = {"connection.solutions": "two optimizers"}
        return Obstacle(
            f"{kind} at one point, whatever the seed",
            "Compare two optimizers" if has_two else f"{label}, and compare two optimizers",
            two if has_two else two | addition,
        )
    if settings["solutions"] == "two optimizers" and not has_two:
        return Obstacle("two solutions from one start need two optimizers", label, addition)
    if not recipe.optimizers:
        return Obstacle("two solutions need an optimizer", *optimizers_to_add(recipe, 1))
    return None


SECTION = Section(
    "Between solutions",
    compute,
    draw,
    "Can two solutions be joined by a path of low loss?",
    obstacle=obstacle,
)
