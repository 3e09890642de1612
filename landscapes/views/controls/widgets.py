"""Widgets for the entries of registries and their knobs.

A widget's key is its key in the URL. The session remembers every setting by key, so that a knob keeps its value
when its owner is chosen again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from landscapes.knobs import Knob, knobs
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe

NETWORK, FUNCTION = "Objective", "Function f(x, y)"  # the kinds of problem
NOTICES = "said"  # session key of this run's sentences about settings that the page has changed
LAST_RECIPE = "shown recipe"  # session key of the recipe of the last run


def set_setting(key: str, value: Any) -> None:
    """Change one setting without its widget, which shows it in the next run."""
    settings()[key] = value
    st.session_state.pop(key, None)


def set_settings(change: Mapping[str, Any]) -> None:
    """Change several settings, as a button does."""
    for key, value in change.items():
        set_setting(key, value)


def enter_page(page: str) -> None:
    """Keep the settings when the page changes. Streamlit treats equal keys on two pages as different widgets,
    which would start at their lowest values. Call this once in every run."""
    state = st.session_state
    if state.get("page") != page:
        state["page"], state["runs here"] = page, 0
        for key in settings():
            state.pop(key, None)
    state["runs here"] += 1


def is_first_run() -> bool:
    """Whether this is the first run on its page."""
    return st.session_state.get("runs here") == 1


def setting(key: str, default: Any = None) -> Any:
    """The value of a setting, whether or not its widget has been drawn in this run."""
    return st.session_state.get(key, settings().get(key, default))


def settings_popover(label: str):
    """A popover for the advanced knobs of a row."""
    return st.popover("", icon=":material/tune:", help=f"{label} settings")


def choice(
    key: str,
    label: str,
    registry: Mapping[str, Any],
    options: Sequence[str] | None = None,
    default: str | None = None,
    **more: Any,
) -> Choice:
    """A list of registered names, and a popover with the knobs of the chosen one."""
    options = list(registry if options is None else options)
    opening = getattr(Recipe(), key, None)
    if key in ("data", "model"):
        opening = getattr(catalog.opening_of(str(setting("objective", Recipe().objective.name))), key)
    default = default or (opening.name if isinstance(opening, Choice) and opening.name in options else options[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        more["format_func"] = lambda name: getattr(registry[name], "title", "") or title(name)
        name = draw_widget(key, options, default, st.selectbox, label, **more)
        # The sidebar draws what belongs to a formula or to a table.
        if not catalog.knobs_of(name) or name in catalog.WRITTEN or catalog.is_table(name):
            return Choice(name)
        function = catalog.function_of(registry[name])
        if key == "schedule":  # it is inside a popover, and popovers do not nest
            return Choice.of(name, **knobs_of(name, function))
        with settings_popover(title(name)):
            return Choice.of(name, **knobs_of(name, function))


def knobs_of(owner: str, function: Callable[..., Any]) -> dict[str, Any]:
    """Draw a widget for every knob of a function and return their values."""
    return {name: knob(f"{owner}.{name}", each) for name, each in knobs(function).items()}


def knob(key: str, knob: Knob, label: str | None = None) -> Any:
    """The widget of one knob: a switch, a row of choices, a slider over a short range, or a number."""
    label = label or title(knob.name.replace("_", " "))
    help = help_sentence(knob.doc) if knob.doc else None
    if knob.kind is bool:
        return draw_widget(key, None, knob.default, st.toggle, label, help=help)
    if knob.choices:
        widget = st.segmented_control if len(knob.choices) <= 2 else st.selectbox
        extra = {"required": True} if widget is st.segmented_control else {}
        return draw_widget(key, list(knob.choices), knob.default, widget, label, help=help, **extra)
    low, high = knob.low, knob.high
    if knob.kind is int:
        bounds = {"min_value": None if low is None else int(low), "max_value": None if high is None else int(high)}
        is_slider = low is not None and high is not None and high - low <= 64
        return int(draw_widget(key, None, knob.default, st.slider if is_slider else st.number_input, label,
                         help=help, step=1, **bounds))  # fmt: skip
    # The recipe checks open ends, so that a forbidden value gets an error and is not silently changed.
    return float(draw_widget(key, None, float(knob.default), st.number_input, label, help=help, format="%.6g",
                       min_value=low, max_value=high, step=_step(float(knob.default), high)))  # fmt: skip


def help_sentence(doc: str) -> str:
    """The description of a knob as a sentence. A symbol at its beginning stays as it is."""
    begins_with_word = re.match(r"(a|[a-z]{2,})[ ,:]", doc)
    return f"{doc[:1].upper() if begins_with_word else doc[:1]}{doc[1:]}."


def _step(value: float, high: float | None = None) -> float:
    """A step that changes the second digit of the value, or of its distance to the upper end of its range where
    that is shorter: 0.0005 for the decay rate 0.999."""
    if high is not None and high / 2 < value < high:
        value = round(high - value, 12)
    return 10.0 ** (len(f"{abs(value):.0f}") - 2) if abs(value) >= 1 else float(f"{abs(value) or 0.1:.0e}") / 2


def draw_widget(
    key: str,
    options: list[Any] | None,
    default: Any,
    widget: Callable[..., Any],
    label: str,
    **widget_options: Any,
):
    """Draw a widget and remember its value, because Streamlit forgets a widget that a run does not draw.

    The value is also passed as the widget's default. A value that is set only through the session is sent once and
    applied after the widget is drawn: the widget would show its lowest value for a moment, or for good if the next
    run comes first.
    """
    state, remembered = st.session_state, settings()
    if key not in state:
        state[key] = remembered.get(key, default)
    if options is not None:
        old_value = state[key]
        if isinstance(old_value, list):
            state[key] = [each for each in old_value if each in options] or (default if old_value else [])
        elif old_value not in options:
            state[key] = default
        if state[key] != old_value:
            notify(_replaced(label, old_value, state[key], widget_options.get("format_func", str)))
        widget_options["options"] = options
    if widget is st.selectbox and options is not None:
        widget_options["index"] = options.index(state[key])
    elif widget in (st.segmented_control, st.multiselect):
        widget_options["default"] = state[key]
    else:
        widget_options["value"] = state[key]
    remembered[key] = value = widget(label, key=key, **widget_options)
    return value


def notify(text: str) -> None:
    """Add a sentence to this run's notice, which offers to undo the change. Each sentence is shown once."""
    notices = st.session_state.setdefault(NOTICES, [])
    if text and text not in notices:
        notices.append(text)


