"""Undo and redo of settings: the recipes and sections that a session has shown, with their settings.

Every run of a page records what it shows. A run that shows the same as before records nothing new, so reruns lose
nothing. A change after an undo takes the place of what could have been done again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import browser_history, lessons, widgets

MAX_ENTRIES = 100  # changes that can be undone in a tab
KEPT = ("present", lessons.LIST_KEY)  # settings that no undo changes
_KEYS = component("landscapes_undo_keys", js=Path(__file__).with_name("undo_keys.js").read_text("utf-8"))


@dataclass(frozen=True)
class Entry:
    """What a run of a page has shown: the recipe, the section with its knobs, and all settings of the session."""

    recipe: Recipe
    page: str
    section: tuple[tuple[str, Any], ...]
    settings: dict[str, Any] = field(compare=False)


@dataclass(frozen=True)
class History:
    """Entries from old to new, and the index of the one that is shown."""

    entries: tuple[Entry, ...] = ()
    at: int = -1

    def with_entry(self, entry: Entry) -> History:
        """The history after a run that shows this entry."""
        if self.at < 0:
            return History((entry,), 0)
        current = self.entries[self.at]
        # Another page shows the same recipe with another section: nothing has been changed.
        if entry == current or (entry.recipe == current.recipe and entry.page != current.page):
            entries = (*self.entries[: self.at], entry, *self.entries[self.at + 1 :])
            return replace(self, entries=entries)
        entries = (*self.entries[: self.at + 1], entry)[-MAX_ENTRIES:]
        return History(entries, len(entries) - 1)

    def nearest(self, step: int) -> int | None:
        """The index of the next entry in this direction, -1 or 1, that looks different on this page."""
        if self.at < 0:
            return None
        current = self.entries[self.at]
        indices = range(self.at - 1, -1, -1) if step < 0 else range(self.at + 1, len(self.entries))
        for index in indices:
            entry = self.entries[index]
            if entry.recipe != current.recipe or (entry.page == current.page and entry.section != current.section):
                return index
        return None


def record(recipe: Recipe, page: str = "", section: tuple[tuple[str, Any], ...] = ()) -> None:
    """Record what this run shows. Call this once in every run, after the widgets."""
    entry = Entry(recipe, page, section, dict(widgets.settings()))
    st.session_state["settings history"] = _history().with_entry(entry)


def draw() -> None:
    """Draw the buttons. Outside of text fields, Ctrl+Z and Ctrl+Shift+Z press them. Call this after `record`."""
    history = _history()
    with st.container(horizontal=True, key="settings-history", gap="small"):
        for label, step, keys in (("Undo", -1, "Ctrl+Z"), ("Redo", 1, "Ctrl+Shift+Z")):
            st.button(
                label, key=f"settings {label.lower()}", icon=f":material/{label.lower()}:", type="tertiary",
                help=f"{label} the last change of settings ({keys})",
                disabled=history.nearest(step) is None, on_click=_restore, args=(step,),
            )  # fmt: skip
        # Not Streamlit's shortcuts, which take these keys from text fields, too.
        _KEYS(key="undo keys")


def undo() -> Callable[[], None] | None:
    """A function that restores the settings before the last change; None if there are none."""
    return None if _history().nearest(-1) is None else lambda: _restore(-1)


def _history() -> History:
    return st.session_state.get("settings history", History())


def _restore(step: int) -> None:
    """Restore the settings of the next entry in this direction."""
    history = _history()
    index = history.nearest(step)
    if index is None:
        return
    browser_history.leave()
    st.session_state["settings history"] = replace(history, at=index)
    old_settings = history.entries[index].settings
    for key in [key for key in widgets.settings() if key not in old_settings and key not in KEPT]:
        del widgets.settings()[key]
        st.session_state.pop(key, None)
    for key, value in old_settings.items():
        if key not in KEPT:
            widgets.set_setting(key, value)
