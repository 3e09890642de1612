"""Widgets made from the registries: the sidebar that builds the recipe.

A widget's key is its key in the URL. Settings are remembered by key for the whole session, so that a knob comes
back as it was when its owner is chosen again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from landscapes import catalog
from landscapes.directions import DIRECTIONS
from landscapes.knobs import Knob, knobs
from landscapes.optimizers import OPTIMIZERS, SCHEDULES
from landscapes.recipe import Choice, Recipe
from landscapes.settings import SETTINGS
from landscapes.views.sections.section import Section
from models import MODELS
from objectives import DATASETS, FUNCTIONS, OBJECTIVES

NETWORK, FUNCTION = "Network", "Test function"
LINE = "Line"
PICTURES = {"3d": "3-D", "contour": "Contour"}
LABELS = {
    "batch_size": "Batch size (0: all examples)",
    "center": "Centre",
    "extent": "Extent (× natural)",
    "split": "Examples shown",
    "tolerance": "Error allowed (share of the range)",
    "start": "Paths start at",
    "space": "Picked paths move in",
    "start_x": "Picked start, first axis",
    "start_y": "Picked start, second axis",
    "eigenvalues": "Eigenvalues at each end",
}


def adopt(recipe: Recipe) -> None:
    """Set every widget to this recipe; to be called before the widgets are drawn.

    Raises:
        ValueError: if the recipe is not valid; nothing is changed then.
    """
    recipe = catalog.complete(recipe)
    function = catalog.is_function(recipe)
    kept: dict[str, Any] = {name: getattr(recipe, name) for name in SETTINGS}
    owners = [recipe.objective, recipe.schedule, *recipe.optimizers]
    owners += [] if function else [recipe.model, recipe.data, recipe.directions]
    kept |= {f"{owner.name}.{knob}": value for owner in owners for knob, value in owner.knobs}
    kept |= {f"weight.{recipe.objective.name}.{term}": weight for term, weight in recipe.weights}
    kept["kind"] = FUNCTION if function else NETWORK
    kept["function" if function else "objective"] = recipe.objective.name
    kept["optimizers"] = [choice.name for choice in recipe.optimizers]
    kept["schedule"] = recipe.schedule.name
    kept["picture"] = LINE if recipe.dimension == 1 else PICTURES[recipe.view]
    kept["beside"] = ":".join(recipe.beside[0]) if recipe.beside else ""
    if not function:
        kept |= {"model": recipe.model.name, "data": recipe.data.name, "directions": recipe.directions.name}
    for name in OPTIMIZERS:
        if (rate := catalog.default_rate(recipe.objective, name)) is not None:
            kept.setdefault(f"{name}.learning_rate", rate)
    for key, value in kept.items():
        set_setting(key, value)
    _settings()["rates for"] = _scale(recipe.objective)


def set_setting(key: str, value: Any) -> None:
    """Change one setting from outside its widget, which shows it on the next run."""
    _settings()[key] = value
    st.session_state.pop(key, None)


def arrive(page: str) -> None:
    """Make the settings those of every page: Streamlit takes the widgets of another page for others, and would
    start them at their lowest values."""
    if st.session_state.get("page") != page:
        st.session_state["page"] = page
        for key in _settings():
            st.session_state.pop(key, None)


def setting(key: str, default: Any = None) -> Any:
    """What a setting is, whether or not its widget has been drawn yet in this run."""
    return st.session_state.get(key, _settings().get(key, default))


def sidebar() -> Recipe:
    """Draw the widgets of the recipe and return what they say, not yet checked as a whole."""
    with st.sidebar:
        kind = _keep("kind", [NETWORK, FUNCTION], NETWORK, st.segmented_control, "Kind of problem",
                     required=True, label_visibility="collapsed", width="stretch")  # fmt: skip
        model, data, directions, weights = Choice("none"), Choice("none"), Choice("coordinates"), ()
        if kind == FUNCTION:
            objective = _choice("function", "Function", FUNCTIONS)
        else:
            data = _choice("data", "Data", DATASETS)
            model = _choice("model", "Model", MODELS, catalog.models_for(data.name))
            objective = _choice("objective", "Objective", OBJECTIVES, catalog.objectives_for(data.name))
        optimizers = _optimizers(objective)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            steps = _setting("steps")
            with _more("Training"):
                batch_size = _setting("batch_size") if kind == NETWORK else 0
                schedule = _choice("schedule", "Learning-rate schedule", SCHEDULES, default="constant")
        plain = {"steps": steps, "batch_size": batch_size}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            plain["start"] = _setting("start")
            with _more("Start"):
                for name in ["start_x", "start_y", *(["space"] if kind == NETWORK else [])]:
                    plain[name] = _setting(name)
        if kind == NETWORK:
            with st.expander("Term weights"):
                weights = _weights(objective.name)
        with st.expander("Picture"):
            network = ["center", "split", "precision", "eigenvalues"] if kind == NETWORK else []
            for name in [*network, "extent", "tolerance", "seed"]:
                plain[name] = _setting(name)
            if kind == NETWORK:
                direction = str(setting("directions", Recipe().directions.name))
                settings = _knobs(direction, catalog.function_of(DIRECTIONS[direction]))
                directions = Choice.of(direction, **settings)
    return Recipe(
        objective=objective,
        model=model,
        data=data,
        weights=weights,
        optimizers=optimizers,
        schedule=schedule,
        directions=directions,
        dimension=1 if setting("picture") == LINE else 2,
        view="contour" if setting("picture") == PICTURES["contour"] else "3d",
        scale=str(setting("scale", "linear")),
        **plain,
    )


def choose_directions(*, row: bool = True) -> None:
    """The kinds of directions in a row over the picture, where another view of the same solution is one click, or
    in a list."""
    widget, more = (st.segmented_control, {"required": True}) if row else (st.selectbox, {"width": 220})
    _keep("directions", list(DIRECTIONS), Recipe().directions.name, widget, "Directions",
          label_visibility="collapsed", format_func=lambda key: DIRECTIONS[key].title, **more)  # fmt: skip


def choose_picture() -> None:
    """3-D surface, contour or line, and the vertical scale."""
    _keep("picture", [*PICTURES.values(), LINE], PICTURES["3d"], st.segmented_control, "Picture",
          required=True, label_visibility="collapsed")  # fmt: skip
    _keep("scale", ["linear", "log"], "linear", st.segmented_control, "Scale",
          required=True, label_visibility="collapsed")  # fmt: skip


def choose_beside(recipe: Recipe) -> str:
    """A second picture next to the first that differs in one setting, as "key:value"; "" for none."""
    options = {"": "nothing beside it"}
    if not catalog.is_function(recipe):
        other = "test" if recipe.split == "train" else "train"
        options[f"split:{other}"] = f"{other} examples"
        for name, knob in catalog.knobs_of(recipe.model.name).items():
            if knob.kind is bool:
                flipped = str(not recipe.model.settings.get(name, knob.default)).lower()
                options[f"{recipe.model.name}.{name}:{flipped}"] = f"{name} {'on' if flipped == 'true' else 'off'}"
        data = recipe.data.name
        for key, names, mine in (
            ("model", catalog.models_for(data), recipe.model.name),
            ("objective", catalog.objectives_for(data), recipe.objective.name),
            ("directions", list(DIRECTIONS), recipe.directions.name),
        ):
            options |= {f"{key}:{name}": f"{key} {name}" for name in names if name != mine}
    held = str(setting("beside", ""))
    options.setdefault(held, held.replace(":", " "))
    return _keep("beside", list(options), "", st.selectbox, "Beside", label_visibility="collapsed",
                 format_func=lambda key: f"Beside: {options[key]}")  # fmt: skip


def beside() -> tuple[tuple[str, str], ...]:
    """What stands beside the picture on the page that shows two, for an address to keep."""
    key, colon, value = str(setting("beside", "")).partition(":")
    return ((key, value),) if colon else ()


def choose_section(page: str, sections: Mapping[str, Section]) -> str:
    """The row of a page's sections."""
    return _keep(f"{page} section", list(sections), next(iter(sections)), st.segmented_control, "Section",
                 required=True, label_visibility="collapsed",
                 format_func=lambda name: sections[name].title)  # fmt: skip


