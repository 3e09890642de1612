"""Figures as JSON, kept for the session: a panel that polls a job mostly has the same figures to send, and making
one again would delay a Cancel."""

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
    """A figure as JSON, a hash of that text, and a description for screen readers."""

    text: str
    id: str
    description: str = ""

    @classmethod
    def of(cls, figure: go.Figure) -> Drawing:
        text = figure.to_json()
        assert text is not None
        return cls(text, hashlib.blake2b(text.encode(), digest_size=12).hexdigest(), describe(figure))


def drawing(key: str, inputs: tuple[Any, ...], make: Callable[[], go.Figure]) -> Drawing:
    """The drawing of `make()`, which is called again only if `inputs`, everything that it depends on, has changed.

    Scenes are compared by identity, because they are immutable.
    """
    cached = st.session_state.get(f"drawing {key}")
    if cached is None or cached[0] != inputs:
        cached = st.session_state[f"drawing {key}"] = inputs, Drawing.of(make())
    return cached[1]
