"""The browser tab: its session id, and the release of its jobs and tables when it closes."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from landscapes.tables import STORE
from landscapes.views.worker.jobs import SERVICE

PICTURES = ("last ", "drawing ", "archive ")  # how the session keys of scenes, figures and files begin
_states: dict[str, Any] = {}  # the state of each session that has a tab


def session() -> str:
    """The session's id. After the first call a closed tab cancels its jobs and forgets its tables."""
    context = get_script_run_ctx()
    if context is None:
        return _tab("no tab")
    _states[context.session_id] = context.session_state
    return _tab(context.session_id)


def _release(name: str) -> None:
    SERVICE.release(name, partial(STORE.release, name), partial(_drop_pictures, name))


def _drop_pictures(name: str) -> None:
    """Drop the pictures of a tab that stays closed. Streamlit keeps its state for two minutes at least. If the tab
    comes back, its pictures are computed from its settings."""
    if (state := _states.pop(name, None)) is None:
        return
    for key in list(state.filtered_state):
        if key.startswith(PICTURES):
            del state[key]


@st.cache_resource(scope="session", on_release=_release, show_spinner=False)
def _tab(name: str) -> str:
    return name