def section_knobs(section: Section) -> dict[str, Knob]:
    """The knobs of what computes a section and of what draws it."""
    return knobs(section.compute) | knobs(section.draw)


def set_section(name: str, section: Section) -> dict[str, Any]:
    """The widgets of a section's knobs, and what they and the hidden ones are set to."""
    found = {key: setting(f"{name}.{key}", each.default) for key, each in section_knobs(section).items()}
    shown = {key: each for key, each in section_knobs(section).items() if key not in section.hidden}
    if shown:
        with st.popover("Settings", icon=":material/tune:"):
            found |= {key: knob(f"{name}.{key}", each) for key, each in shown.items()}
    return found


def _optimizers(objective: Choice) -> tuple[Choice, ...]:
    _settings().setdefault("rates for", _scale(objective))
    if _settings()["rates for"] != _scale(objective):
        # Another function has another scale: learning rates start again from what suits it.
        _settings()["rates for"] = _scale(objective)
        for name in OPTIMIZERS:
            if (usual := catalog.knobs_of(name).get("learning_rate")) is not None:
                set_setting(f"{name}.learning_rate", catalog.default_rate(objective, name) or usual.default)
    usual = [choice.name for choice in Recipe().optimizers]
    names = _keep("optimizers", list(OPTIMIZERS), usual, st.multiselect, "Optimizers", format_func=_title)
    found = []
    with st.container(horizontal=True, gap="small"):
        for name in names:
            with st.popover(_title(name), type="tertiary"):
                found.append(Choice.of(name, **_knobs(name, OPTIMIZERS[name])))
    return tuple(found)


