"""The page Curvature: the curvature of the loss in all directions."""

from __future__ import annotations

from landscapes.views.pages import sectioned


def page() -> None:
    """Draw the page."""
    sectioned.page("curvature")
