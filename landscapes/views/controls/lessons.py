"""The lessons of a session: the list that its address names, those that its viewer has loaded from files, and the
ones before and after the open lesson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs

import streamlit as st

from landscapes.knobs import nearest
from landscapes.lessons import LESSONS, OWN_SECTION, Lesson, read_lessons
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Recipe
from landscapes.recipes.serialization import text_of
from landscapes.views.controls import widgets
from landscapes.views.stage import shared_view

VIEWS = ("view", "dimension", "scale", "one_step", "behavior")  # settings that show the same lesson in another way
LIST_KEY = "lessons"  # of the address: names with commas between them
MAX_OWN = 100  # lessons from files in a session


def lesson(name: str) -> Lesson | None:
    """The lesson of this name, or None."""
    return LESSONS.get(name) or loaded_lessons().get(name)


def loaded_lessons() -> dict[str, Lesson]:
    """The lessons that this session has loaded from files."""
    return st.session_state.setdefault(OWN_SECTION, {})


def load(text: str) -> None:
    """Add the lessons of a file to those of this session. One of the same title is replaced.

    Raises:
        ValueError: one sentence, if it holds no lessons, or one whose recipe is not valid. Nothing is added then.
    """
    new_lessons = {f"own {each.title}": each for each in read_lessons(text)}
    for each in new_lessons.values():
        for recipe in (each.recipe, *map(each.varied, each.next)):
            catalog.complete(recipe)
    if len(loaded_lessons() | new_lessons) > MAX_OWN:
        raise ValueError(f"a tab keeps at most {MAX_OWN} lessons; load the page again to begin anew")
    loaded_lessons().update(new_lessons)


def open_name() -> str:
    """The name of the open lesson, or ""."""
    return str(widgets.setting("lesson", ""))


def parse_list(text: str) -> tuple[tuple[str, ...], list[str]]:
    """The lessons of a list in an address, each once, and one sentence for each that does not exist."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    valid_names = tuple(dict.fromkeys(name for name in names if name in LESSONS))
    hints = {
        name: nearest(name, LESSONS, f"there are {', '.join(LESSONS)}") for name in names if name not in LESSONS
    }
    return valid_names, [f"there is no lesson {name!r}; {hint}" for name, hint in hints.items()]


def listed_lessons() -> dict[str, Lesson]:
    """The lessons of this session's list, or all if it has none."""
    names = widgets.setting(LIST_KEY, ())
    return {name: LESSONS[name] for name in names} or LESSONS


def address(name: str, changes: Mapping[str, list[str]] | None = None) -> dict[str, list[str]]:
    """The query of a lesson's address, with this session's list of lessons."""
    names = widgets.setting(LIST_KEY, ())
    return {"lesson": [name]} | dict(changes or {}) | ({LIST_KEY: [",".join(names)]} if names else {})


def address_of(recipe: Recipe) -> dict[str, list[str]] | None:
    """The query of the open lesson, if this is its recipe or a variation of it, in whatever view. A lesson from a
    file has the query of its recipe."""
    open_lesson = lesson(open_name())
    if open_lesson is None:
        return None
    views = {name: getattr(recipe, name) for name in VIEWS}
    is_same = catalog.complete(replace(open_lesson.recipe, **views)) == recipe
    if open_name() in loaded_lessons():
        is_lesson = is_same or recipe in map(catalog.complete, map(open_lesson.varied, open_lesson.next))
        return catalog.to_query(recipe) if is_lesson else None
    if is_same:
        lesson_recipe = catalog.complete(open_lesson.recipe)
        return address(open_name(), {n: [text_of(v)] for n, v in views.items() if v != getattr(lesson_recipe, n)})
    for variation in open_lesson.next:
        if catalog.complete(open_lesson.varied(variation)) == recipe:
            return address(open_name(), parse_qs(variation.changes, keep_blank_values=True))
    return None


def neighbours(name: str) -> tuple[str, str]:
    """The lessons before and after this one in the session's list, or among those from files; "" at the ends."""
    names = _row(name)
    if name not in names:
        return "", names[0]
    index = names.index(name)
    return names[index - 1] if index else "", names[index + 1] if index + 1 < len(names) else ""


def position(name: str) -> str:
    """Where a lesson stands in its row, such as "3 of 12"."""
    names = _row(name)
    return f"{names.index(name) + 1} of {len(names)}" if name in names else ""


def _row(name: str) -> list[str]:
    """The names of the lessons among which this one stands."""
    return list(loaded_lessons() if name in loaded_lessons() else listed_lessons())


def is_list_only(query: Mapping[str, list[str]]) -> bool:
    """Whether an address names no picture: at most a list of lessons, the view of the page Home, and how
    Streamlit embeds the page."""
    return set(query) <= {LIST_KEY, shared_view.KEY, "embed", "embed_options"}


def read_list(query: Mapping[str, list[str]]) -> list[str]:
    """Set the session's list to that of an address; return one sentence for each fault. Without one the list is
    that of all lessons."""
    names, faults = parse_list(",".join(query.get(LIST_KEY, [])))
    widgets.set_setting(LIST_KEY, names)
    return faults
