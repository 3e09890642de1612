"""The address bar: the URL holds the recipe, so that a copied address opens the same picture elsewhere.

The recipe is read once, when a session starts, and written after every change. Widgets are not bound to the query
string one by one: Streamlit drops what it cannot read without a word, and here a wrong value gets its sentence.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import fields

import streamlit as st

from landscapes import catalog
from landscapes.lessons import LESSONS
from landscapes.recipe import Recipe
from landscapes.views import controls, widgets

# Keys of the address that are about the page and not about the picture.
PAGE_KEYS = ("present", "lesson")


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


def adopt(given: dict[str, list[str]]) -> str:
    """Set every widget to an address's recipe; the sentence about what is wrong with it, or ""."""
    lesson = (given.get("lesson") or [""])[-1]
    trouble = ""
    recipe = Recipe()
    try:
        if lesson and lesson not in LESSONS:
            raise ValueError(f"there is no lesson {lesson!r}; there are {', '.join(LESSONS)}")
        # A lesson's address is its name alone; once something is changed, the whole recipe stands there.
        rest = {key: texts for key, texts in given.items() if key not in PAGE_KEYS}
        recipe = LESSONS[lesson].recipe if lesson and not rest else catalog.from_query(rest)
        controls.adopt(recipe)
        beside = catalog.neighbour(catalog.complete(recipe))
        if beside is not None:
            catalog.complete(beside)
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


def write(recipe: Recipe) -> None:
    """Make the address say this recipe, and nothing that goes without saying."""
    lesson = str(widgets.setting("lesson", ""))
    query = catalog.to_query(recipe)
    if lesson and catalog.complete(LESSONS[lesson].recipe) == recipe:
        query = {"lesson": [lesson]}
    elif lesson:
        widgets.set_setting("lesson", "")
    if widgets.setting("present", False):
        query["present"] = ["true"]
    if query != {key: st.query_params.get_all(key) for key in st.query_params}:
        st.query_params.from_dict(query)
