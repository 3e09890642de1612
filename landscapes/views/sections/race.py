"""Section: the optimizers from one start, played together, with their curves at equal cost and their theory."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import streamlit as st

from landscapes import figures
from landscapes.figures.scene import picture
from landscapes.games.convergence_rate import Rate
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.comparison import (
    Comparison,
    at_equal_cost,
    seconds_per_step,
    with_distances,
    with_theory,
)
from landscapes.scenes.placement import TRAINING, Memory
from landscapes.scenes.scene import Scene, compute_scene
from landscapes.scenes.view import with_view
from landscapes.views.controls import instruments, rate_sliders, widgets
from landscapes.views.sections.section import Obstacle, Result, Section, Settings, optimizers_to_add, step_progress
from landscapes.views.stage import stage
from landscapes.views.stage.drawing import drawing
from landscapes.views.worker.computation import Report

SURROUNDING_PIXELS, PRESENTER_SURROUNDING_PIXELS = 430, 330  # height of all that is above and below the pictures
SLIDER_PIXELS = 78  # of a row of sliders


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    axis: Annotated[
        Literal["step", "gradients", "seconds"],
        "what the curves are drawn against; seconds are measured on this server",
    ] = "step",
    budget: Annotated[
        Literal["steps", "gradients"], "what is equal for all optimizers; one step of SAM takes two gradients"
    ] = "steps",
) -> Comparison:
    """The scene of the page Explore with the runs compared."""
    comparison: Comparison | None = None

    def report_scene(fraction: float, scene: Scene | None) -> None:
        nonlocal comparison
        if scene is not None and (comparison is None or scene is not comparison.scene):
            comparison = with_distances(scene)
        progress(0.7 * fraction, comparison, "Training" if scene is None else f"Computing {scene.missing}")

    scene = compute_scene(recipe, memory=memory, progress=report_scene)
    remember = Memory(scene.recipe, memory)
    start_fields = ("start", "start_x", "start_y", "space", "extent")
    fields = (*TRAINING, "directions", "dimension", "center", *start_fields)
    if budget == "gradients":
        step = step_progress(progress, 0.7, 0.8, "Running at equal cost")
        cheaper = remember("runs at equal cost", fields, lambda: at_equal_cost(scene, step))
        scene = replace(scene, trajectories=cheaper.trajectories, paths=cheaper.paths)
    compared = comparison = with_distances(scene)
    progress(0.8, comparison, "Computing the curvature at the start")

    def compute_theory() -> Comparison:
        return with_theory(compared, step_progress(progress, 0.8, 0.9, "Computing the curvature"))

    theory = remember("theory", (*fields, "drawn", "split"), compute_theory)
    names = ("at_start", "at_target", "preconditioned", "rates")
    comparison = replace(comparison, **{name: getattr(theory, name) for name in names})
    if axis == "seconds":
        progress(0.9, comparison, "Measuring the time of a step")
        measure = step_progress(progress, 0.9, 1.0, "Measuring the time of a step")
        seconds = remember("seconds", TRAINING, lambda: seconds_per_step(scene, recipe.optimizers, measure))
        comparison = replace(comparison, seconds=seconds)
    return comparison


def draw(
    result: Result[Comparison],
    *,
    view: Literal["3d", "contour"] = "3d",
    scale: Annotated[Literal["linear", "log"], "of the surface"] = "linear",
    theory: Annotated[bool, "thin dashed lines where a rate is known"] = True,
) -> None:
    comparison, recipe = result.value, result.recipe
    axis = result.knobs["axis"]
    look, presenting = instruments.theme(), bool(widgets.setting("present", False))
    surrounding = PRESENTER_SURROUNDING_PIXELS if presenting else SURROUNDING_PIXELS + SLIDER_PIXELS
    height = f"clamp(300px, calc(100vh - {surrounding}px), 1000px)"
    left, right = st.columns([0.55, 0.45], gap="medium")
    with left:
        scene = with_view(comparison.scene, replace(comparison.scene.recipe, view=view, scale=scale))
        options: dict[str, Any] = {"theme": look, "presenter": presenting}
        surface_drawing = drawing("race surface", (scene, look, presenting), lambda: picture(scene, **options))
        stage(surface_drawing, key="stage race", height=height, link="race", mix=False, presenter=presenting)
    with right:
        if comparison.runs and (axis != "seconds" or comparison.seconds):
            inputs = (comparison, axis, theory, look, presenting)
            curves = drawing("race curves", inputs, lambda: _curves(comparison, axis, theory, options))
            stage(curves, key="stage race curves", height=height, link="race", transport=False)
    if not presenting:
        rate_sliders.draw(_requested(recipe), comparison)
    st.caption(_notes(comparison, recipe, result.knobs))
    if theory and comparison.rates:
        with st.expander("Theory: rates, theorems and their conditions"):
            st.markdown(_theory(comparison))


def _requested(recipe: Recipe) -> Recipe:
    """The recipe with the learning rates and momenta that the page asks for now, which may be newer than those of
    the result."""

    def choice(shown: Choice) -> Choice:
        settings = shown.settings
        newer = {knob: widgets.setting(f"{shown.name}.{knob}", value) for knob, value in settings.items()}
        return Choice.of(shown.name, **newer)

    return replace(recipe, optimizers=tuple(map(choice, recipe.optimizers)))


def _curves(comparison: Comparison, axis: Any, theory: bool, options: dict[str, Any]) -> Any:
    trained_recipe = catalog.as_trained(comparison.scene.recipe)
    return figures.race(
        comparison.runs,
        distances=comparison.distances,
        rates=comparison.rates if theory else None,
        axis=axis,
        seconds=comparison.seconds,
        lowest=comparison.target_loss,
        value=catalog.height(trained_recipe),
        **options,
    )


def _notes(comparison: Comparison, recipe: Recipe, knobs: Any) -> str:
    """What is compared: the cost of each run, the target of the distances, and how the time was measured."""
    parts = []
    for label, run in comparison.runs.items():
        gradient_counts = run.evaluations
        cost = "" if gradient_counts is None else f", {int(gradient_counts[-1]):,} gradients"
        time = f", {1e6 * comparison.seconds[label]:.3g} µs a step" if label in comparison.seconds else ""
        ending = f" until it diverged at step {run.outcome.step:,}" if run.outcome.kind == "diverged" else ""
        parts.append(f"{widgets.title(label)}: {len(run.loss) - 1:,} steps{cost}{time}{ending}")
    text = "; ".join(parts) + ". " if parts else ""
    if comparison.target:
        text += f"Distance: from {comparison.target}, in parameter space. "
    if comparison.target.startswith("the end of"):
        text += "No optimum is known, so that this run's own distance ends at 0. "
    if comparison.seconds:
        text += "Seconds: steps × the mean time of a step, measured alone on this server, which other work slows. "
    if knobs["budget"] == "gradients":
        text += f"Each run takes at most {recipe.steps:,} gradients. "
    labels = [label for label, rate in comparison.rates.items() if isinstance(rate, Rate)]
    if labels and comparison.distances:
        meaning = "a bound for gradient descent on a quadratic, otherwise only a slope"
        if comparison.scene.surface.game:
            meaning = "the slope near the equilibrium"
        text += f"Thin dashed: ρᵗ of the theory, {meaning}. "
    return text


def _theory(comparison: Comparison) -> str:
    """A Markdown list of the rates with their theorems and conditions."""
    lines = []
    if (at_target := comparison.at_target) is not None:
        lines.append(
            f"Hessian at {at_target.place}: μ = λmin = {at_target.smallest:.5g}, "
            f"λmax = {at_target.largest:.5g}, both ± {at_target.error:.1g}."
        )
    for label, rate in comparison.rates.items():
        if isinstance(rate, str):
            lines.append(f"- **{widgets.title(label)}**: {rate}.")
        else:
            kind = "bound" if rate.is_bound else "slope after many steps"
            lines.append(
                f"- **{widgets.title(label)}**: ρ = {rate.factor:.6g} a step ({kind}). {rate.theorem}. "
                f"Condition: {rate.condition}."
            )
    return "\n".join(lines).replace("|", "\\|")


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if not recipe.optimizers:
        return Obstacle("a race needs an optimizer", *optimizers_to_add(recipe, 1))
    return None


SECTION = Section(
    "Race",
    compute,
    draw,
    "Which optimizer is ahead, at which cost, and how fast does theory say it is?",
    page="race",
    plane=True,
    obstacle=obstacle,
)
