"""The address bar: the URL holds the recipe, so that a copied address opens the same picture elsewhere.

The recipe is read once, when a session starts, and written after every change. Widgets are not bound to the query
string one by one: Streamlit drops what it cannot read without a word, and here a wrong value gets its sentence.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import streamlit as st

from landscapes import catalog
from landscapes.lessons import LESSONS
from landscapes.recipe import Recipe
from landscapes.views import controls, toolbar, travel, widgets
from landscapes.views.sections import PAGES, SECTIONS

# Keys of the address that are about the page and not about the picture; so are a section's knobs.
PAGE_KEYS = ("present", "lesson", "section")


def open_once() -> str:
    """Adopt the address's recipe when the session opens; later calls do nothing.

    Returns:
        One sentence about what the address got wrong, or "".
    """
    if st.session_state.get("opened"):
        return ""
    st.session_state["opened"] = True
    given = {key: st.query_params.get_all(key) for key in st.query_params}
    return adopt(given)


def follow() -> str:
    """Adopt the address when the session opens and when the browser went back or forward; the sentence about what
    is wrong with it, or ""."""
    trouble = open_once()
    return adopt(travel.current()) if travel.travelled() else trouble


def adopt(given: dict[str, list[str]]) -> str:
    """Set every widget to an address's recipe; the sentence about what is wrong with it, or ""."""
    lesson = (given.get("lesson") or [""])[-1]
    trouble = ""
    recipe = Recipe()
    try:
        sections = _sections(given)
        if lesson and lesson not in LESSONS:
            raise ValueError(f"there is no lesson {lesson!r}; there are {', '.join(LESSONS)}")
        # A lesson's address is its name alone; once something is changed, the whole recipe stands there.
        rest = {key: texts for key, texts in given.items() if not _about_page(key)}
        recipe = LESSONS[lesson].recipe if lesson and not rest else catalog.from_query(rest)
        controls.adopt(recipe)
        beside = catalog.neighbour(catalog.complete(recipe))
        if beside is not None:
            catalog.complete(beside)
        for key, value in sections.items():
            widgets.set_setting(key, value)
        trouble = _misspelt(rest)
    except ValueError as error:
        trouble = str(error)
        lesson = ""
        controls.adopt(Recipe())
    widgets.set_setting("lesson", lesson)
    widgets.set_setting("present", (given.get("present") or [""])[-1] == "true")
    return trouble


def _misspelt(given: Iterable[str]) -> str:
    """A sentence about the first key that is nearly one of a recipe's, or "". Keys that resemble none are left
    alone: mail programs and search engines add their own."""
    known = [spec.name for spec in fields(Recipe)]
    for key in given:
        if "." not in key and key not in known and (close := difflib.get_close_matches(key, known, n=1)):
            return f"{key} is not part of an address, and was ignored; did you mean {close[0]}?"
    return ""


def _about_page(key: str) -> bool:
    return key in PAGE_KEYS or key.partition(".")[0] in SECTIONS


def _sections(given: dict[str, list[str]]) -> dict[str, Any]:
    """The settings that say which section of its page is shown, and with which knobs.

    Raises:
        ValueError: for an unknown section or knob, or a value out of range.
    """
    found: dict[str, Any] = {}
    if name := (given.get("section") or [""])[-1]:
        if name not in SECTIONS:
            raise ValueError(f"there is no section {name!r}; there are {', '.join(SECTIONS)}")
        found |= {f"{page} section": name for page, sections in PAGES.items() if name in sections}
    for key, texts in given.items():
        owner, _, knob = key.partition(".")
        if owner in SECTIONS and texts:
            known = toolbar.section_knobs(SECTIONS[owner])
            if knob not in known:
                raise ValueError(f"{owner} has no knob {knob!r}; it has: {', '.join(known) or 'none'}")
            found[key] = known[knob].check(texts[-1])
    return found


def write(recipe: Recipe, page: str = "") -> None:
    """Make the address say this recipe and what its page is set to, and nothing that goes without saying."""
    lesson = str(widgets.setting("lesson", ""))
    query = catalog.to_query(recipe)
    if lesson and catalog.complete(LESSONS[lesson].recipe) == recipe:
        query = {"lesson": [lesson]}
    elif lesson:
        widgets.set_setting("lesson", "")
    if widgets.setting("present", False):
        query["present"] = ["true"]
    if sections := PAGES.get(page):
        usual = next(iter(sections))
        shown = str(widgets.setting(f"{page} section", usual))
        if shown != usual:
            query["section"] = [shown]
        for name, knob in toolbar.section_knobs(sections[shown]).items():
            value = widgets.setting(f"{shown}.{name}", knob.default)
            if value != knob.default:
                query[f"{shown}.{name}"] = [str(value).lower() if knob.kind is bool else str(value)]
    if query != {key: st.query_params.get_all(key) for key in st.query_params}:
        st.query_params.from_dict(query)
