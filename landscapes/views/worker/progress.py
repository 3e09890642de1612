"""A progress bar with a Cancel button that responds in the browser at once. Streamlit's own button responds only
after a run of the script, which waits for the processor while the worker computes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

FOLDER = Path(__file__).parent
NAME = "landscapes_progress"

_component = component(
    NAME,
    html=(
        '<div class="progress"><div class="progress-note" role="status"></div><div class="progress-track" '
        'role="progressbar" aria-valuemin="0" aria-valuemax="100"><div></div></div>'
        '<button type="button">Cancel</button></div>'
    ),
    css=(FOLDER / "progress.css").read_text("utf-8"),
    js=(FOLDER / "progress.js").read_text("utf-8"),
    isolate_styles=False,
)


def progress(
    fraction: float, note: str, *, work: str, key: str, on_cancel: Callable[[], None], follow: str = ""
) -> None:
    """Draw a progress bar with `note` above it and a Cancel button beside it.

    Args:
        fraction: of the work done, 0 to 1.
        work: an identifier of the work; a press of Cancel counts only for the work that was shown.
        on_cancel: called before the script runs again, if Cancel was pressed for this work.
        follow: the path of `news_route` at which the bar asks for news. Then it needs no timer: it goes on by
            itself, and the fragment that it is in runs again when there is a new result.
    """

    def cancel() -> None:
        if st.session_state[key].get("cancel") == work:
            on_cancel()

    data = {"fraction": min(max(fraction, 0.0), 1.0), "note": note, "work": work, "follow": follow}
    _component(key=key, data=data, on_cancel_change=cancel, on_news_change=lambda: None)
