"""The page Compare: the terms of one objective."""

from __future__ import annotations

from landscapes.views.pages import sectioned


def page() -> None:
    """Draw the page."""
    sectioned.page("compare")