def _scale(objective: Choice) -> str:
    """What the default learning rates depend on."""
    return repr(objective) if objective.name in FUNCTIONS else "network"


def _weights(objective: str) -> tuple[tuple[str, float], ...]:
    return tuple(
        (term, float(knob(f"weight.{objective}.{term}", Knob(term, float, usual, -1e6, 1e6))))
        for term, usual in OBJECTIVES[objective].weights.items()
    )


def _more(label: str):
    """Where the advanced knobs of a row fold away."""
    return st.popover("", icon=":material/tune:", help=f"{label} settings")


def _choice(
    key: str,
    label: str,
    registry: Mapping[str, Any],
    options: Sequence[str] | None = None,
    default: str | None = None,
) -> Choice:
    """A registered name, and its knobs folded away beneath it."""
    options = list(registry if options is None else options)
    usual = getattr(Recipe(), key, None)
    default = default or (usual.name if isinstance(usual, Choice) and usual.name in options else options[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = _keep(key, options, default, st.selectbox, label,
                     format_func=lambda name: getattr(registry[name], "title", "") or _title(name))  # fmt: skip
        if not catalog.knobs_of(name):
            return Choice(name)
        function = catalog.function_of(registry[name])
        if key == "schedule":  # it stands inside a popover already, and popovers do not nest
            return Choice.of(name, **_knobs(name, function))
        with _more(_title(name)):
            return Choice.of(name, **_knobs(name, function))


def _knobs(owner: str, function: Callable[..., Any]) -> dict[str, Any]:
    return {name: knob(f"{owner}.{name}", each) for name, each in knobs(function).items()}


def _setting(name: str) -> Any:
    return knob(name, SETTINGS[name], LABELS.get(name))


def knob(key: str, knob: Knob, label: str | None = None) -> Any:
    """The widget of one knob: a switch, a row of choices, a slider over a short range, or a number."""
    label = label or knob.name.replace("_", " ").capitalize()
    help = knob.doc or None
    if knob.kind is bool:
        return _keep(key, None, knob.default, st.toggle, label, help=help)
    if knob.choices:
        widget = st.segmented_control if len(knob.choices) <= 2 else st.selectbox
        extra = {"required": True} if widget is st.segmented_control else {}
        return _keep(key, list(knob.choices), knob.default, widget, label, help=help, **extra)
    low, high = knob.low, knob.high
    if knob.kind is int:
        bounds = {"min_value": None if low is None else int(low), "max_value": None if high is None else int(high)}
        short = low is not None and high is not None and high - low <= 64
        return int(_keep(key, None, knob.default, st.slider if short else st.number_input, label,
                         help=help, step=1, **bounds))  # fmt: skip
    # Open ends are checked with the recipe, so that a forbidden value gets its sentence and not a silent nudge.
    return float(_keep(key, None, float(knob.default), st.number_input, label, help=help, format="%.6g",
                       min_value=low, max_value=high, step=_step(float(knob.default))))  # fmt: skip


def _step(value: float) -> float:
    """A tenth of the value's own power of ten, so that + and − move its second digit."""
    return 10.0 ** (len(f"{abs(value):.0f}") - 2) if abs(value) >= 1 else float(f"{abs(value) or 0.1:.0e}") / 2


def _keep(key: str, options: list[Any] | None, default: Any, widget: Callable[..., Any], label: str, **more: Any):
    """A widget whose value outlives it: Streamlit forgets a widget that a run does not draw."""
    state, kept = st.session_state, _settings()
    if key not in state:
        state[key] = kept.get(key, default)
    if options is not None:
        fits = set(state[key]) <= set(options) if isinstance(state[key], list) else state[key] in options
        if not fits:
            state[key] = default
        value = widget(label, options, key=key, **more)
    else:
        value = widget(label, key=key, **more)
    kept[key] = value
    return value


def _settings() -> dict[str, Any]:
    return st.session_state.setdefault("settings", {})


def _title(name: str) -> str:
    """A registered name as a label: known abbreviations in capitals, the rest with a capital first letter."""
    capitals = {"sgd": "SGD", "mlp": "MLP", "lbfgs": "L-BFGS", "adamw": "AdamW", "rmsprop": "RMSProp"}
    return capitals.get(name, name.replace("-", " ").capitalize())