def _replaced(label: str, old_value: Any, new_value: Any, format_value: Callable[[Any], Any]) -> str:
    """The notice of a widget whose value is no longer among its options."""
    if isinstance(old_value, list):
        removed_names = ", ".join(title(str(each)) for each in old_value if each not in new_value)
        return f"{label} without {removed_names}, which do not fit here; now {', '.join(map(title, new_value))}."
    return f"{label} changed to {format_value(new_value)}, because {title(str(old_value))} does not fit here."


def settings() -> dict[str, Any]:
    return st.session_state.setdefault("settings", {})


def title(name: str) -> str:
    """A registered name as a label: known abbreviations in capitals, the rest with a capital first letter."""
    capitals = {
        "sgd": "SGD",
        "mlp": "MLP",
        "lbfgs": "L-BFGS",
        "adamw": "AdamW",
        "rmsprop": "RMSProp",
        "sam": "SAM",
        "adabelief": "AdaBelief",
        "schedule-free-sgd": "Schedule-free SGD",
        "schedule-free-adamw": "Schedule-free AdamW",
        "lars": "LARS",
        "lamb": "LAMB",
        "nadam": "NAdam",
        "radam": "RAdam",
        "bradley-terry": "Bradley–Terry",
        "b1": "β₁",
        "b2": "β₂",
        "eps": "ε",
    }
    return capitals.get(name, name.replace("-", " ").capitalize())
