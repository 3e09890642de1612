"""The sidebar that builds the recipe, from the registries."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from landscapes.directions import DIRECTIONS
from landscapes.knobs import Knob
from landscapes.models import MODELS
from landscapes.objectives import OBJECTIVES
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.schedules import SCHEDULES
from landscapes.recipes import catalog
from landscapes.recipes.catalog import DATASETS
from landscapes.recipes.recipe import Choice, Recipe
from landscapes.recipes.settings import SETTINGS, WEIGHT
from landscapes.views.controls import formula, own_table
from landscapes.views.controls.mix import chosen_mix, mixable
from landscapes.views.controls.toolbar import LINE, PICTURES, second_picture_text
from landscapes.views.controls.widgets import (
    FUNCTION,
    LAST_RECIPE,
    NETWORK,
    choice,
    draw_widget,
    knob,
    knobs_of,
    notify,
    set_setting,
    setting,
    settings,
    settings_popover,
    title,
)

LABELS = {
    "batch_size": "Batch size (0: all examples)",
    "center": "Centre",
    "extent": "Zoom out (×)",
    "split": "Examples shown",
    "tolerance": "Accuracy of the surface",
    "start": "Paths start at",
    "space": "From the picked point, train",
    "start_x": "Picked start, first axis",
    "start_y": "Picked start, second axis",
    "eigenvalues": "Eigenvalues at each end",
}


def set_widgets(recipe: Recipe) -> None:
    """Set every widget to this recipe. Call this before the widgets are drawn.

    Raises:
        ValueError: if the recipe is invalid. Nothing is changed then.
    """
    recipe = catalog.complete(recipe)
    function = catalog.is_function(recipe)
    values: dict[str, Any] = {name: getattr(recipe, name) for name in SETTINGS}
    owners = [recipe.objective, recipe.schedule, *recipe.optimizers]
    owners += [] if function else [recipe.model, recipe.data, recipe.directions, recipe.drawn]
    values |= {f"{owner.name}.{knob}": value for owner in owners for knob, value in owner.knobs}
    values |= {f"weight.{recipe.objective.name}.{term}": weight for term, weight in recipe.weights}
    values["kind"] = FUNCTION if function else NETWORK
    values["function" if function else "objective"] = recipe.objective.name
    values["drawn"], values["term"] = recipe.drawn.name, recipe.term
    values["mix"] = mixable(recipe), recipe.mix
    if not function:
        values["family"] = OBJECTIVES[recipe.objective.name].page.family
    values["optimizers"] = [choice.name for choice in recipe.optimizers]
    values["schedule"] = recipe.schedule.name
    values["picture"] = LINE if recipe.dimension == 1 else PICTURES[recipe.view]
    values["beside"] = second_picture_text(recipe.beside)
    if not function:
        values |= {"model": recipe.model.name, "data": recipe.data.name, "directions": recipe.directions.name}
    for name in OPTIMIZERS:
        if (rate := catalog.default_rate(recipe.objective, name)) is not None:
            values.setdefault(f"{name}.learning_rate", rate)
    for key, value in values.items():
        set_setting(key, value)
    settings()["rates for"] = _scale(recipe.objective)


def draw() -> Recipe:
    """Draw the widgets of the recipe and return the recipe, which may be invalid."""
    with st.sidebar:
        kind = draw_widget("kind", [NETWORK, FUNCTION], NETWORK, st.segmented_control, "Kind of problem",
                     required=True, label_visibility="collapsed", width="stretch")  # fmt: skip
        model, data, directions, weights = Choice("none"), Choice("none"), Choice("coordinates"), ()
        drawn_objective, is_full_batch = catalog.SAME, True
        if kind == FUNCTION:
            objective = choice("function", "Function", catalog.ALL_FUNCTIONS, default="bowl")
            if objective.name in catalog.WRITTEN:
                objective = formula.own_formula()
        else:
            objective = _objective()
            if objective.name in catalog.WRITTEN:
                objective = formula.own_loss()
            data = _chosen_data(objective)
            model = _chosen_model(objective, data)
            is_full_batch = DATASETS[data.name].whole
        optimizers = _optimizers(objective)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            steps = _setting("steps")
            with settings_popover("Training"):
                batch_size = 0 if is_full_batch else _setting("batch_size")
                fits = catalog.schedules_for(objective.name)
                schedule = choice("schedule", "Learning-rate schedule", SCHEDULES, fits, default="constant")
        scalars = {"steps": steps, "batch_size": batch_size}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            scalars["start"] = _setting("start")
            with settings_popover("Start"):
                for name in ["start_x", "start_y", *(["space"] if kind == NETWORK else [])]:
                    scalars[name] = _setting(name)
        if kind == NETWORK:
            with st.expander("Term weights"):
                weights = _weights(objective.name, data.name)
        with st.expander("Picture"):
            network = ["center", "precision", "eigenvalues"] if kind == NETWORK else []
            split = ["split"] if kind == NETWORK and catalog.offers_test(data.name) else []
            for name in [*network, *split, "extent", "tolerance", "seed"]:
                scalars[name] = _setting(name)
            if kind == NETWORK:
                has_noise = OBJECTIVES[objective.name].stochastic or scalars["batch_size"]
                if has_noise and setting("picture") == LINE:
                    scalars["draws"] = _setting("draws")
                drawn_objective = _drawn(objective, data, model)
                direction = str(setting("directions", Recipe().directions.name))
                settings = knobs_of(direction, catalog.function_of(DIRECTIONS[direction]))
                directions = Choice.of(direction, **settings)
    recipe = Recipe(
        objective=objective,
        model=model,
        data=data,
        weights=weights,
        optimizers=optimizers,
        schedule=schedule,
        directions=directions,
        drawn=drawn_objective,
        dimension=1 if setting("picture") == LINE else 2,
        view="contour" if setting("picture") == PICTURES["contour"] else "3d",
        scale=str(setting("scale", "linear")),
        one_step=bool(setting("one_step", False)),
        behavior=bool(setting("behavior", False)),
        **scalars,
    )
    return replace(recipe, mix=chosen_mix(recipe))


def _objective() -> Choice:
    """Draw the lists of families and of the objectives of one family. Return the chosen objective."""
    names = catalog.trainable_objectives(OBJECTIVES)
    families = list(dict.fromkeys(OBJECTIVES[name].page.family for name in names))
    family = draw_widget("family", families, families[0], st.selectbox, "Family", on_change=_open_family)
    family_names = [name for name in names if OBJECTIVES[name].page.family == family]
    return choice("objective", "Objective", OBJECTIVES, family_names, on_change=partial(_change, "objective"))


def _chosen_data(objective: Choice) -> Choice:
    """Draw the list of data sets that fit, and return the chosen one. An own problem brings its data."""
    fits = catalog.datasets_for(objective.name)
    if catalog.is_own(objective.name):
        return Choice(fits[0])
    fits += own_table.offered(objective.name)
    data_choice = choice("data", "Data", DATASETS, fits, on_change=partial(_change, "data"))
    return own_table.draw(data_choice, _open_table)


def _chosen_model(objective: Choice, data: Choice) -> Choice:
    """Draw the list of models that fit, and return the chosen one. An own problem brings its parameters."""
    fits = catalog.models_for(data.name, objective.name)
    if catalog.is_own(objective.name):
        return Choice(fits[0])
    return choice("model", "Model", MODELS, fits, on_change=partial(_change, "model"))


def _open_family() -> None:
    """Choose the objective of the new family that needs the fewest changes."""
    if (family := st.session_state.get("family")) is None:  # see `_change`
        return
    names = [name for name, entry in OBJECTIVES.items() if entry.page.family == family]
    st.session_state["objective"] = catalog.nearest_objective(_before(), names)
    _change("objective")


def _change(key: str) -> None:
    """Change the objective, data or model, keep all settings that still fit, and notify of the others.

    A click that opens a whole recipe, as that of a lesson, removes the keys of the lists. Streamlit then calls
    their callbacks in the same run, and there is nothing to change.
    """
    if (name := st.session_state.get(key)) is None:
        return
    old_recipe = _before()
    old_knobs = {
        knob: settings()[knob_key]
        for knob in catalog.knobs_of(name)
        if (knob_key := f"{name}.{knob}") in settings()
    }
    change = {"objective": catalog.with_objective, "data": catalog.with_data, "model": catalog.with_model}[key]
    new_recipe = change(old_recipe, Choice.of(name, **old_knobs))
    set_widgets(new_recipe)
    notify(catalog.explain(old_recipe, new_recipe, key))


def _open_table(data: Choice) -> None:
    """Use a table as the data, with an objective that fits."""
    old_recipe = _before()
    set_widgets(new_recipe := catalog.with_table(old_recipe, data))
    notify(catalog.explain(old_recipe, new_recipe, "data"))


def _before() -> Recipe:
    """The complete recipe of the last run."""
    return catalog.repair(st.session_state.get(LAST_RECIPE, Recipe()))[0]


def _drawn(objective: Choice, data: Choice, model: Choice) -> Choice:
    """The objective whose surface is drawn: the trained one, or another one of the same parameters."""
    drawable = catalog.drawable_objectives(objective.name, data, model.name)
    if not drawable:
        return catalog.SAME
    options = [catalog.SAME.name, *drawable]
    titles = {name: OBJECTIVES[name].title for name in drawable} | {catalog.SAME.name: "the trained objective"}
    name = draw_widget("drawn", options, options[0], st.selectbox, "Surface of", format_func=titles.get,
                help="Another objective over the same parameters and the same plane.")  # fmt: skip
    if name == catalog.SAME.name:
        return catalog.SAME
    if name in catalog.WRITTEN:
        return formula.own_loss()
    return Choice.of(name, **knobs_of(name, OBJECTIVES[name].terms))


def _optimizers(objective: Choice) -> tuple[Choice, ...]:
    _scale_rates(objective)
    opening = [choice.name for choice in catalog.opening_of(objective.name).optimizers]
    fits = catalog.optimizers_for(objective.name)
    names = draw_widget("optimizers", fits, opening, st.multiselect, "Optimizers", format_func=title)
    choices = []
    with st.container(horizontal=True, gap="small"):
        for name in names:
            with st.popover(title(name), type="tertiary"):
                choices.append(Choice.of(name, **knobs_of(name, OPTIMIZERS[name])))
    return tuple(choices)


def _scale_rates(objective: Choice) -> None:
    """Set the learning rates when the scale of the objective changes: to the last ones of this objective, or to
    its defaults."""
    scale, old_scale = _scale(objective), settings().setdefault("rates for", _scale(objective))
    if scale == old_scale:
        return
    keys = {name: f"{name}.learning_rate" for name in OPTIMIZERS if "learning_rate" in catalog.knobs_of(name)}
    rates = settings().get("rates", {})
    rates = rates | {old_scale: {name: setting(key) for name, key in keys.items() if setting(key) is not None}}
    opening_rates = {
        choice.name: choice.settings.get("learning_rate")
        for choice in catalog.opening_of(objective.name).optimizers
    }
    changed = []
    for name, key in keys.items():
        rate = (
            catalog.default_rate(objective, name)
            or opening_rates.get(name)
            or catalog.knobs_of(name)["learning_rate"].default
        )
        rate = rates.get(scale, {}).get(name, rate)
        if name in setting("optimizers", ()) and setting(key, rate) != rate:
            changed.append(f"{title(name)} {rate:.4g}")
        set_setting(key, rate)
    settings().update({"rates for": scale, "rates": rates})
    if changed:
        notify(f"Learning rates changed to those of {catalog.entry_title(objective.name)}: {', '.join(changed)}.")


def _scale(objective: Choice) -> str:
    """A text that identifies everything that the default learning rates depend on."""
    if objective.name in catalog.ALL_FUNCTIONS:
        return repr(objective)
    return repr({name: catalog.default_rate(objective, name) for name in OPTIMIZERS})


def _weights(objective: str, data: str) -> tuple[tuple[str, float], ...]:
    return tuple(
        (term, float(knob(f"weight.{objective}.{term}", Knob(term, float, weight, -1e6, 1e6, doc=WEIGHT.doc))))
        for term, weight in catalog.default_weights(objective, data).items()
    )


def _setting(name: str) -> Any:
    return knob(name, SETTINGS[name], LABELS.get(name))
