"""Presenter mode: large type and no knobs, readable from the back of a lecture hall."""

from __future__ import annotations

import streamlit as st

from landscapes.views.controls import widgets

STYLE = """
[data-testid="stSidebar"], [data-testid="stSidebarCollapsedControl"], [data-testid="stExpandSidebarButton"] {
    display: none;
}
[data-testid="stHeader"] { display: none; }
[data-testid="stMain"] [data-testid="stMainBlockContainer"] { padding: 0.5rem 1.25rem 0; }
[data-testid="stMain"] [data-testid="stMarkdownContainer"] { font-size: 1.35rem; }
[data-testid="stMain"] h2 { font-size: 1.6rem; }
[data-testid="stMain"] [data-testid="stCaptionContainer"] { font-size: 1.1rem; }
"""


def on() -> bool:
    """Whether presenter mode is on. If so, draw its style sheet."""
    active = bool(widgets.setting("present", False))
    if active:
        # The style hides the widgets but keeps them on the page, because they hold the recipe.
        st.html("<style>" + STYLE + "</style>")
    return active


def enter() -> None:
    """Draw the button in the sidebar that turns it on."""
    st.button("Presenter mode", icon=":material/present_to_all:", shortcut="P", width="stretch",
              on_click=widgets.set_setting, args=("present", True))  # fmt: skip


def leave() -> None:
    """Draw the button above the picture that turns it off."""
    st.button("Leave presenter mode", icon=":material/close_fullscreen:", shortcut="Escape",
              type="tertiary", on_click=widgets.set_setting, args=("present", False))  # fmt: skip
