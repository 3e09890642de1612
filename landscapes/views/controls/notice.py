"""One line on what a change has changed besides, with an Undo that takes both back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import widgets


def show(recipe: Recipe) -> None:
    """What was said in this run, or still holds because the recipe is the same; to be called once in every run,
    when the recipe is known."""
    state = st.session_state
    if said := state.pop(widgets.SAID, []):
        state["notice"] = " ".join(said), recipe, state.get("settings before", {})
    state[widgets.SHOWN] = recipe
    state["settings before"] = dict(widgets.settings())
    text, about, before = state.get("notice", ("", None, {}))
    if not text or about != recipe:
        state.pop("notice", None)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="notice"):
        st.markdown(text)
        if before:
            st.button("Undo", icon=":material/undo:", type="tertiary", on_click=_restore, args=(before,))


def _restore(before: dict[str, Any]) -> None:
    """Set every widget to what it was, and forget those that were not there."""
    st.session_state.pop("notice", None)
    for key in [key for key in widgets.settings() if key not in before]:
        del widgets.settings()[key]
        st.session_state.pop(key, None)
    for key, value in before.items():
        widgets.set_setting(key, value)
