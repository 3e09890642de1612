"""The address bar: the URL holds the recipe, so that a copied address opens the same picture elsewhere.

The recipe is read when a session starts and when the browser goes back or forward, and written after every change.
Widgets are not bound to the query string one by one, because Streamlit silently drops values that it cannot read.
This module keeps all valid settings, returns a sentence for every fault, and leaves the address as it is until the
viewer changes something.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from landscapes.knobs import nearest
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import browser_history, lessons, sidebar, toolbar, widgets
from landscapes.views.sections import PAGES, SECTIONS
from landscapes.views.stage import shared_view

# Keys of the address that concern the page and not the picture. The knobs of sections concern the page too.
PAGE_KEYS = ("present", "lesson", lessons.LIST_KEY, "section", shared_view.KEY)
FAULTY_ADDRESS = "kept address"  # session key of an address with faults and the query that replaces it


def open_once() -> list[str]:
    """Adopt the address's recipe when the session opens; later calls do nothing.

    Returns:
        One sentence for each fault of the address.
    """
    if st.session_state.get("opened"):
        return []
    st.session_state["opened"] = True
    return apply_query(browser_history.current())


def follow() -> list[str]:
    """Adopt the address when the session opens and when the browser went back or forward. Return one sentence for
    each fault."""
    faults = open_once()
    return apply_query(browser_history.current()) if browser_history.has_navigated() else faults


def apply_query(query: dict[str, list[str]]) -> list[str]:
    """Set every widget to the valid settings of an address. Return one sentence for each fault."""
    page, faults = _page_settings(query)
    faults += shared_view.read_view(query)
    lesson = page["lesson"]
    recipe_query = {key: texts for key, texts in query.items() if not _is_page_key(key)}
    # The address of a lesson is its name. Further settings change the lesson's recipe.
    base = LESSONS[lesson].recipe if lesson else None
    recipe, recipe_faults = catalog.read_address(recipe_query, others=PAGE_KEYS, owners=SECTIONS, base=base)
    sidebar.set_widgets(recipe)
    if lesson:  # its text is shown at once, so the last picture must not stay below it
        for slot in ("picture", "beside"):
            st.session_state.pop(f"last {slot}", None)
    for key, value in page.items():
        widgets.set_setting(key, value)
    st.session_state[FAULTY_ADDRESS] = (query, None) if faults or recipe_faults else None
    return recipe_faults + faults


def open_lesson(name: str) -> None:
    """Set every widget to the recipe of a lesson, which counts as the opening of the session.

    Presenter mode stays.
    """
    st.session_state["opened"] = True
    present = widgets.setting("present", False)
    browser_history.leave()
    if (own_lesson := lessons.loaded_lessons().get(name)) is None:
        apply_query(lessons.address(name))
        widgets.set_setting("present", present)
        return
    apply_query({key: list(texts) for key, texts in catalog.to_query(catalog.complete(own_lesson.recipe)).items()})
    for slot in ("picture", "beside"):
        st.session_state.pop(f"last {slot}", None)
    widgets.set_setting("lesson", name)
    widgets.set_setting("present", present)


def open_recipe(recipe: Recipe) -> None:
    """Set every widget to a recipe that a click opens."""
    browser_history.leave()
    sidebar.set_widgets(recipe)


def _is_page_key(key: str) -> bool:
    owner, dot, _ = key.partition(".")
    return key in PAGE_KEYS or bool(dot and owner in SECTIONS)


def _page_settings(query: dict[str, list[str]]) -> tuple[dict[str, Any], list[str]]:
    """The settings of the page (its lesson, its section with knobs, presenter mode), and one sentence for each
    setting that does not exist or is out of range."""
    faults = []
    last = {key: texts[-1] for key, texts in query.items() if texts and _is_page_key(key)}
    lesson, section, present = (last.get(key, "") for key in ("lesson", "section", "present"))
    if present not in ("", "true", "false"):
        faults.append(f"present = {present!r} is neither true nor false")
    values: dict[str, Any] = {"lesson": lesson if lesson in LESSONS else "", "present": present == "true"}
    if lesson and lesson not in LESSONS:
        hint = nearest(lesson, LESSONS, f"there are {', '.join(LESSONS)}")
        faults.append(f"there is no lesson {lesson!r}; {hint}")
    if section and section not in SECTIONS:
        choices = PAGES.get(str(st.session_state.get("page")), SECTIONS)  # the sections of this page
        hint = nearest(section, choices, f"there are {', '.join(choices)}")
        faults.append(f"there is no section {section!r}; {hint}")
    names, unknown = lessons.parse_list(last.get(lessons.LIST_KEY, ""))
    values[lessons.LIST_KEY] = names
    faults += unknown
    values |= {f"{page} section": section for page, sections in PAGES.items() if section in sections}
    for key, text in last.items():
        owner, dot, knob = key.partition(".")
        if not dot:
            continue
        choices = toolbar.section_knobs(SECTIONS[owner])
        if knob not in choices:
            hint = nearest(knob, choices, f"it has: {', '.join(choices) or 'none'}")
            faults.append(f"{owner} has no knob {knob!r}; {hint}")
            continue
        try:
            values[key] = choices[knob].check(text)
        except ValueError as error:
            faults.append(f"{owner}: {error}")
    return values, faults


def write(recipe: Recipe, page: str = "") -> None:
    """Write the recipe and the settings of its page to the address, without defaults."""
    query = lessons.address_of(recipe)
    if query is None:
        widgets.set_setting("lesson", "")
        query = catalog.to_query(recipe)
    if widgets.setting("present", False):
        query["present"] = ["true"]
    if sections := PAGES.get(page):
        first = next(iter(sections))
        section = str(widgets.setting(f"{page} section", first))
        if section != first:
            query["section"] = [section]
        for name, knob in toolbar.section_knobs(sections[section]).items():
            value = widgets.setting(f"{section}.{name}", knob.default)
            if value != knob.default:
                query[f"{section}.{name}"] = [str(value).lower() if knob.kind is bool else str(value)]
    shared_view.write_view(query)
    shared_view.set_notes(_share_notes(recipe))
    if not _is_faulty_and_unchanged(query) and query != browser_history.current():
        st.query_params.from_dict(query)


def _share_notes(recipe: Recipe) -> list[str]:
    """Sentences on what the address of a picture does not carry."""
    notes = []
    if catalog.is_table(recipe.data.name) and not recipe.data.settings.get("packed"):
        notes.append(
            "The link does not carry your table, which stays in this tab. Whoever opens the link has to upload "
            "the same file; a small table can be put into the address in the sidebar."
        )
    if catalog.is_own(recipe.objective.name):
        notes.append("The link opens only on a server that was started with your problem.")
    if lessons.open_name() in lessons.loaded_lessons():
        notes.append("The link does not carry the texts of your lesson. Send its file, too.")
    return notes


def _is_faulty_and_unchanged(query: dict[str, list[str]]) -> bool:
    """Whether the address has faults and nothing has been changed since it was opened. It then stays as it is."""
    opened, replacement = st.session_state.get(FAULTY_ADDRESS) or ({}, None)
    if not opened or opened != browser_history.current() or replacement not in (None, query):
        st.session_state[FAULTY_ADDRESS] = None
        return False
    st.session_state[FAULTY_ADDRESS] = opened, query
    return True
