"""One line on the settings that a change of another setting has changed, with an Undo of both."""

from __future__ import annotations

import streamlit as st

from landscapes.recipes.recipe import Recipe
from landscapes.views.controls import settings_history, widgets


def show(recipe: Recipe) -> None:
    """Draw the notice of this run, or that of the last runs while the recipe is the same. Call this once in every
    run."""
    state = st.session_state
    if notices := state.pop(widgets.NOTICES, []):
        state["notice"] = " ".join(notices), recipe
    state[widgets.LAST_RECIPE] = recipe
    text, about = state.get("notice", ("", None))
    if not text or about != recipe:
        state.pop("notice", None)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="notice"):
        st.markdown(text)
        if undo := settings_history.undo():
            st.button("Undo", icon=":material/undo:", type="tertiary", key="undo notice", on_click=undo)
