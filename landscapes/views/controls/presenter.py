"""Presenter mode: large type and no knobs, readable from the back of a lecture hall.

The stage's own keys play the paths and show the laser dot (stage_play.js, stage_laser.js). The type is a 45th of
the window's height, 24 px at 1080.
"""

from __future__ import annotations

import streamlit as st

from landscapes.views.controls import widgets
from landscapes.views.controls.toolbar import LINE, PICTURES

REVEALED = "revealed lesson"  # session key of the lesson whose picture has been shown

STYLE = """
[data-testid="stSidebar"], [data-testid="stSidebarCollapsedControl"], [data-testid="stExpandSidebarButton"] {
    display: none;
}
[data-testid="stHeader"] { display: none; }
[data-testid="stMain"] [data-testid="stMainBlockContainer"] { padding: 0.5rem 1.25rem 0; }
[data-testid="stMain"] :is([data-testid="stMarkdownContainer"], [data-testid="stMarkdownContainer"] p) {
    font-size: clamp(1rem, min(2.23vh, 3vw), 3rem);
}
[data-testid="stMain"] h2 { font-size: clamp(1.2rem, min(2.8vh, 5vw), 4rem); padding: 0; }
[data-testid="stMain"] [data-testid="stCaptionContainer"] p { font-size: clamp(0.9rem, 1.6vh, 2rem); }
/* Streamlit pulls the margin of a text's last line over its end, where it would make the page scroll. */
[data-testid="stMain"] [data-testid="stCaptionContainer"] { margin-bottom: 0; }
[data-testid="stMain"] [data-testid="stCaptionContainer"] p:last-child { margin-bottom: 0; }
.st-key-presenter-keys, .st-key-presenter-keys-remote { display: none; }
/* Every row leaves as much of the window as it can to the picture. */
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-presenter-keys"]) { display: none; }
[data-testid="stMain"] [data-testid="stVerticalBlock"] { gap: 0.4rem; }
[data-testid="stMain"] [data-testid="stCheckbox"] label { align-items: center; }
/* A phone has no keys. */
@media (max-width: 640px) {
    kbd, .st-key-lesson-navigation [data-testid="stCaptionContainer"] { display: none !important; }
}
.st-key-question { min-height: 70vh; justify-content: center; }
.st-key-question [data-testid="stMarkdown"] p {
    font-size: clamp(1.4rem, 4.4vh, 6rem) !important;
    line-height: 1.3;
}
"""

# The formula of a lesson is not shown, so the status row takes no room. Its text lies over the end of the page.
LESSON_STYLE = """
[data-testid="stLayoutWrapper"]:has(> .st-key-status) {
    position: fixed;
    inset: auto 0 0 0;
    z-index: 10;
    padding: 0 1.25rem;
    background: var(--st-background-color, Canvas);
}
[data-testid="stLayoutWrapper"]:has(> .st-key-status):not(:has(p, .progress, [data-testid="stAlert"])) {
    display: none;
}
"""


def is_on() -> bool:
    """Whether presenter mode is on. If so, draw its style sheet."""
    active = on_screen()
    if not active:
        st.session_state.pop(REVEALED, None)
    if active:
        # The style hides the widgets but keeps them on the page, because they hold the recipe.
        st.html("<style>" + STYLE + (LESSON_STYLE if widgets.setting("lesson") else "") + "</style>")
    return active


def enter() -> None:
    """Draw the button in the sidebar that turns it on."""
    st.button("Presenter mode", icon=":material/present_to_all:", shortcut="P", width="stretch",
              on_click=widgets.set_setting, args=("present", True))  # fmt: skip


def leave() -> None:
    """Draw the button above the picture that turns it off."""
    st.button("Leave presenter mode", icon=":material/close_fullscreen:", shortcut="Escape",
              type="tertiary", on_click=widgets.set_setting, args=("present", False))  # fmt: skip


def keys() -> None:
    """Draw hidden buttons for their shortcuts: the digits choose the kind of picture."""
    with st.container(key="presenter-keys"):
        for digit, name in enumerate([*PICTURES.values(), LINE], 1):
            st.button(name, key=f"key {digit}", shortcut=str(digit),
                      on_click=widgets.set_setting, args=("picture", name))  # fmt: skip


def awaits_reveal(lesson: str) -> bool:
    """Whether the hall still guesses the answer to the question of a lesson, so that its picture is not shown."""
    return on_screen() and bool(lesson) and st.session_state.get(REVEALED) != lesson


def on_screen() -> bool:
    """Whether presenter mode is on."""
    return bool(widgets.setting("present", False))


def reveal(lesson: str) -> None:
    """Draw the button that shows the picture of a lesson. A remote control sends PageDown when it goes forward."""
    show = {"on_click": st.session_state.update, "args": ({REVEALED: lesson},)}
    st.button("Show the picture", key="reveal", shortcut="Enter", type="primary", **show)
    with st.container(key="presenter-keys-remote"):
        st.button("Forward", key="reveal by remote", shortcut="PageDown", **show)
