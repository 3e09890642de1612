"""One line on the settings that a change of another setting has changed, with an Undo of both."""

from __future__ import annotations

from typing import Any

import streamlit as st

from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import widgets


def show(recipe: Recipe) -> None:
    """Draw the notice of this run, or that of the last runs while the recipe is the same. Call this once in every
    run."""
    state = st.session_state
    if notices := state.pop(widgets.NOTICES, []):
        state["notice"] = " ".join(notices), recipe, state.get("settings before", {})
    state[widgets.LAST_RECIPE] = recipe
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
    """Restore every setting, and remove those that did not exist."""
    st.session_state.pop("notice", None)
    for key in [key for key in widgets.settings() if key not in before]:
        del widgets.settings()[key]
        st.session_state.pop(key, None)
    for key, value in before.items():
        widgets.set_setting(key, value)
