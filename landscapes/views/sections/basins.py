"""Section: the runs of every optimizer from many starts: from a grid as maps of their basins of attraction, from
seeds as their sorted ends."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
import streamlit as st
from annotated_types import Interval
from jaxtyping import Bool, Float

from landscapes import figures
from landscapes.optimization.basins import (
    DIVERGED,
    ELSEWHERE,
    Basins,
    Share,
    WinRates,
    find_basins,
    vectors,
    win_rates,
)
from landscapes.optimization.multistart import Ends
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.many_starts import (
    MAX_STARTS,
    Starts,
    run_from_starts,
    select,
    starts_of,
    starts_of_seeds,
)
from landscapes.scenes.placement import TRAINING, Memory, place_picture, plane_fields
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import (
    Obstacle,
    Result,
    Section,
    Settings,
    optimizers_to_add,
    step_progress,
)
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

# Height of all that is above and below the maps; in presenter mode the table is below the screen.
SURROUNDING_PIXELS, PRESENTER_SURROUNDING_PIXELS = 480, 170
FUNCTION_GRID, NETWORK_GRID = 64, 16  # starts along each axis
MAX_SEEDS = 1024  # starts of a network


@dataclass(frozen=True, eq=False)
class BasinsResult:
    """The runs so far from all starts.

    Attributes:
        starts: the starts, with the problem that the runs minimize.
        ends: the end of each run; those that are not computed are NaN.
        computed: which starts are computed.
        basins, rates: their end points and win rates.
        coordinates: of the end points in the plane, empty for starts from seeds.
        value: what is compared at the ends: the loss; in a game the distance from the known equilibrium, or the
            norm of the field.
    """

    starts: Starts
    ends: dict[str, Ends]
    computed: Bool[np.ndarray, "S"]
    basins: Basins
    rates: WinRates
    coordinates: Float[np.ndarray, "M 2"]
    value: str


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    grid: Annotated[
        int, Interval(ge=0, le=MAX_STARTS), "starts along each axis; 0: 64 for a test function, 16 for a network"
    ] = 0,
    seeds: Annotated[
        int,
        Interval(ge=0, le=MAX_SEEDS),
        "starts from this many seeds in place of the grid: initial parameters of a network, random points of a "
        "test function; 0: the grid",
    ] = 0,
    tolerance: Annotated[
        float, Interval(gt=0, lt=1), "a run has settled when its gradient norm stays below this share of the first"
    ] = 1e-3,
    radius: Annotated[
        float,
        Interval(gt=0, le=1),
        "ends closer than this share of the area's diagonal, or of the extent of the starts from seeds, are one "
        "end point",
    ] = 0.01,
) -> BasinsResult:
    """The end of every optimizer's run from each start, and the end points that they share."""
    recipe = catalog.complete(replace(recipe, dimension=2))
    low = 0.0 if catalog.is_function(recipe) or seeds else 0.2
    if seeds:
        starts = starts_of_seeds(recipe, seeds)
    else:
        placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.2, "Training"))
        starts = starts_of(recipe, placement, grid or _usual_grid(recipe))

    partial: BasinsResult | None = None

    def report(fraction: float, ends: dict[str, Ends], computed: np.ndarray) -> None:
        nonlocal partial
        if computed.any() and (partial is None or computed is not partial.computed):
            partial = _result(recipe, starts, ends, computed, radius)
        progress(low + (1 - low) * fraction, partial, "Running from every start")

    names = TRAINING if seeds else (*plane_fields(recipe), *TRAINING, "extent", "space")
    key = f"ends of seeds {seeds} {tolerance}" if seeds else f"ends {len(starts)} {tolerance}"
    ends, computed = Memory(recipe, memory)(
        key, names, lambda: run_from_starts(recipe, starts, tolerance=tolerance, progress=report)
    )
    return _result(recipe, starts, ends, computed, radius)


def _usual_grid(recipe: Recipe) -> int:
    return FUNCTION_GRID if catalog.is_function(recipe) else NETWORK_GRID


def _result(
    recipe: Recipe, starts: Starts, ends: dict[str, Ends], computed: np.ndarray, radius: float
) -> BasinsResult:
    value = catalog.height(catalog.as_trained(recipe))
    if starts.problem.objective.players is not None:
        value = "norm of the field"
        if starts.known_minimizers:
            value = "distance from the equilibrium"
            ends = {label: _with_distance(each, starts) for label, each in ends.items()}
    computed_ends = {label: select(each, computed) for label, each in ends.items()}
    maximize = starts.problem.sense == "maximize"
    basins = find_basins(computed_ends, radius * starts.diameter, starts.known_minimizers, maximize)
    indices = {label: np.full(len(computed), ELSEWHERE) for label in ends}
    for label, index in basins.indices.items():
        indices[label][computed] = index
    rates = win_rates(computed_ends, next(iter(computed_ends.values())).start_loss, maximize)
    basins = replace(basins, indices=indices)
    coordinates = np.zeros((0, 2)) if starts.axes is None else starts.project(basins.points)
    return BasinsResult(starts, ends, computed, basins, rates, coordinates, value)


def _with_distance(ends: Ends, starts: Starts) -> Ends:
    """The ends of a game's runs, with the distance from the known equilibrium in place of the loss."""
    first, last = (vectors(each) - np.asarray(starts.known_minimizers[0]) for each in (starts.points, ends.params))
    return replace(ends, loss=np.linalg.norm(last, axis=1), start_loss=np.linalg.norm(first, axis=1))


