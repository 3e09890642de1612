"""Section: the measures of sharpness at the point, and which of them a rescaling of ReLU layers changes."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import jax
import numpy as np
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.curvature.sharpness_measures import MEASURES, Measure, Rescaling, rescaling, sharpness
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.placement import Memory, place_picture, point_fields
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Obstacle, Result, Section, curvature_obstacle, step_progress
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

ALPHAS = tuple(2.0**power for power in range(-3, 4))  # rescaling factors of the layer
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MAX_DIGITS = 6  # of a value whose error is smaller than its sixth digit
_Positive = Interval(gt=0, le=100)


@dataclass(frozen=True, eq=False)
class SharpnessResult:
    """The measures, and one sentence that says why they could not be rescaled, or ""."""

    rescaling: Rescaling
    refusal: str = ""


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    radius: Annotated[float, _Positive, "ρ, radius of SAM's ball"] = 0.05,
    sigma: Annotated[float, _Positive, "σ of the noise in every parameter"] = 0.01,
    samples: Annotated[int, Interval(ge=4, le=512), "number of probes, of pairs of noise and of directions"] = 32,
    layer: Annotated[int, Interval(ge=1, le=32), "number of the layer that α scales, counted from the input"] = 1,
) -> SharpnessResult:
    """Every measure at every α; only at α = 1 where no layer can be rescaled."""
    placement = place_picture(recipe, memory=memory, progress=step_progress(progress, 0.0, 0.3, "Training"))
    problem, key = placement.problem, jax.random.fold_in(placement.problem.key, 5)
    knobs: dict[str, Any] = {"radius": radius, "sigma": sigma, "samples": samples}

    def report(fraction: float, partial: Rescaling | None) -> None:
        partial_result = SharpnessResult(partial) if partial is not None and partial.original is not None else None
        progress(0.3 + 0.7 * fraction, partial_result, "Measuring")

    def measure() -> SharpnessResult:
        try:
            groups = catalog.units(recipe, homogeneous=True)
            if layer > len(groups):
                raise ValueError(f"there is no layer {layer} to rescale; choose one from 1 to {len(groups)}")
            return SharpnessResult(
                rescaling(problem, groups[layer - 1], key, alphas=ALPHAS, progress=report, **knobs)
            )
        except ValueError as refusal:
            # The measures do not need the rescaling. If they do not exist either, `sharpness` raises.
            original = sharpness(problem, key, progress=lambda part, _: report(part, None), **knobs)
            return SharpnessResult(Rescaling(np.ones(1), (original,)), str(refusal))

    return Memory(recipe, memory)(f"sharpness {knobs} {layer}", point_fields(recipe), measure)


def draw(result: Result[SharpnessResult], *, alpha: Annotated[float, Interval(gt=0, le=1000), "α"] = 1.0) -> None:
    sharpness_result = result.value
    rescaling_result = sharpness_result.rescaling
    nearest = float(rescaling_result.alphas[np.argmin(np.abs(np.log(rescaling_result.alphas / alpha)))])
    if sharpness_result.refusal:
        remedy = rescaling_remedy(result.recipe)
        reason = remedy.reason if remedy else sharpness_result.refusal
        st.info(f"These parameters cannot be rescaled: {reason}.", icon=":material/rule:")
        if (
            remedy
            and remedy.remedy
            and st.button(remedy.remedy, on_click=widgets.set_settings, args=(remedy.settings,))
        ):
            st.rerun()  # a button reruns only this fragment
        st.markdown(_table(rescaling_result, nearest))
        st.caption(_notes(rescaling_result))
        return
    left, right = st.columns([0.58, 0.42], gap="medium")
    with left:
        nearest = _slider(rescaling_result, nearest)
        if nearest != alpha:
            st.rerun()  # a slider reruns only this fragment, and the address needs a rerun of the page
        figure = figures.sharpness(rescaling_result, nearest, theme=instruments.theme(), presenter=_presenting())
        stage(figure, key="stage sharpness", height="clamp(340px, calc(100vh - 330px), 900px)")
    with right:
        st.markdown(_table(rescaling_result, nearest))
        st.caption(_notes(rescaling_result))


def rescaling_remedy(recipe: Recipe) -> Obstacle | None:
    """Why no layer of a complete recipe can be rescaled, with the button for it if there is one; None where its
    model and weights allow it."""
    if catalog.is_function(recipe):
        return Obstacle(
            "a test function has no hidden units", "Back to training objectives", {"kind": widgets.NETWORK}
        )

    def refusal(model: Choice) -> str:
        try:
            catalog.units(replace(recipe, model=model), homogeneous=True)
        except ValueError as error:
            return str(error).partition(";")[0]
        return ""

    objective = recipe.objective.name
    penalties = {
        f"weight.{objective}.{term}": 0.0
        for term, weight in recipe.weights
        if term in catalog.PENALTIES and weight
    }
    if not (reason := refusal(recipe.model)):
        reason = "a penalty on the weights changes with them"
        return Obstacle(reason, "Set the weights of the penalties to 0", penalties) if penalties else None
    relu, also = {"mlp.activation": "relu", "mlp.normalization": "none"}, " and no penalties" if penalties else ""
    if recipe.model.name == "mlp":
        return Obstacle(reason, f"Choose ReLU, no normalization{also}", relu | penalties)
    for name in catalog.models_for(recipe.data.name, objective):
        if not refusal(Choice(name)):
            change = {"model": name} | (relu if name == "mlp" else {}) | penalties
            return Obstacle(reason, f"Choose the model {widgets.title(name)}{also}", change)
    return Obstacle(reason)


def _notes(result: Rescaling) -> str:
    original = result.original
    if original is None:
        return ""
    return (
        f"ρ = {original.radius:g}, σ = {original.sigma:g}, {original.samples} samples of each estimate, the same "
        "at every α. ± is an error bar for the largest eigenvalue and a standard error for the estimates; "
        "≥ is a lower bound of the highest rise in the ball: what was found there."
    )


def _slider(result: Rescaling, nearest: float) -> float:
    """The value of the α slider, which sets the section's hidden knob."""
    key, options = "sharpness.alpha", [float(alpha) for alpha in result.alphas]
    if widgets.setting(key, 1.0) not in options:
        widgets.set_setting(key, nearest)
    selected = widgets.draw_widget(
        key,
        options,
        1.0,
        st.select_slider,
        "α: one ReLU layer times α, what reads it over α",
        format_func=lambda alpha: f"{alpha:g}" if alpha >= 1 else f"1/{1 / alpha:g}",
    )
    return float(selected)


