"""Section: the loss at the end against the learning rate of each optimizer, over several starts."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Annotated, Any

import numpy as np
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.placement import PROBLEM, Memory
from landscapes.scenes.rate_sweep import RateSweep, sweep_rates
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import (
    Obstacle,
    Result,
    Section,
    Settings,
    optimizers_to_add,
)
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

# Height of all that is above and below the figure; in presenter mode the table is below the screen.
SURROUNDING_PIXELS, PRESENTER_SURROUNDING_PIXELS = 490, 170
_Rate = Interval(gt=0, le=1e6)


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    lowest: Annotated[float, _Rate, "the lowest learning rate"] = 1e-5,
    highest: Annotated[float, _Rate, "the highest learning rate"] = 10.0,
    count: Annotated[int, Interval(ge=2, le=100), "learning rates, evenly spaced on a logarithmic scale"] = 25,
    starts: Annotated[int, Interval(ge=1, le=50), "seeds of a network, starts of a test function"] = 5,
) -> RateSweep:
    """The sweep over the learning rates of every optimizer."""
    if not lowest < highest:
        raise ValueError(f"the lowest rate {lowest:g} is not below the highest {highest:g}; exchange them")
    rates = np.array([float(f"{rate:.3g}") for rate in np.geomspace(lowest, highest, count)])

    def report(fraction: float, sweep: RateSweep) -> None:
        progress(fraction, sweep if sweep.curves else None, "Running at every rate")

    # The sweep does not depend on the present rates, so that adopting the best ones computes nothing.
    other_settings = tuple(_without_rate(choice) for choice in recipe.optimizers)
    key = f"rates {lowest} {highest} {count} {starts} {other_settings}"
    names = (*PROBLEM, "weights", "schedule", "steps", "batch_size")
    return Memory(recipe, memory)(key, names, lambda: sweep_rates(recipe, rates, starts, report))


def _without_rate(choice: Choice) -> Choice:
    return Choice.of(choice.name, **{knob: v for knob, v in choice.settings.items() if knob != "learning_rate"})


def draw(result: Result[RateSweep]) -> None:
    sweep, recipe = result.value, result.recipe
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    current_rates = {choice.name: float(choice.settings["learning_rate"]) for choice in recipe.optimizers}
    figure = figures.rate_sweep(
        sweep,
        current_rates=current_rates,
        value=sweep.value or catalog.height(catalog.as_trained(recipe)),
        theme=look,
        presenter=presenting,
    )
    surrounding = PRESENTER_SURROUNDING_PIXELS if presenting else SURROUNDING_PIXELS
    stage(figure, key="stage rates", height=f"clamp(300px, calc(100vh - {surrounding}px), 1400px)")
    st.markdown(_table(sweep, current_rates))
    best_indices = {label: sweep.best(label) for label in sweep.curves}
    tuned_rates = {label: float(sweep.rates[index]) for label, index in best_indices.items() if index is not None}
    changed = any(tuned_rates[label] != current_rates.get(label) for label in tuned_rates)
    if st.button("Use the best rates", icon=":material/tune:", disabled=not changed or not tuned_rates):
        for label, rate in tuned_rates.items():
            widgets.set_setting(f"{label}.learning_rate", rate)
        st.rerun()
    st.caption(_notes(sweep, recipe))


def _table(sweep: RateSweep, current_rates: dict[str, float]) -> str:
    head = "| optimizer | best rate | median at the end | range | present rate | gradients of the sweep |"
    rows = [head, "|---|---|---|---|---|---|"]
    for label, curve in sweep.curves.items():
        best_index = sweep.best(label)
        cost = f"{int(curve.evaluations[curve.computed].sum()):,}"
        cells = ["none", "all diverged", ""]
        if best_index is not None:
            losses = sweep.sign * curve.losses[best_index]
            finite = losses[np.isfinite(losses)]
            diverged = int(np.sum(np.isnan(losses) & curve.computed[best_index]))
            diverged_text = f"; {diverged} of {len(losses)} diverged" if diverged else ""
            edge = " (end of the range)" if best_index in (0, len(sweep.rates) - 1) else ""
            cells = [
                f"**{sweep.rates[best_index]:.3g}**{edge}",
                f"{sweep.sign * sweep.medians(label)[best_index]:.4g}",
                f"{finite.min():.3g} to {finite.max():.3g}{diverged_text}",
            ]
        current_rate = f"{current_rates[label]:.3g}" if label in current_rates else ""
        rows.append(f"| **{widgets.title(label)}** | " + " | ".join([*cells, current_rate, cost]) + " |")
    return "\n".join(rows)


def _notes(sweep: RateSweep, recipe: Recipe) -> str:
    steps = "; ".join(f"{widgets.title(label)} {curve.steps:,} steps" for label, curve in sweep.curves.items())
    runs = sum(int(curve.computed.sum()) for curve in sweep.curves.values())
    text = f"{runs:,} runs, {steps}: at most {recipe.steps:,} gradients each"
    if "lbfgs" in sweep.curves:
        text += " (L-BFGS more, if its line search tries several points)"
    text += f". Starts: {sweep.starts}. Line: median over them; band: their range, without runs that diverged. "
    text += "Crosses: half of the runs or more diverged. Star: the rate of the best median, tuned on these starts"
    text += " and for this number of steps. Circle: the rate of the sweep nearest to the present one."
    if sweep.lowest:
        text += f" The known lowest value {sweep.lowest:.4g} is subtracted."
    if sweep.floor > 0:
        text += (
            f" Values below {sweep.floor:.1g} are drawn there and count as equal; the first to settle wins then."
        )
    return text


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if not recipe.optimizers:
        return Obstacle("a sweep needs an optimizer", *optimizers_to_add(recipe, 1))
    return None


SECTION = Section(
    "Learning rates",
    compute,
    draw,
    "Which learning rate is best for each optimizer, and how wide is its range?",
    page="race",
    obstacle=obstacle,
)
