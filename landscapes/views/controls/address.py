"""The address bar: the URL holds the recipe, so that a copied address opens the same picture elsewhere.

The recipe is read when a session starts and when the browser goes back or forward, and written after every change.
Widgets are not bound to the query string one by one: Streamlit drops what it cannot read without a word. Here all
that is valid is kept, every fault gets its sentence, and the address stays as it is until the viewer changes
something.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from landscapes.knobs import nearest
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import browser_history, sidebar, toolbar, widgets
from landscapes.views.sections import PAGES, SECTIONS

# Keys of the address that are about the page and not about the picture; so are a section's knobs.
PAGE_KEYS = ("present", "lesson", "section")
KEPT = "kept address"  # an address with faults, and what would be written in its place


def open_once() -> list[str]:
    """Adopt the address's recipe when the session opens; later calls do nothing.

    Returns:
        A sentence on each thing that the address got wrong.
    """
    if st.session_state.get("opened"):
        return []
    st.session_state["opened"] = True
    return adopt(browser_history.current())


def follow() -> list[str]:
    """Adopt the address when the session opens and when the browser went back or forward; a sentence on each
    thing that is wrong with it."""
    faults = open_once()
    return adopt(browser_history.current()) if browser_history.travelled() else faults


def adopt(given: dict[str, list[str]]) -> list[str]:
    """Set every widget to what is valid of an address; a sentence on each thing that is wrong with it."""
    page, faults = _page_settings(given)
    lesson = page["lesson"]
    rest = {key: texts for key, texts in given.items() if not _about_page(key)}
    # A lesson's address is its name alone; what else stands there is laid over the lesson.
    base = LESSONS[lesson].recipe if lesson else None
    recipe, wrong = catalog.read_address(rest, others=PAGE_KEYS, owners=SECTIONS, base=base)
    sidebar.adopt(recipe)
    if lesson:  # its words come at once, and not above another picture
        for slot in ("picture", "beside"):
            st.session_state.pop(f"last {slot}", None)
    for key, value in page.items():
        widgets.set_setting(key, value)
    st.session_state[KEPT] = (given, None) if faults or wrong else None
    return wrong + faults


def _about_page(key: str) -> bool:
    owner, dot, _ = key.partition(".")
    return key in PAGE_KEYS or bool(dot and owner in SECTIONS)


def _page_settings(given: dict[str, list[str]]) -> tuple[dict[str, Any], list[str]]:
    """The settings of the page (its lesson, its section with that one's knobs, whether it is presented), and a
    sentence on each that does not exist or is out of range."""
    faults = []
    last = {key: texts[-1] for key, texts in given.items() if texts and _about_page(key)}
    lesson, section, present = (last.get(key, "") for key in ("lesson", "section", "present"))
    if present not in ("", "true", "false"):
        faults.append(f"present = {present!r} is neither true nor false")
    found: dict[str, Any] = {"lesson": lesson if lesson in LESSONS else "", "present": present == "true"}
    if lesson and lesson not in LESSONS:
        hint = nearest(lesson, LESSONS, f"there are {', '.join(LESSONS)}")
        faults.append(f"there is no lesson {lesson!r}; {hint}")
    if section and section not in SECTIONS:
        hint = nearest(section, SECTIONS, f"there are {', '.join(SECTIONS)}")
        faults.append(f"there is no section {section!r}; {hint}")
    found |= {f"{page} section": section for page, sections in PAGES.items() if section in sections}
    for key, text in last.items():
        owner, dot, knob = key.partition(".")
        if not dot:
            continue
        known = toolbar.section_knobs(SECTIONS[owner])
        if knob not in known:
            hint = nearest(knob, known, f"it has: {', '.join(known) or 'none'}")
            faults.append(f"{owner} has no knob {knob!r}; {hint}")
            continue
        try:
            found[key] = known[knob].check(text)
        except ValueError as error:
            faults.append(f"{owner}: {error}")
    return found, faults


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
    if not _keeps(query) and query != browser_history.current():
        st.query_params.from_dict(query)


def _keeps(query: dict[str, list[str]]) -> bool:
    """Whether the bar holds an address with faults, and nothing has been changed since it was opened."""
    given, instead = st.session_state.get(KEPT) or ({}, None)
    if not given or given != browser_history.current() or instead not in (None, query):
        st.session_state[KEPT] = None
        return False
    st.session_state[KEPT] = given, query
    return True
