"""Section: between two solutions."""

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
from landscapes.views.sections.section import Given, Obstacle, Result, Section, another_optimizer, one_loss, within
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
    bend_steps: Annotated[int, Interval(ge=1, le=2000), "steps of Adam that train the bend"] = 150,
    bend_rate: Annotated[float, Interval(gt=0, le=10), "its first learning rate"] = 0.02,
) -> Connection:
    """The straight line, the line after matching, the trained curve and the plane that it lies in."""
    remember = Memory(recipe, memory)
    start = catalog.training_problem(catalog.build(replace(recipe, split="train")))
    first, second = _solutions(recipe, start, remember, solutions, within(progress, 0.0, 0.4, "Training"))
    try:
        units = () if catalog.is_function(recipe) else catalog.units(recipe)
    except ValueError:
        units = ()  # a linear model has no hidden units, and nothing to match

    def told(fraction: float, partial: Connection) -> None:
        progress(0.4 + 0.6 * fraction, partial, f"Computing {partial.pending}")

    def connected() -> Connection:
        return connect_solutions(
            start,
            first,
            second,
            units=units,
            kind=kind,
            steps=bend_steps,
            learning_rate=bend_rate,
            seed=recipe.seed,
            progress=told,
        )

    return remember(f"connection {solutions} {kind} {bend_steps} {bend_rate}", TRAINING, connected)


def _solutions(
    recipe: Recipe, start: Problem, remember: Memory, solutions: str, progress: Any
) -> tuple[PyTree, PyTree]:
    if solutions == "two optimizers":
        runs = remember("runs", TRAINING, lambda: run_race(recipe, start, progress))
        ends = [runs[choice.name] for choice in recipe.optimizers[:2]]
    else:
        # The first optimizer alone, on the same examples; only the initial point is another.
        alone = replace(recipe, optimizers=recipe.optimizers[:1])
        other = replace(start, params=catalog.build(replace(alone, seed=recipe.seed + 1)).params)
        memory = Memory(alone, remember.results)
        runs = memory("runs", TRAINING, lambda: run_race(alone, start, progress))
        others = memory("runs from the next seed", TRAINING, lambda: run_race(alone, other, progress))
        ends = [each[alone.optimizers[0].name] for each in (runs, others)]
    for end in ends:
        if end.outcome.kind == "diverged":
            raise ValueError("a run that diverged found no solution; lower the learning rate")
    first, second = (jax.tree.map(lambda leaf: np.asarray(leaf[-1]), end.params) for end in ends)
    return first, second


def draw(
    result: Result[Connection],
    *,
    view: Literal["contour", "3d"] = "contour",
    scale: Annotated[Literal["linear", "log"], "of the loss over the plane"] = "log",
) -> None:
    found, recipe = result.value, result.recipe
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    value = catalog.height(catalog.as_trained(recipe))
    left, right = st.columns(2, gap="medium")
    with left:
        figure = figures.connection(found, value=value, theme=look, presenter=presenting)
        around = 590 if presenting else 520  # the table and the notes below are larger there
        stage(figure, key="stage ways", height=f"clamp(280px, calc(100vh - {around}px), 700px)")
        st.markdown(_table(found))
        st.caption(_notes(found))
    with right:
        if found.surface is None:
            st.container(height=420, border=True).caption("The plane is computed once the curve is trained.")
            return
        drawn = figures.connection_plane(
            found, solid=view == "3d", value=value, scale=scale, theme=look, presenter=presenting
        )
        stage(drawn, key="stage connection", height="clamp(340px, calc(100vh - 250px), 1000px)", mix=False)


def _table(found: Connection) -> str:
    rows = ["| barrier | over the mean | over the line | highest |", "|---|---|---|---|"]
    ways = {
        "straight": found.straight_profile,
        "matched": found.matched_profile,
        "curve": found.curve_profile,
    }
    for name, profile in ways.items():
        # What comes after the curve has begun without a matching has none: there are no units to match.
        never = name == "matched" and found.matching is None and found.curve is not None
        rows.append(f"| {name} | " + (" | ".join("–" * 3) if never else _barrier(profile)) + " |")
    return "\n".join(rows)


def _barrier(profile: Profile | None) -> str:
    if profile is None:
        return "… | … | …"
    barrier = profile.barrier
    return f"{barrier.above_mean:.3g} | {barrier.above_line:.3g} | {barrier.highest:.3g} ± {barrier.error:.1g}"


def _notes(found: Connection) -> str:
    text = (
        r"Over the mean of the ends: $\max_t L_t-\frac12(L_0+L_1)$; over the line between them: "
        r"$\max_t[L_t-(1-t)L_0-tL_1]$. "
    )
    if found.plane is not None:
        text += f"The solutions are {float(found.plane.scale[0]):.3g} apart. "
    if found.matching is not None:
        text += (
            f"Matching hidden units (Git Re-Basin, by weights) brings the second from a distance of "
            f"{found.matching.distance_before:.3g} to {found.matching.distance_after:.3g}; "
            f"its function is the same. "
        )
    return text + "The curve is trained at 8 fixed quadrature nodes of t and drawn at 129 points."


def obstacle(recipe: Recipe, given: Given) -> Obstacle | None:
    if (found := one_loss(recipe, given)) is not None:
        return found
    enough, (label, settings) = len(recipe.optimizers) > 1, another_optimizer(recipe, 2)
    if given["solutions"] == "two seeds" and catalog.has_one_start(recipe):
        kind = "a test function starts" if catalog.is_function(recipe) else "these parameters start"
        two = {"connection.solutions": "two optimizers"}
        return Obstacle(
            f"{kind} at one point, whatever the seed",
            "Compare two optimizers" if enough else f"{label}, and compare two optimizers",
            two if enough else two | settings,
        )
    if given["solutions"] == "two optimizers" and not enough:
        return Obstacle("two solutions from one start need two optimizers", label, settings)
    if not recipe.optimizers:
        return Obstacle("two solutions need an optimizer", *another_optimizer(recipe, 1))
    return None


SECTION = Section(
    "Between solutions",
    compute,
    draw,
    "Can two solutions be joined by a path of low loss?",
    obstacle=obstacle,
)