def _table(result: Rescaling, alpha: float) -> str:
    """A Markdown table of the measures at α = 1 and at this α."""
    index = int(np.argmin(np.abs(result.alphas - alpha)))
    original, rescaled = result.original, result.results[index]
    is_rescaled = alpha != 1
    head = "| measure | at α = 1 |" + (f" at α = {alpha:g} | × |" if is_rescaled else "")
    rows = [head, "|---|---|" + ("---|---|" if is_rescaled else "")]
    for name, definition in MEASURES.items():
        cells = [f"{definition.title} ${definition.formula}$", _format(original and original.measures[name])]
        if is_rescaled:
            ratio = result.relative(name)[0][index]
            cells += [
                _format(rescaled and rescaled.measures[name]),
                f"**{ratio:.3g}**" if np.isfinite(ratio) else "…",
            ]
        rows.append("| " + " | ".join(cells) + " |")
    losses = [
        f"{each.loss:.6g}" if each else "…" for each in ([original, rescaled] if is_rescaled else [original])
    ]
    rows.append("| Loss $L(\\theta)$ | " + " | ".join(losses) + (" | **1** |" if is_rescaled else " |"))
    return "\n".join(rows)


def _format(measure: Measure | None) -> str:
    if measure is None:
        return "…"
    if measure.kind == "lower bound":
        return f"≥ {_with_exponent(f'{measure.value:.3g}')}"
    if not 0 < measure.error < np.inf or measure.value == 0:
        return f"{measure.value:.3g} ± {measure.error:.1g}"
    # The last digit is the error's first. Values below 1e-3 or above 1e5 get a power of ten.
    power = int(np.floor(np.log10(abs(measure.value))))
    power = 0 if -3 <= power <= 4 else power
    value, error = measure.value / 10.0**power, measure.error / 10.0**power
    digits = max(0, -int(np.floor(np.log10(error))))
    if digits > MAX_DIGITS:
        return f"{_with_exponent(f'{measure.value:.{MAX_DIGITS}g}')} ± {_with_exponent(f'{measure.error:.1g}')}"
    if power == 0:
        return f"{value:.{digits}f} ± {error:.{digits}f}"
    return f"({value:.{digits}f} ± {error:.{digits}f})·10{str(power).translate(SUPERSCRIPTS)}"


def _with_exponent(text: str) -> str:
    mantissa, letter, exponent = text.partition("e")
    return f"{mantissa}·10{str(int(exponent)).translate(SUPERSCRIPTS)}" if letter else text


def _presenting() -> bool:
    return bool(widgets.setting("present", False))


SECTION = Section(
    "Sharpness",
    compute,
    draw,
    "Which measures of sharpness change although the function does not?",
    obstacle=curvature_obstacle,
    hidden=frozenset({"alpha"}),
)
