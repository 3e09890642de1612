"""The row over the picture: what spans it, how it is drawn, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from landscapes.directions import DIRECTIONS
from landscapes.knobs import Knob, knobs
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls.widgets import keep, knob, setting
from landscapes.views.sections.section import Section
from models import MODELS
from objectives import DATASETS, OBJECTIVES, Entry

LINE = "Line"
# What flags of models switch, in words.
SWITCHES = {"residual": "skip connections", "skip": "skip connections"}
PICTURES = {"3d": "3-D", "contour": "Contour"}


def choose_directions(recipe: Recipe, *, row: bool = True) -> None:
    """The kinds of directions in a row over the picture, where another view of the same solution is one click, or
    in a list."""
    look: dict[str, Any] = {"required": True, "label_visibility": "collapsed"}
    widget, more = (st.segmented_control, look) if row else (st.selectbox, {})
    fits = catalog.directions_for(recipe.objective.name)
    usual = catalog.opening_of(recipe.objective.name, recipe.data.name, recipe.model.name).directions
    keep("directions", fits, usual.name, widget, "Directions",
         format_func=lambda key: DIRECTIONS[key].title, **more)  # fmt: skip


def choose_picture() -> None:
    """3-D surface, contour or line, and the vertical scale."""
    keep("picture", [*PICTURES.values(), LINE], PICTURES["3d"], st.segmented_control, "Picture",
          required=True, label_visibility="collapsed")  # fmt: skip
    keep("scale", ["linear", "log"], "linear", st.segmented_control, "Scale",
          required=True, label_visibility="collapsed")  # fmt: skip


def choose_term(recipe: Recipe) -> str:
    """Which of several terms the height is, for a game or a weighted sum of several; "" for the sum."""
    if catalog.is_function(recipe):
        return ""
    own = recipe.objective if recipe.drawn == catalog.SAME else recipe.drawn
    entry = OBJECTIVES[own.name]
    options = catalog.heights(own.name)
    if entry.players is None and sum(weight != 0 for weight in entry.weights.values()) < 2:
        # Penalties of weight 0 are a matter for the sidebar's weights.
        held = str(setting("term", ""))
        return held if held in options else ""
    return keep("term", options, options[0], st.selectbox, "Height", label_visibility="collapsed", width=200,
                 format_func=lambda name: f"Surface shows: {_height(name, entry)}")  # fmt: skip


def _height(name: str, entry: Entry) -> str:
    """What a height is called in a menu."""
    if name in (entry.players or ()):
        return f"{name}'s loss"
    return catalog.symbol(name) if name else f"total {entry.page.value}"


def _term_option(term: str, entry: Entry) -> str:
    """What a menu calls a picture of one term, or of the total."""
    if not term or term in (entry.players or ()):
        return _height(term, entry)
    return f"{catalog.symbol(term)} term"


def _switch(name: str, on: bool) -> str:
    """A knob of two states, on or off, in words."""
    return f"{'with' if on else 'without'} {SWITCHES.get(name, catalog.knob_name(name))}"


def setting_text(held: str) -> str:
    """Settings that no option of the menu holds: "weight.kl:6.0" is "KL weight 6"."""
    texts = []
    for key, value in (pair.split(":", 1) for pair in held.split("&") if ":" in pair):
        owner, _, name = key.rpartition(".")
        if owner == "weight":
            number = f"{float(value):g}" if value.replace(".", "", 1).isdigit() else value
            texts.append(f"{catalog.symbol(name)} weight {number}")
        elif value in ("true", "false"):
            texts.append(_switch(name, value == "true"))
        elif key == "split":
            texts.append(f"{catalog.SPLITS.get(value, value)} examples")
        else:
            whose = f"{catalog.in_sentence(catalog.entry_title(owner))} " if owner else ""
            texts.append(f"{whose}{catalog.knob_name(name)} {value}")
    return ", ".join(texts) or held


def choose_beside(recipe: Recipe) -> None:
    """A second picture next to the first that differs in one setting; what was chosen is read by `beside`."""
    options = {"": "none"}
    if not catalog.is_function(recipe):
        own = recipe.objective if recipe.drawn == catalog.SAME else recipe.drawn
        entry = OBJECTIVES[own.name]
        if not DATASETS[recipe.data.name].whole:
            other = "test" if recipe.split == "train" else "train"
            options[f"split:{other}"] = catalog.examples(replace(recipe, split=other))
        if entry.players is not None:
            options |= {
                f"weight.{term}:1.0": f"{catalog.symbol(term)} weight 1"
                for term, weight in recipe.weights
                if weight == 0
            }
        for term in catalog.heights(own.name):
            options |= {} if term == recipe.term else {f"term:{term}": _term_option(term, entry)}
        for name in catalog.drawable_objectives(recipe.objective.name, recipe.data, recipe.model.name):
            options |= {f"drawn:{name}": f"{catalog.in_sentence(OBJECTIVES[name].title)}, same plane"}
        for name, knob in catalog.knobs_of(recipe.model.name).items():
            if knob.kind is bool:
                flipped = str(not recipe.model.settings.get(name, knob.default)).lower()
                options[f"{recipe.model.name}.{name}:{flipped}"] = _switch(name, flipped == "true")
        data, model, objective = recipe.data.name, recipe.model.name, recipe.objective.name
        fitting = catalog.trainable_objectives(catalog.objectives_for(data, model))
        for key, names, mine, entries in (
            ("model", catalog.models_for(data, objective), model, MODELS),
            ("objective", fitting, objective, OBJECTIVES),
            ("directions", catalog.directions_for(objective), recipe.directions.name, DIRECTIONS),
        ):
            options |= {f"{key}:{name}": f"{key}: {entries[name].title}" for name in names if name != mine}
    held = str(setting("beside", ""))
    options.setdefault(held, setting_text(held))
    keep("beside", list(options), "", st.selectbox, "Beside", label_visibility="collapsed",
                 format_func=lambda key: f"Second picture: {options[key]}")  # fmt: skip


def beside() -> tuple[tuple[str, str], ...]:
    """What stands beside the picture on the page that shows two, for an address to keep."""
    pairs = (pair.partition(":") for pair in str(setting("beside", "")).split("&"))
    return tuple((key, value) for key, colon, value in pairs if colon)


def beside_text(pairs: Iterable[tuple[str, str]]) -> str:
    """The setting that `beside` reads back: one text, because a list of choices holds texts."""
    return "&".join(f"{key}:{value}" for key, value in pairs)


def choose_section(page: str, sections: Mapping[str, Section], offered: Sequence[str]) -> str:
    """The row of a page's sections that have something to show, and of the one that is open."""
    held = str(setting(f"{page} section", ""))
    names = [name for name in sections if name in offered or name == held]
    return keep(f"{page} section", names, next(iter(offered), names[0]), st.segmented_control, "Section",
                 required=True, label_visibility="collapsed",
                 format_func=lambda name: sections[name].title)  # fmt: skip


def section_knobs(section: Section) -> dict[str, Knob]:
    """The knobs of what computes a section and of what draws it."""
    return knobs(section.compute) | knobs(section.draw)


def given(name: str, section: Section) -> dict[str, Any]:
    """What a section's knobs are set to."""
    return {key: setting(f"{name}.{key}", each.default) for key, each in section_knobs(section).items()}


def set_section(name: str, section: Section, recipe: Recipe) -> dict[str, Any]:
    """The widgets of a section's knobs, and what they and the hidden ones are set to; among them the directions of
    the plane that it depends on."""
    found = given(name, section)
    shown = {key: each for key, each in section_knobs(section).items() if key not in section.hidden}
    spanned = section.plane and not catalog.is_function(recipe)
    if shown or spanned:
        with st.popover("Settings", icon=":material/tune:"):
            if spanned:
                choose_directions(recipe, row=False)
            found |= {key: knob(f"{name}.{key}", each) for key, each in shown.items()}
    return found
