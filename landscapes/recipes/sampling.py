"""Which values are means of samples: those that come with a standard error."""

from __future__ import annotations

from collections.abc import Collection

SAMPLED = "standard error"
"""The term that comes with means of samples."""


def is_sampled(terms: Collection[str]) -> bool:
    """Whether an objective, or a surface, with terms of these names has means of samples for values."""
    return SAMPLED in terms
