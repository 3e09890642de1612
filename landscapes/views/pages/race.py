"""The page Race: optimizers against each other, from one start and from many."""

from __future__ import annotations

from landscapes.views.pages import sectioned


def page() -> None:
    """Draw the page."""
    sectioned.page("race")