def draw(
    result: Result[BasinsResult],
    *,
    color: Annotated[
        Literal["auto", "end point", "steps", "loss"],
        "of a cell; auto: the end point, if half of the runs reach one",
    ] = "auto",
) -> None:
    runs, recipe = result.value, result.recipe
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    shown_color = _color(runs) if color == "auto" else color
    options: dict[str, Any] = {"value": runs.value, "theme": look, "presenter": presenting}
    surrounding = PRESENTER_SURROUNDING_PIXELS if presenting else SURROUNDING_PIXELS
    axes = runs.starts.axes
    if axes is None:
        computed_ends = {label: select(each, runs.computed) for label, each in runs.ends.items()}
        figure = figures.waterfall(computed_ends, **options)
        stage(figure, key="stage ends", height=f"clamp(280px, calc(100vh - {surrounding}px), 1400px)")
    else:
        figure = figures.basins(
            runs.basins,
            runs.ends,
            axes,
            runs.coordinates,
            computed=runs.computed,
            color=shown_color,
            labels=runs.starts.labels,
            titles={choice.name: _title(choice) for choice in recipe.optimizers},
            **options,
        )
        rows = 1 if len(runs.ends) <= 4 else 2
        height = f"clamp({rows * 280}px, calc(100vh - {surrounding}px), 1400px)"
        stage(figure, key="stage basins", height=height, pick=True, on_pick=partial(_race_from, axes))
    st.markdown(_table(runs, recipe))
    st.caption(_notes(runs, recipe, result.knobs, shown_color))


def _race_from(axes: Sequence[np.ndarray], coordinates: tuple[float, ...]) -> None:
    """Show the race from the start whose cell was clicked."""
    for name, axis, coordinate in zip(("start_x", "start_y"), axes, coordinates, strict=False):
        widgets.set_setting(name, float(axis[np.argmin(np.abs(axis - coordinate))]))
    widgets.set_setting("start", "picked")
    widgets.set_setting("race section", "race")
    st.rerun()


def _color(runs: BasinsResult) -> Literal["end point", "loss"]:
    """The color that says most: the end point, unless most runs that did not diverge end at none."""
    indices = np.concatenate([index[runs.computed] for index in runs.basins.indices.values()])
    return "end point" if 2 * np.sum(indices >= 0) >= np.sum(indices != DIVERGED) else "loss"


def _title(choice: Choice) -> str:
    rate = float(choice.settings["learning_rate"])
    return f"{widgets.title(choice.name)}, η = {rate:g}"


def _table(runs: BasinsResult, recipe: Recipe) -> str:
    """A Markdown table of the shares of each optimizer with their intervals."""
    rates = runs.rates
    best_value = "the best loss" if runs.starts.problem.objective.players is None else f"the lowest {runs.value}"
    head = f"| optimizer | wins | ends at {best_value} | diverges | steps until settled, median |"
    rows = [head, "|---|---|---|---|---|"]
    for label in runs.ends:
        settling_steps = runs.ends[label].settled[runs.computed]
        settling_steps = settling_steps[settling_steps >= 0]
        share = len(settling_steps) / max(int(runs.computed.sum()), 1)
        steps = (
            f"{np.median(settling_steps):.0f} ({100 * share:.1f} % settled)"
            if len(settling_steps)
            else "none settled"
        )
        cells = [_share(each[label]) for each in (rates.wins, rates.reached, rates.diverged)]
        rows.append(f"| **{widgets.title(label)}** | " + " | ".join([*cells, steps]) + " |")
    return "\n".join(rows)


def _share(share: Share) -> str:
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} % to {100 * share.high:.1f} %)"


def _notes(runs: BasinsResult, recipe: Recipe, knobs: Mapping[str, Any], color: str) -> str:
    basins, rates = runs.basins, runs.rates
    done, total = int(runs.computed.sum()), len(runs.computed)
    restriction = ", in this plane only" if runs.starts.is_restricted else ""
    minibatch = " of the minibatch" if recipe.batch_size else ""
    value = "value" if catalog.is_function(recipe) else runs.value
    text = f"{done:,} of {total:,} starts, {recipe.steps:,} steps each{restriction}. {_end_points(basins)}. "
    is_grid = runs.starts.axes is not None
    text += "Click a cell to see the race from there. " if is_grid else f"Starts: {runs.starts.description}. "
    if is_grid and color == "end point" and len(basins.points) <= 8:
        text += "Darker cells settled later or not at all, on one scale for all maps. "
    text += (
        f"Settled: the gradient norm{minibatch} stays below {knobs['tolerance']:g} of that at the start. "
        f"A win: the lowest {value} at the end, and among values within {rates.tolerance:.2g} the fewest "
        f"gradients until settled; {rates.ties:,} starts have no winner. In brackets: 95 % Wilson intervals"
        + (", as if the starts were drawn at random from this area." if is_grid else ".")
    )
    return text


def _end_points(basins: Basins) -> str:
    count, separation = len(basins.points), f"at least {basins.radius:.3g} apart"
    if count == 0:
        return "No run has settled or ended near a known minimum"
    kind = "stars are known minima" if basins.is_known.any() else "none of them is a known minimum"
    return f"1 end point; {kind}" if count == 1 else f"{count:,} end points, {separation}; {kind}"


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if not recipe.optimizers:
        return Obstacle("a race needs an optimizer", *optimizers_to_add(recipe, 1))
    return None


SECTION = Section(
    "Many starts",
    compute,
    draw,
    "Where does each optimizer end, and does that depend on the start?",
    page="race",
    plane=True,
    obstacle=obstacle,
)
