"""Figures as JSON and what is computed for them, kept for the session: a panel that follows a job often has the
same figures to send, and making one again would delay a Cancel."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import plotly.graph_objects as go
import streamlit as st

from landscapes.figures.description import describe

T = TypeVar("T")


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
    """The drawing of `make()`; see `kept`."""
    return kept(f"drawing {key}", inputs, lambda: Drawing.of(make()))


def kept(key: str, inputs: tuple[Any, ...], make: Callable[[], T]) -> T:
    """`make()`, which is called again only if `inputs`, everything that it depends on, has changed.

    Scenes are compared by identity, because they are immutable.
    """
    last = st.session_state.get(key)
    if last is None or last[0] != inputs:
        last = st.session_state[key] = inputs, make()
    return last[1]
