"""The browser's back and forward: an address that nobody typed and no widget wrote.

Every change of the recipe is an entry in the browser's history. Going back changes the address and runs the page
again, which must then adopt it; a page that wrote its own recipe there instead would hold the viewer fast.
"""

from __future__ import annotations

import streamlit as st

from landscapes.views.controls import widgets

KEY = "written address"


def current() -> dict[str, list[str]]:
    """The address's keys and values."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


def travelled() -> bool:
    """Whether the address says something else than was written there, and no widget was touched: an address that
    is late (a second click before the first one's address arrived) comes with a changed widget. A link between
    the pages says nothing of the recipe, which comes along."""
    state = st.session_state
    if state.get(KEY) is None or current() == state[KEY] or (widgets.arrived() and not current()):
        return False
    return all(state[key] == value for key, value in state.get("settings", {}).items() if key in state)


def remember() -> None:
    """To be called when a page has written its address."""
    st.session_state[KEY] = current()


def forget() -> None:
    """To be called by pages whose address says nothing of the recipe, which stays as it is."""
    st.session_state[KEY] = None
