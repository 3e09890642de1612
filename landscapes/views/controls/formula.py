"""The controls of a formula: its text with its LaTeX, a slider for each free name, and the range that is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from landscapes.formulas.derivatives import derivatives
from landscapes.formulas.latex import latex
from landscapes.formulas.parsing import MAX_CHARACTERS, Formula
from landscapes.recipes.catalog.own_function import BOX, DEFAULT_TEXT, FORMULA, LARGEST, own_function, read
from landscapes.recipes.catalog.own_loss import DEFAULT_LOSS, LOSS, read_loss
from landscapes.recipes.recipe import Choice
from landscapes.views.controls.widgets import draw_widget, setting, settings
from landscapes.views.worker.watch import MARKDOWN_ESCAPES, sentence

# After this pause the text that is typed is read and drawn.
TYPING_PAUSE = "400ms"
REACH = 10.0  # of a free name's slider at first, to both sides
WORDS = """`+ - * / ^`, parentheses, `pi`, `e`, and `abs sqrt cbrt exp log log2 log10 sin cos tan asin acos atan
sinh cosh tanh relu sigmoid softplus sign min max`. Other names become sliders."""
HELP = WORDS + " `where(x > 0, x, y^2)` is x where x > 0, and y² elsewhere."
LOSS_HELP = (
    WORDS
    + """ The loss is averaged over examples and outputs. On class labels y is 1 for the right class
and −1 for the others. `where(f > y, f-y, 0)` is f − y where f > y, and 0 elsewhere."""
)


def own_formula() -> Choice:
    """Draw the controls of the user's own function and return it with its settings, which are always valid."""
    formula = text_field(FORMULA, "f(x, y) =", DEFAULT_TEXT, read, HELP)
    values = sliders(FORMULA, formula.names)
    box = _box()
    st.button("Gradient and Hessian", icon=":material/function:", type="tertiary", key="derivatives",
              on_click=partial(settings().__setitem__, "derivatives", True))  # fmt: skip
    if settings().pop("derivatives", False):
        _show_derivatives(formula)
    return Choice.of(FORMULA, text=formula.text, **box, **values)


def own_loss() -> Choice:
    """Draw the controls of the user's own loss and return it with its settings, which are always valid."""
    formula = text_field(LOSS, "Loss of output f and target y", DEFAULT_LOSS, read_loss, LOSS_HELP)
    return Choice.of(LOSS, text=formula.text, **sliders(LOSS, formula.names))


def text_field(owner: str, label: str, default: str, read: Callable[[str], Formula], help: str) -> Formula:
    """Draw the field of a formula's text, its LaTeX, and a sentence on a text that is none. Return the formula of
    the last text that was one, so that its picture stays."""
    key, last = f"{owner}.text", f"{owner} text before"
    options: dict[str, Any] = {"max_chars": MAX_CHARACTERS, "live": TYPING_PAUSE, "help": help}
    text = str(draw_widget(key, None, default, st.text_input, label, **options))
    try:
        formula = read(text)
    except ValueError as error:
        st.markdown(f":red[{sentence(str(error)).translate(MARKDOWN_ESCAPES)}]")
        text = str(settings().get(last, default))
        formula = read(text)
    settings()[last] = text
    # Inline mathematics breaks its lines, so that a long formula fits beside the picture.
    st.markdown(f"${latex(formula.tree)}$")
    return formula


def sliders(owner: str, names: Sequence[str]) -> dict[str, float]:
    """Draw a slider for each free name. One that is pushed to its end reaches ten times as far."""
    values = {}
    for name in names:
        key = f"{owner}.{name}"
        value, reach = abs(float(setting(key, 1.0))), float(settings().get(f"reach {key}", REACH))
        while value >= reach < LARGEST:
            reach *= 10
        settings()[f"reach {key}"] = reach
        ends = {"min_value": -reach, "max_value": reach, "step": reach / 200, "format": "%.4g"}
        values[name] = float(draw_widget(key, None, 1.0, st.slider, name.replace("_", r"\_"), **ends))
    return values


def _box() -> dict[str, float]:
    """Draw the ranges of x and y behind a button that names them. Ranges that are empty stay as they were."""
    last = f"{FORMULA} box before"
    ends = {name: float(setting(f"{FORMULA}.{name}", end)) for name, end in BOX.items()}
    label = ", ".join(f"{axis} from {ends[f'{axis}_low']:g} to {ends[f'{axis}_high']:g}" for axis in "xy")
    with st.popover(label, icon=":material/crop_free:", width="stretch", key="range"):
        box = {}
        for axis in "xy":
            for column, end, bound_label in zip(st.columns(2), ("low", "high"), ("from", "to"), strict=True):
                name = f"{axis}_{end}"
                options: dict[str, Any] = {
                    "min_value": -LARGEST,
                    "max_value": LARGEST,
                    "format": "%.6g",
                    "step": 0.5,
                }
                with column:
                    box[name] = float(
                        draw_widget(
                            f"{FORMULA}.{name}",
                            None,
                            BOX[name],
                            st.number_input,
                            f"{axis} {bound_label}",
                            **options,
                        )
                    )
        try:
            own_function(Choice.of(FORMULA, **box))
        except ValueError as error:
            st.markdown(f":red[{sentence(str(error)).translate(MARKDOWN_ESCAPES)}]")
            return settings().get(last, BOX)
    settings()[last] = box
    return box


@st.dialog("Gradient and Hessian", width="large")
def _show_derivatives(formula: Formula) -> None:
    partials = derivatives(formula)
    variables = ", ".join(formula.variables)
    st.latex(rf"f({variables}) = {latex(formula.tree)}")
    for name, text in ((r"\nabla f", partials.gradient_latex), (r"\nabla^2 f", partials.hessian_latex)):
        if text:
            st.latex(f"{name} = {text}")
        else:
            st.markdown(f"${name}$ is too long to read as a formula. It is computed exactly all the same.")
