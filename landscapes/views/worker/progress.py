"""The progress of what the worker does, with a Cancel that answers in the browser: Streamlit's own button waits
for a run of the script, while the processor is busy with what is to be cancelled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

HERE = Path(__file__).parent
NAME = "landscapes_progress"

_component = component(
    NAME,
    html=(
        '<div class="progress"><div class="progress-note" role="status"></div><div class="progress-track" '
        'role="progressbar" aria-valuemin="0" aria-valuemax="100"><div></div></div>'
        '<button type="button">Cancel</button></div>'
    ),
    css=(HERE / "progress.css").read_text("utf-8"),
    js=(HERE / "progress.js").read_text("utf-8"),
    isolate_styles=False,
)


def progress(fraction: float, note: str, *, work: str, key: str, on_cancel: Callable[[], None]) -> None:
    """A bar, `note` above it, and a button beside it.

    Args:
        fraction: of the work done, 0 to 1.
        work: tells this work from the next, whose Cancel nobody has pressed yet.
        on_cancel: called before the script runs again, if the press was meant for this work.
    """

    def cancelled() -> None:
        if st.session_state[key].get("cancel") == work:
            on_cancel()

    data = {"fraction": min(max(fraction, 0.0), 1.0), "note": note, "work": work}
    _component(key=key, data=data, on_cancel_change=cancelled)
