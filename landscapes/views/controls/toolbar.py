"""The row above the picture: directions, kind of picture, term and second picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from landscapes.directions import DIRECTIONS
from landscapes.knobs import Knob, knobs
from landscapes.models import MODELS
from landscapes.objectives import OBJECTIVES, Entry
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls.widgets import draw_widget, knob, setting
from landscapes.views.sections.section import Section

LINE = "Line"
# The parts of a model that its boolean knobs switch on.
SWITCHES = {"residual": "skip connections", "skip": "skip connections"}
PICTURES = {"3d": "3-D", "contour": "Contour"}


def choose_directions(recipe: Recipe, *, row: bool = True) -> None:
    """Draw the kinds of directions as a row of buttons, or as a list if not `row`."""
    look: dict[str, Any] = {"required": True, "label_visibility": "collapsed"}
    widget, options = (st.segmented_control, look) if row else (st.selectbox, {})
    fits = catalog.directions_for(recipe.objective.name)
    opening = catalog.opening_of(recipe.objective.name, recipe.data.name, recipe.model.name).directions
    draw_widget("directions", fits, opening.name, widget, "Directions",
         format_func=lambda key: DIRECTIONS[key].title, **options)  # fmt: skip


def choose_picture() -> None:
    """Draw the choice of 3-D surface, contour or line, and that of the vertical scale."""
    draw_widget("picture", [*PICTURES.values(), LINE], PICTURES["3d"], st.segmented_control, "Picture",
          required=True, label_visibility="collapsed")  # fmt: skip
    draw_widget("scale", ["linear", "log"], "linear", st.segmented_control, "Scale",
          required=True, label_visibility="collapsed")  # fmt: skip


def choose_one_step() -> None:
    """Draw the switch that explains the step at the scrubber. A line has no room for arrows."""
    if setting("picture") != LINE:
        draw_widget("one_step", None, False, st.toggle, "One step", width="content",
             help="The vectors of the step as arrows, and the optimizer's rule with its numbers.")  # fmt: skip


def choose_behavior(recipe: Recipe) -> None:
    """Draw the switch that shows what the model does at the scrubber, where there is something to show."""
    if catalog.shows_behavior(recipe):
        draw_widget("behavior", None, False, st.toggle, "What the model does", width="content",
             help="Its predictions, samples or actions at the shown step, or at a clicked point.")  # fmt: skip


def choose_term(recipe: Recipe) -> str:
    """The term that the surface shows; "" for the total. Draw its list for a game or a sum of several terms."""
    if catalog.is_function(recipe):
        return ""
    shown_objective = recipe.objective if recipe.drawn == catalog.SAME else recipe.drawn
    entry = OBJECTIVES[shown_objective.name]
    options = catalog.heights(shown_objective.name, recipe.data.name)
    if entry.players is None and sum(weight != 0 for weight in entry.weights.values()) < 2:
        # No list: the sidebar's weights switch on a penalty of weight 0.
        selected = str(setting("term", ""))
        return selected if selected in options else ""
    return draw_widget("term", options, options[0], st.selectbox, "Height", label_visibility="collapsed",
                       width=200, format_func=lambda name: f"Surface shows: {_height(name, entry)}")  # fmt: skip


def _height(name: str, entry: Entry) -> str:
    """The name of a height in a list."""
    if name in (entry.players or ()):
        return f"{name}'s loss"
    return catalog.symbol(name) if name else f"total {entry.page.value}"


def _term_option(term: str, entry: Entry) -> str:
    """The name of a picture of one term, or of the total, in a list."""
    if not term or term in (entry.players or ()):
        return _height(term, entry)
    return f"{catalog.symbol(term)} term"


def _switch(name: str, is_on: bool) -> str:
    """A boolean knob in words."""
    return f"{'with' if is_on else 'without'} {SWITCHES.get(name, catalog.knob_name(name))}"


def setting_text(selected: str) -> str:
    """Settings in words, for those that the list does not offer: "weight.kl:6.0" is "KL weight 6"."""
    texts = []
    for key, value in (pair.split(":", 1) for pair in selected.split("&") if ":" in pair):
        owner, _, name = key.rpartition(".")
        if owner == "weight":
            number = f"{float(value):g}" if value.replace(".", "", 1).isdigit() else value
            texts.append(f"{catalog.symbol(name)} weight {number}")
        elif value in ("true", "false"):
            texts.append(_switch(name, value == "true"))
        elif key == "split":
            texts.append(f"{catalog.SPLITS.get(value, value)} examples")
        else:
            owner_text = f"{catalog.in_sentence(catalog.entry_title(owner))} " if owner else ""
            texts.append(f"{owner_text}{catalog.knob_name(name)} {value}")
    return ", ".join(texts) or selected


def choose_second_picture(recipe: Recipe) -> None:
    """Draw the list of second pictures, which differ from the first in one setting. `second_picture` returns the
    choice."""
    options = {"": "none"}
    if not catalog.is_function(recipe):
        shown_objective = recipe.objective if recipe.drawn == catalog.SAME else recipe.drawn
        entry = OBJECTIVES[shown_objective.name]
        if catalog.offers_test(recipe.data.name):
            other_split = "test" if recipe.split == "train" else "train"
            options[f"split:{other_split}"] = catalog.examples(replace(recipe, split=other_split))
        if entry.players is not None:
            options |= {
                f"weight.{term}:1.0": f"{catalog.symbol(term)} weight 1"
                for term, weight in recipe.weights
                if weight == 0
            }
        for term in catalog.heights(shown_objective.name, recipe.data.name):
            options |= {} if term == recipe.term else {f"term:{term}": _term_option(term, entry)}
        for name in catalog.drawable_objectives(recipe.objective.name, recipe.data, recipe.model.name):
            options |= {f"drawn:{name}": f"{catalog.in_sentence(OBJECTIVES[name].title)}, same plane"}
        for name, knob in catalog.knobs_of(recipe.model.name).items():
            if knob.kind is bool:
                negated = str(not recipe.model.settings.get(name, knob.default)).lower()
                options[f"{recipe.model.name}.{name}:{negated}"] = _switch(name, negated == "true")
        data, model, objective = recipe.data.name, recipe.model.name, recipe.objective.name
        fitting_objectives = catalog.trainable_objectives(catalog.objectives_for(data, model))
        for key, names, current_name, entries in (
            ("model", catalog.models_for(data, objective), model, MODELS),
            ("objective", fitting_objectives, objective, OBJECTIVES),
            ("directions", catalog.directions_for(objective), recipe.directions.name, DIRECTIONS),
        ):
            options |= {f"{key}:{name}": f"{key}: {entries[name].title}" for name in names if name != current_name}
    selected = str(setting("beside", ""))
    options.setdefault(selected, setting_text(selected))
    draw_widget("beside", list(options), "", st.selectbox, "Beside", label_visibility="collapsed",
                 format_func=lambda key: f"Second picture: {options[key]}")  # fmt: skip


def second_picture() -> tuple[tuple[str, str], ...]:
    """The settings of the second picture that differ from the first, as (key, value)."""
    pairs = (pair.partition(":") for pair in str(setting("beside", "")).split("&"))
    return tuple((key, value) for key, colon, value in pairs if colon)


def second_picture_text(pairs: Iterable[tuple[str, str]]) -> str:
    """The text form of these settings, which `second_picture` parses. The list needs texts as options."""
    return "&".join(f"{key}:{value}" for key, value in pairs)


def choose_section(page: str, sections: Mapping[str, Section], offered: Sequence[str]) -> str:
    """The chosen section. Draw a row of the offered sections and of the open one."""
    selected = str(setting(f"{page} section", ""))
    names = [name for name in sections if name in offered or name == selected]
    return draw_widget(f"{page} section", names, next(iter(offered), names[0]), st.segmented_control, "Section",
                 required=True, label_visibility="collapsed",
                 format_func=lambda name: sections[name].title)  # fmt: skip


def section_knobs(section: Section) -> dict[str, Knob]:
    """The knobs of a section's `compute` and `draw`."""
    return knobs(section.compute) | knobs(section.draw)


def section_settings(name: str, section: Section) -> dict[str, Any]:
    """The settings of a section's knobs."""
    return {key: setting(f"{name}.{key}", each.default) for key, each in section_knobs(section).items()}


def draw_section_settings(name: str, section: Section, recipe: Recipe) -> dict[str, Any]:
    """Draw the widgets of a section's knobs, and of the directions if it depends on the plane. Return the settings
    of all its knobs, hidden ones included."""
    values = section_settings(name, section)
    shown_knobs = {key: each for key, each in section_knobs(section).items() if key not in section.hidden}
    has_directions = section.plane and not catalog.is_function(recipe)
    if shown_knobs or has_directions:
        with st.popover("Settings", icon=":material/tune:"):
            if has_directions:
                choose_directions(recipe, row=False)
            values |= {key: knob(f"{name}.{key}", each) for key, each in shown_knobs.items()}
    return values
