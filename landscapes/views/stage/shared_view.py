"""The view that an address shares: cameras or zooms, steps, slices and hidden traces of the stages on a page.

The browser writes and reads its text (landscapes/figures/stage/stage_share.js). Pages keep it in their address
until the viewer changes a setting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from landscapes.views.stage.qr_route import MAX_CHARACTERS, qr_url

KEY = "stage"  # of the address
MAX_LENGTH = 2000  # characters
# Entries with "**" between them: a name, and fields with "*" between them that begin with a letter.
_TEXT = re.compile(r"[^*]+(\*[cehpsz][^*]+)+(\*\*[^*]+(\*[cehpsz][^*]+)+)*")
_STATE, _NOTES = "shared view", "share notes"  # session keys


def read_view(query: Mapping[str, Sequence[str]]) -> list[str]:
    """Take the view of an address, or none. Return one sentence if it cannot be read."""
    text = (query.get(KEY) or [""])[-1]
    is_valid = not text or (len(text) <= MAX_LENGTH and _TEXT.fullmatch(text) is not None)
    st.session_state[_STATE] = (text if is_valid else "", None)
    return [] if is_valid else [f"{KEY} = {text[:40]!r} is not a view; copy the link from Share once more"]


def write_view(query: dict[str, list[str]]) -> None:
    """Add the adopted view to the address of the picture that it belongs to, and forget it at another one."""
    text, address = st.session_state.get(_STATE, ("", None))
    if text and address in (None, query):
        st.session_state[_STATE] = text, dict(query)
        query[KEY] = [text]
    else:
        st.session_state[_STATE] = "", None


def set_notes(notes: Sequence[str]) -> None:
    """Set the sentences on what a link to this page does not carry."""
    st.session_state[_NOTES] = tuple(notes)


def text() -> str:
    """The adopted view, "" if there is none."""
    return st.session_state.get(_STATE, ("", None))[0]


def share_options() -> dict[str, Any]:
    """What the stage needs to share its view."""
    return {"notes": st.session_state.get(_NOTES, ()), "qr": qr_url(), "longest": MAX_CHARACTERS}
