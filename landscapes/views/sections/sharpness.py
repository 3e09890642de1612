"""Section: the sharpness of the point in the ways the literature measures it, and which of them can be trusted."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Annotated, Any

import jax
import numpy as np
import streamlit as st
from annotated_types import Interval

from landscapes import figures
from landscapes.curvature.sharpness import MEASURES, Measure, Rescaling, rescaling, sharpness
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.scenes.placement import Memory, place_picture, point_fields
from landscapes.views.controls import instruments, widgets
from landscapes.views.sections.section import Result, Section, uncurved, within
from landscapes.views.stage import stage
from landscapes.views.worker.computation import Report

ALPHAS = tuple(2.0**power for power in range(-3, 4))
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
DIGITS = 6  # of a value whose error is smaller still
_Positive = Interval(gt=0, le=100)


@dataclass(frozen=True, eq=False)
class Found:
    """The measures, and one sentence about why they could not be rescaled, or ""."""

    rescaling: Rescaling
    refusal: str = ""


def compute(
    recipe: Recipe,
    memory: MutableMapping[str, Any],
    progress: Report,
    *,
    radius: Annotated[float, _Positive, "ρ, radius of SAM's ball"] = 0.05,
    sigma: Annotated[float, _Positive, "σ of the noise in every parameter"] = 0.01,
    samples: Annotated[int, Interval(ge=4, le=512), "probes, pairs of noise, and directions"] = 32,
    layer: Annotated[int, Interval(ge=1, le=32), "which layer α scales, from the input on"] = 1,
) -> Found:
    """Every measure at every α; at α = 1 only, where nothing can be rescaled."""
    place = place_picture(recipe, memory=memory, progress=within(progress, 0.0, 0.3, "Training"))
    problem, key = place.problem, jax.random.fold_in(place.problem.key, 5)
    knobs: dict[str, Any] = {"radius": radius, "sigma": sigma, "samples": samples}

    def told(fraction: float, partial: Rescaling | None) -> None:
        known = Found(partial) if partial is not None and partial.original is not None else None
        progress(0.3 + 0.7 * fraction, known, "Measuring")

    def measured() -> Found:
        try:
            groups = catalog.units(recipe, homogeneous=True)
            if layer > len(groups):
                raise ValueError(f"there is no layer {layer} to rescale; choose one from 1 to {len(groups)}")
            return Found(rescaling(problem, groups[layer - 1], key, alphas=ALPHAS, progress=told, **knobs))
        except ValueError as refusal:
            # The measures need no rescaling; where they do not exist either, this says so.
            alone = sharpness(problem, key, progress=lambda part, _: told(part, None), **knobs)
            return Found(Rescaling(np.ones(1), (alone,)), str(refusal))

    return Memory(recipe, memory)(f"sharpness {knobs} {layer}", point_fields(recipe), measured)


def draw(result: Result[Found], *, alpha: Annotated[float, Interval(gt=0, le=1000), "α"] = 1.0) -> None:
    found = result.value
    known = found.rescaling
    nearest = float(known.alphas[np.argmin(np.abs(np.log(known.alphas / alpha)))])
    if found.refusal:
        st.info(f"These parameters cannot be rescaled: {found.refusal}.", icon=":material/rule:")
        st.markdown(_table(known, nearest))
        st.caption(_notes(known))
        return
    left, right = st.columns([0.58, 0.42], gap="medium")
    with left:
        nearest = _slider(known, nearest)
        if nearest != alpha:
            st.rerun()  # the whole page, and with it the address; a slider's own rerun is that of this part alone
        figure = figures.sharpness(known, nearest, theme=instruments.theme(), presenter=_presenting())
        stage(figure, key="stage sharpness", height="clamp(340px, calc(100vh - 330px), 900px)")
    with right:
        st.markdown(_table(known, nearest))
        st.caption(_notes(known))


def _notes(known: Rescaling) -> str:
    here = known.original
    if here is None:
        return ""
    return (
        f"ρ = {here.radius:g}, σ = {here.sigma:g}, {here.samples} samples of each estimate, the same at every α. "
        "± is an error bar for the largest eigenvalue and a standard error for the estimates; "
        "≥ is a lower bound of the highest rise in the ball: what was found there."
    )


def _slider(known: Rescaling, nearest: float) -> float:
    """The slider of α, which is the section's own knob."""
    key, options = "sharpness.alpha", [float(alpha) for alpha in known.alphas]
    if widgets.setting(key, 1.0) not in options:
        widgets.set_setting(key, nearest)
    chosen = widgets.keep(
        key,
        options,
        1.0,
        st.select_slider,
        "α: one ReLU layer times α, what reads it over α",
        format_func=lambda alpha: f"{alpha:g}" if alpha >= 1 else f"1/{1 / alpha:g}",
    )
    return float(chosen)


def _table(known: Rescaling, alpha: float) -> str:
    """The measures as they are and at α, in Markdown."""
    place = int(np.argmin(np.abs(known.alphas - alpha)))
    here, there = known.original, known.results[place]
    moved = alpha != 1
    head = "| measure | at α = 1 |" + (f" at α = {alpha:g} | × |" if moved else "")
    rows = [head, "|---|---|" + ("---|---|" if moved else "")]
    for name, definition in MEASURES.items():
        cells = [f"{definition.title} ${definition.formula}$", _spelled(here and here.measures[name])]
        if moved:
            ratio = known.relative(name)[0][place]
            cells += [_spelled(there and there.measures[name]), f"**{ratio:.3g}**" if np.isfinite(ratio) else "…"]
        rows.append("| " + " | ".join(cells) + " |")
    losses = [f"{each.loss:.6g}" if each else "…" for each in ([here, there] if moved else [here])]
    rows.append("| Loss $L(\\theta)$ | " + " | ".join(losses) + (" | **1** |" if moved else " |"))
    return "\n".join(rows)


def _spelled(measure: Measure | None) -> str:
    if measure is None:
        return "…"
    if measure.kind == "lower bound":
        return f"≥ {_power(f'{measure.value:.3g}')}"
    if not 0 < measure.error < np.inf or measure.value == 0:
        return f"{measure.value:.3g} ± {measure.error:.1g}"
    # Digits down to the error's first, with a power of ten apart where there are many zeros.
    power = int(np.floor(np.log10(abs(measure.value))))
    power = 0 if -3 <= power <= 4 else power
    value, error = measure.value / 10.0**power, measure.error / 10.0**power
    digits = max(0, -int(np.floor(np.log10(error))))
    if digits > DIGITS:
        return f"{_power(f'{measure.value:.{DIGITS}g}')} ± {_power(f'{measure.error:.1g}')}"
    if power == 0:
        return f"{value:.{digits}f} ± {error:.{digits}f}"
    return f"({value:.{digits}f} ± {error:.{digits}f})·10{str(power).translate(RAISED)}"


def _power(text: str) -> str:
    mantissa, letter, exponent = text.partition("e")
    return f"{mantissa}·10{str(int(exponent)).translate(RAISED)}" if letter else text


def _presenting() -> bool:
    return bool(widgets.setting("present", False))


SECTION = Section(
    "Sharpness",
    compute,
    draw,
    "Which measures of sharpness change although the function does not?",
    obstacle=uncurved,
    hidden=frozenset({"alpha"}),
)
