"""The page Curvature: what a slice cannot show."""

from __future__ import annotations

from landscapes.views.pages import sectioned


def page() -> None:
    """Draw the page."""
    sectioned.page("curvature")
