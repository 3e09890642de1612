"""The browser's back and forward buttons.

Every change of the recipe is an entry in the browser's history. Going back changes the address and reruns the
page, which must adopt the address. If it wrote its own recipe there, the viewer could not go back.
"""

from __future__ import annotations

import time

import streamlit as st

from landscapes.views.controls import widgets

WRITTEN_ADDRESS = "written address"  # session key of the query that the page wrote last
LEFT_ADDRESS = "left address"  # session key of the query that a click has left, and the time
# Seconds after such a click in which a poll of the browser may still come with the address that it left.
LATE_SECONDS = 1.0


def current() -> dict[str, list[str]]:
    """The address's keys and values."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


def has_navigated() -> bool:
    """Whether the viewer went back or forward, or followed a link to a picture: the address differs from the
    written one and no widget has changed. A late address (after a second click) comes with a changed widget. A
    link between the pages has an empty query and keeps the recipe."""
    state = st.session_state
    address, written_address = current(), state.get(WRITTEN_ADDRESS)
    address_left, time_left = state.get(LEFT_ADDRESS, (None, 0.0))
    if address == address_left and time.monotonic() - time_left < LATE_SECONDS:
        return False
    if address == written_address or not (address if widgets.is_first_run() else written_address is not None):
        return False
    return all(state[key] == value for key, value in state.get("settings", {}).items() if key in state)


def leave() -> None:
    """Remember that a click, and no widget, opens another recipe than that of this address. A poll that the
    browser had sent before it saw the new address would otherwise look like going back."""
    st.session_state[LEFT_ADDRESS] = current(), time.monotonic()


def remember() -> None:
    """Remember the address that a page has just written."""
    st.session_state[WRITTEN_ADDRESS] = current()


def forget() -> None:
    """Forget the written address, on pages whose address has no recipe."""
    st.session_state[WRITTEN_ADDRESS] = None
