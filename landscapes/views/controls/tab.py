"""The browser tab: its session id, and the release of its jobs and tables when it closes."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from landscapes.tables import STORE
from landscapes.views.worker.jobs import SERVICE


def session() -> str:
    """The session's id. After the first call a closed tab cancels its jobs and forgets its tables."""
    context = get_script_run_ctx()
    name = context.session_id if context is not None else "no tab"
    return _tab(name)


def _release(name: str) -> None:
    SERVICE.release(name, partial(STORE.release, name))


@st.cache_resource(scope="session", on_release=_release, show_spinner=False)
def _tab(name: str) -> str:
    return name
