"""Drawings: figures as they are sent. A panel that draws itself again while a job runs has mostly the same to
show, and a viewer who cancels waits for a drawing that is under way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from landscapes.figures.description import describe


@dataclass(frozen=True)
class Drawing:
    """A figure in JSON, what tells it from others, and what it shows in words."""

    text: str
    id: str
    description: str = ""

    @classmethod
    def of(cls, figure: go.Figure) -> Drawing:
        text = figure.to_json()
        assert text is not None
        return cls(text, hashlib.blake2b(text.encode(), digest_size=12).hexdigest(), describe(figure))


def drawing(key: str, shown: tuple[Any, ...], make: Callable[[], go.Figure]) -> Drawing:
    """What `make` draws, made anew only where `shown`, all that it depends on, is not what it was.

    Scenes are compared by identity: they never change.
    """
    kept = st.session_state.get(f"drawing {key}")
    if kept is None or kept[0] != shown:
        kept = st.session_state[f"drawing {key}"] = shown, Drawing.of(make())
    return kept[1]
