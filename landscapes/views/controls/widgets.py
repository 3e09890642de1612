"""Widgets made from registries, whose values outlive them.

A widget's key is its key in the URL. Settings are remembered by key for the whole session, so that a knob comes
back as it was when its owner is chosen again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from landscapes.knobs import Knob, knobs
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe

NETWORK, FUNCTION = "Objective", "Test function"  # the kinds of problem
SAID = "said"  # what this run has to say about settings that changed by themselves
SHOWN = "shown recipe"  # the recipe of the last run


def set_setting(key: str, value: Any) -> None:
    """Change one setting from outside its widget, which shows it on the next run."""
    settings()[key] = value
    st.session_state.pop(key, None)


def arrive(page: str) -> None:
    """Make the settings those of every page: Streamlit takes the widgets of another page for others, and would
    start them at their lowest values. To be called once in every run."""
    state = st.session_state
    if state.get("page") != page:
        state["page"], state["runs here"] = page, 0
        for key in settings():
            state.pop(key, None)
    state["runs here"] += 1


def arrived() -> bool:
    """Whether this is the first run on its page."""
    return st.session_state.get("runs here") == 1


def setting(key: str, default: Any = None) -> Any:
    """What a setting is, whether or not its widget has been drawn yet in this run."""
    return st.session_state.get(key, settings().get(key, default))


def folded(label: str):
    """Where the advanced knobs of a row fold away."""
    return st.popover("", icon=":material/tune:", help=f"{label} settings")


def choice(
    key: str,
    label: str,
    registry: Mapping[str, Any],
    options: Sequence[str] | None = None,
    default: str | None = None,
    **more: Any,
) -> Choice:
    """A registered name, and its knobs folded away beneath it."""
    options = list(registry if options is None else options)
    usual = getattr(Recipe(), key, None)
    if key in ("data", "model"):
        usual = getattr(catalog.opening_of(str(setting("objective", Recipe().objective.name))), key)
    default = default or (usual.name if isinstance(usual, Choice) and usual.name in options else options[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        more["format_func"] = lambda name: getattr(registry[name], "title", "") or title(name)
        name = keep(key, options, default, st.selectbox, label, **more)
        if not catalog.knobs_of(name):
            return Choice(name)
        function = catalog.function_of(registry[name])
        if key == "schedule":  # it stands inside a popover already, and popovers do not nest
            return Choice.of(name, **knobs_of(name, function))
        with folded(title(name)):
            return Choice.of(name, **knobs_of(name, function))


def knobs_of(owner: str, function: Callable[..., Any]) -> dict[str, Any]:
    """A widget for every knob of a function, and what they say."""
    return {name: knob(f"{owner}.{name}", each) for name, each in knobs(function).items()}


def knob(key: str, knob: Knob, label: str | None = None) -> Any:
    """The widget of one knob: a switch, a row of choices, a slider over a short range, or a number."""
    label = label or title(knob.name.replace("_", " "))
    help = knob.doc or None
    if knob.kind is bool:
        return keep(key, None, knob.default, st.toggle, label, help=help)
    if knob.choices:
        widget = st.segmented_control if len(knob.choices) <= 2 else st.selectbox
        extra = {"required": True} if widget is st.segmented_control else {}
        return keep(key, list(knob.choices), knob.default, widget, label, help=help, **extra)
    low, high = knob.low, knob.high
    if knob.kind is int:
        bounds = {"min_value": None if low is None else int(low), "max_value": None if high is None else int(high)}
        short = low is not None and high is not None and high - low <= 64
        return int(keep(key, None, knob.default, st.slider if short else st.number_input, label,
                         help=help, step=1, **bounds))  # fmt: skip
    # Open ends are checked with the recipe, so that a forbidden value gets its sentence and not a silent nudge.
    return float(keep(key, None, float(knob.default), st.number_input, label, help=help, format="%.6g",
                       min_value=low, max_value=high, step=_step(float(knob.default))))  # fmt: skip


def _step(value: float) -> float:
    """A tenth of the value's own power of ten, so that + and − move its second digit."""
    return 10.0 ** (len(f"{abs(value):.0f}") - 2) if abs(value) >= 1 else float(f"{abs(value) or 0.1:.0e}") / 2


def keep(key: str, options: list[Any] | None, default: Any, widget: Callable[..., Any], label: str, **more: Any):
    """A widget whose value outlives it: Streamlit forgets a widget that a run does not draw.

    Its value goes to the browser as its default too. What is set through the session is sent once, in the run that
    set it, and is shown after the widget: it would stand at its lowest value for a moment, or for good where the
    next run comes first, while the picture is of this one.
    """
    state, kept = st.session_state, settings()
    if key not in state:
        state[key] = kept.get(key, default)
    if options is not None:
        before = state[key]
        if isinstance(before, list):
            state[key] = [each for each in before if each in options] or (default if before else [])
        elif before not in options:
            state[key] = default
        if state[key] != before:
            say(_replaced(label, before, state[key], more.get("format_func", str)))
        more["options"] = options
    if widget is st.selectbox and options is not None:
        more["index"] = options.index(state[key])
    elif widget in (st.segmented_control, st.multiselect):
        more["default"] = state[key]
    else:
        more["value"] = state[key]
    kept[key] = value = widget(label, key=key, **more)
    return value


def say(text: str) -> None:
    """Let the page say this in the line that offers to undo a change; each text once in a run."""
    said = st.session_state.setdefault(SAID, [])
    if text and text not in said:
        said.append(text)


def _replaced(label: str, before: Any, after: Any, shown: Callable[[Any], Any]) -> str:
    """What a widget says when its value is not among its options any more."""
    if isinstance(before, list):
        lost = ", ".join(title(str(each)) for each in before if each not in after)
        return f"{label} without {lost}, which do not fit here; now {', '.join(map(title, after))}."
    return f"{label} changed to {shown(after)}, because {title(str(before))} does not fit here."


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
        "bradley-terry": "Bradley–Terry",
        "b1": "β₁",
        "b2": "β₂",
        "eps": "ε",
    }
    return capitals.get(name, name.replace("-", " ").capitalize())
