"""Sliders for the learning rate and the momentum of each optimizer, with the edge of stability marked on them."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from landscapes.curvature.edge_of_stability import STABILITY_LIMITS, stability_limit
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.scenes.comparison import Comparison, Curvature
from landscapes.views.controls import widgets

LOWEST_POWER, HIGHEST_POWER, RATES_PER_DECADE = -6, 2, 20  # of ten: a slider runs from 1e-6 to 1e2
RATES = [
    float(f"{10.0**power:.3g}")
    for power in np.linspace(LOWEST_POWER, HIGHEST_POWER, RATES_PER_DECADE * (HIGHEST_POWER - LOWEST_POWER) + 1)
]
MAX_BETA = 0.99  # of a slider for momentum
MAX_IN_ROW = 4  # sliders
# Their limit is one of the preconditioned curvature.
PRECONDITIONED = frozenset(name for name, limit in STABILITY_LIMITS.items() if limit.preconditioner)
CHANGED = "slider changed"  # session key: a slider was moved, and the whole page has to run again
# The bar lies on the slider's track, from the edge to the end.
MARK = (
    '<div style="position:relative;height:1.2rem;margin-top:-2.35rem;pointer-events:none;white-space:nowrap">'
    '<div style="position:absolute;left:{left:.2f}%;right:0;top:0;height:4px;border-radius:2px;'
    'background:#D55E00"></div>'
    '<span style="position:absolute;right:0;top:0.45rem;font-size:0.8rem">{text}</span></div>'
)


def draw(recipe: Recipe, comparison: Comparison) -> None:
    """Draw the sliders of the recipe's optimizers in rows. A moved one sets the optimizer's own knob, and the page
    runs again."""
    if st.session_state.pop(CHANGED, False):
        st.rerun()
    choices = [choice for choice in recipe.optimizers if "learning_rate" in choice.settings]
    for first in range(0, len(choices), MAX_IN_ROW):
        row = choices[first : first + MAX_IN_ROW]
        for column, choice in zip(st.columns(max(len(row), 3), gap="medium"), row, strict=False):
            with column:
                _rate_slider(choice, _curvature_of(choice, comparison))
                if "beta" in choice.settings:
                    beta = min(float(choice.settings["beta"]), MAX_BETA)
                    label, bounds = f"{widgets.title(choice.name)}, β", {"min_value": 0.0, "max_value": MAX_BETA}
                    _slider(f"{choice.name}.beta", beta, st.slider, label, step=0.01, **bounds)
    st.caption(_explanation(choices, comparison))


def _rate_slider(choice: Choice, curvature: Curvature | None) -> None:
    rate = float(choice.settings["learning_rate"])
    options = sorted({*RATES, rate})
    label = f"{widgets.title(choice.name)}, η"
    _slider(f"{choice.name}.learning_rate", rate, st.select_slider, label, options=options, format_func=_short)
    edge = stable_rate(choice, curvature)
    if edge is not None:
        st.html(_mark(edge, options, choice))


def _curvature_of(choice: Choice, comparison: Comparison) -> Curvature | None:
    """The curvature that limits this optimizer's rate; for a preconditioned optimizer the preconditioned one."""
    if choice.name in PRECONDITIONED:
        return comparison.preconditioned.get(choice.name)
    return comparison.at_target or comparison.at_start


def _short(rate: float) -> str:
    return f"{rate:.4g}"


def _slider(setting: str, value: float, widget: Callable[..., Any], label: str, **options: Any) -> None:
    """A slider that shows a setting and changes it when it is moved. It is drawn anew if the setting was changed
    elsewhere."""
    key, state = f"slider {setting}", st.session_state
    if key not in state or state.get(f"{key} shows") != value:
        state[key] = state[f"{key} shows"] = value
    widget(label, value=state[key], key=key, on_change=_move, args=(setting, key), **options)


def _move(setting: str, key: str) -> None:
    value = float(st.session_state[key])
    st.session_state[f"{key} shows"] = value
    st.session_state[CHANGED] = True
    widgets.set_setting(setting, value)


def stable_rate(choice: Choice, curvature: Curvature | None) -> float | None:
    """The learning rate above which the optimizer is unstable on a quadratic of this curvature, of an adaptive one
    of this preconditioned curvature; None where there is no such rate.

    Under decoupled weight decay the limit is affine in the rate, f(η) = f(0) + (f(1) − f(0))η, and constant
    without. The edge solves ηλ = f(η).
    """
    if curvature is None or not curvature.largest > 0 or choice.name not in STABILITY_LIMITS:
        return None
    stability_limit(choice.name, choice.settings)  # refuses knobs that are out of range
    factor = STABILITY_LIMITS[choice.name].factor
    knobs = {name: knob.default for name, knob in catalog.knobs_of(choice.name).items()} | choice.settings
    at_zero, at_one = (factor({**knobs, "learning_rate": rate}) for rate in (0.0, 1.0))
    return at_zero / (curvature.largest + at_zero - at_one)


def _formula(choice: Choice) -> str:
    matrix = "(P⁻¹H)" if choice.name in PRECONDITIONED else ""
    formula = STABILITY_LIMITS[choice.name].formula
    # With weight decay the rate stands on both sides; the caption has the equation.
    return "with P frozen" if "ηλ" in formula else formula.replace("η", f"λmax{matrix}")


def _mark(edge: float, options: list[float], choice: Choice) -> str:
    """The part of the slider above the edge as a bar on its track, with the edge below it."""
    share = 100 * float(np.clip(np.searchsorted(options, edge) / (len(options) - 1), 0, 1))
    return MARK.format(left=share, text=html.escape(f"edge {_formula(choice)} = {edge:.3g}"))


def _explanation(choices: list[Choice], comparison: Comparison) -> str:
    """The place of the curvature that the edges are computed from, and the edges at the start."""
    limited = [choice for choice in choices if stable_rate(choice, _curvature_of(choice, comparison)) is not None]
    unpreconditioned = [choice for choice in limited if choice.name not in PRECONDITIONED]
    text, curvature, start = "", comparison.at_target or comparison.at_start, comparison.at_start
    if unpreconditioned and curvature is not None:
        text += (
            f"Orange: unstable on a quadratic with λmax = {curvature.largest:.4g} ± {curvature.error:.1g}, "
            f"measured at {curvature.place}. "
        )
    if unpreconditioned and start is not None and start is not curvature:
        edges = [
            f"{widgets.title(choice.name)} {edge:.3g}"
            for choice in unpreconditioned
            if (edge := stable_rate(choice, start)) is not None
        ]
        text += f"At the start λmax = {start.largest:.4g}" + (f": edges {', '.join(edges)}. " if edges else ". ")
    for choice in limited:
        if choice.name in PRECONDITIONED:
            curvature = comparison.preconditioned[choice.name]
            limit = STABILITY_LIMITS[choice.name]
            text += (
                f"{widgets.title(choice.name)}: unstable with its preconditioner "
                f"$P = \\mathrm{{diag}}({limit.preconditioner})$ frozen where λmax(P⁻¹H) > {limit.formula}; "
                f"λmax(P⁻¹H) = {curvature.largest:.4g} ± {curvature.error:.1g}, measured at {curvature.place} at "
                "the present rate. "
            )
    if any(choice.name in PRECONDITIONED for choice in limited):
        text += "Another rate leads to another P (Cohen et al. 2022)."
    return text.strip()
