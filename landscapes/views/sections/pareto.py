"""Section: two terms at the ends of runs under several weightings."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import jax
import numpy as np
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import TRAINING, Memory
from landscapes.tradeoffs.pareto import ParetoFront, pareto_front
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections import pair
from landscapes.views.sections.section import Obstacle, Result, Section, Settings, optimizers_to_add
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    first: Annotated[str, "first of the two terms"] = "",
    second: Annotated[str, "second of the two terms"] = "",
    weightings: Annotated[int, Interval(ge=2, le=25), "number of runs, of which two train one term alone"] = 7,
) -> ParetoFront:
    """Runs of the first optimizer under several weightings of two terms, and the line from first to last."""
    recipe = replace(recipe, drawn=catalog.SAME)
    terms = pair.pair(recipe, first, second)
    optimizer_choice = recipe.optimizers[0]
    start = catalog.training_problem(catalog.build(replace(recipe, split="train")))

    def compute_front() -> ParetoFront:
        return pareto_front(
            start,
            *terms,
            (optimizer_choice.name, optimizer_choice.settings),
            recipe.steps,
            weightings=weightings,
            batch_size=recipe.batch_size or None,
            key=jax.random.fold_in(start.key, 1),
            schedule=(recipe.schedule.name, recipe.schedule.settings),
            progress=lambda fraction, partial: progress(fraction, partial, "Training under another weighting"),
        )

    return Memory(recipe, memory)(f"pareto {terms} {weightings}", TRAINING, compute_front)


def draw(result: Result[ParetoFront]) -> None:
    front, recipe = result.value, result.recipe
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    figure = figures.pareto(front, theme=look, presenter=presenting)
    stage(figure, key="stage pareto", height="clamp(320px, calc(100vh - 430px), 900px)")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_describe(front))
        with st.popover("Details", type="tertiary"):
            for name, text in _details(front, recipe).items():
                st.markdown(f"**{name}.** {text}")


def _describe(front: ParetoFront) -> str:
    way = "less" if front.sense == "minimize" else "more"
    diverged = sum(solution.outcome.kind == "diverged" for solution in front.solutions)
    text = (
        f"Filled points are Pareto-optimal among those computed: none has {way} of one term without losing on the "
        "other. Open points are dominated."
    )
    if front.line is not None:
        inside = front.efficient_line[1:-1]
        text += f" On the straight line between the two ends {np.sum(inside)} of {len(inside)} points are filled."
    if diverged:
        text += f" {diverged} of {len(front.solutions)} runs diverged and are left out; lower the learning rate."
    return text


def _details(front: ParetoFront, recipe: Recipe) -> dict[str, str]:
    first_term, second_term = front.terms
    return {
        "What it is": f"{len(front.solutions)} runs of {recipe.optimizers[0].name} from one start, "
        f"{recipe.steps:,} steps each, and the straight line in parameter space between the first and the last.",
        "What it is not": "The Pareto front. A run ends before its minimum or in one of many, and even exact "
        "minima of weighted sums reach only the convex part of the front.",
        "Weights": rf"$w_1\propto(1-\lambda)/r_1$ on {first_term}, $w_2\propto\lambda/r_2$ on {second_term}, "
        "with $r_i$ the difference of a term between the two ends; all other terms 0.",
        "Distance": f"The two ends are {front.length:.3g} apart.",
        "Not yet converged": ", ".join(f"{s.gradient_norm:.1e}" for s in front.solutions)
        + ": the gradient norm at the end of each run.",
    }


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if (reason := pair.obstacle(recipe, settings)) is not None or recipe.optimizers:
        return reason
    return Obstacle("a front is made of solutions, and they need an optimizer", *optimizers_to_add(recipe, 1))


SECTION = Section(
    "Pareto",
    compute,
    draw,
    r"What does one term cost the other? $\min\ w_1L_1+w_2L_2$ for many weights",
    page="compare",
    obstacle=obstacle,
    hidden=frozenset({"first", "second"}),
    controls=partial(pair.choose, "pareto"),
)
