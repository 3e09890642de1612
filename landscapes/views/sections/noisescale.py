"""Section: the noise of minibatch gradients beside the Hessian."""

from __future__ import annotations

import math
from collections.abc import MutableMapping
from typing import Annotated, Any

import jax
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.curvature.minibatch_noise import GradientNoise, gradient_noise
from landscapes.objectives import DATASETS
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Memory, place_picture, point_fields
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

MIN_DECIMAL_ERROR = 1e-4  # smaller ones are written with powers of ten


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    examples: Annotated[int, Interval(ge=8, le=2048), "examples whose gradients are computed at most"] = 256,
) -> GradientNoise:
    """The noise at the centre of the picture."""
    placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.5, "Training"))
    problem = curved_problem(placement)
    report = step_progress(progress, 0.5, 1.0, "Computing the gradients of examples")

    def compute_noise() -> GradientNoise:
        return gradient_noise(problem, jax.random.fold_in(problem.key, 11), examples=examples, progress=report)

    return Memory(recipe, memory)(f"gradient noise {examples}", point_fields(recipe), compute_noise)


def draw(result: Result[GradientNoise]) -> None:
    noise = result.value
    presenting = bool(widgets.setting("present", False))
    figure = figures.gradient_noise(noise, theme=instruments.theme(), presenter=presenting)
    stage(figure, key="stage noise scale", height="clamp(300px, calc(100vh - 400px), 800px)")
    st.caption(describe(noise))


def describe(noise: GradientNoise) -> str:
    """The figures in sentences, each with its standard error."""
    text = f"Of {noise.sampled:,} examples at the centre: tr Σ = {_with_error(*noise.trace)}. "
    if noise.is_resolved:
        text += (
            f"The simple noise scale tr Σ/‖G‖² is {_with_error(*noise.noise_scale)} examples: smaller minibatches "
            "are mostly noise. "
        )
        if noise.critical_batch_size[0] > 0:
            critical = _with_error(*noise.critical_batch_size)
            text += f"Weighted by the Hessian, the critical batch size is {critical} examples. "
    else:
        text += (
            "The gradient is not larger than its error here, so no noise scale is known; under Picture, choose "
            "“initial” as the centre. "
        )
    return text + (
        f"tr Σ/tr H = {noise.trace_ratio:.3g}; alignment tr(HΣ)/(‖H‖‖Σ‖) = {noise.alignment:.2g}, 1 where the "
        "noise is a multiple of the Hessian. Errors are standard errors of the jackknife over the examples."
    )


def _with_error(value: float, error: float) -> str:
    """Both to two digits of the error, such as "1,230 ± 560"."""
    if not MIN_DECIMAL_ERROR <= error < math.inf:
        return f"{value:.3g} ± {error:.2g}"
    digits = 1 - math.floor(math.log10(error))
    return " ± ".join(f"{round(number, digits):,.{max(digits, 0)}f}" for number in (value, error))


def obstacle(recipe: Recipe, settings: Settings) -> Obstacle | None:
    if catalog.is_function(recipe):
        return Obstacle("a test function has no examples, so no minibatches")
    if DATASETS[recipe.data.name].whole:
        return Obstacle("these data cannot be cut into minibatches")
    entry = catalog.drawn_entry(recipe)
    if entry.stochastic or entry.coupled:
        reason = "it draws random numbers for a whole batch" if entry.stochastic else "it joins its examples"
        title = catalog.in_sentence(entry.title.partition(":")[0])
        return Obstacle(f"no example has a gradient of its own under {title}, because {reason}")
    return curvature_obstacle(recipe, settings)


SECTION = Section(
    "Noise",
    compute,
    draw,
    r"How noisy are minibatches, and along which directions? $\Sigma=\mathrm{Cov}(\nabla\ell_i)$ beside $H$",
    obstacle=obstacle,
)
