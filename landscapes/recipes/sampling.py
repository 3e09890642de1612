"""Objectives whose values are means of samples; they have a standard error as a term."""

from __future__ import annotations

from collections.abc import Collection

SAMPLED = "standard error"
"""The name of that term."""


def is_sampled(terms: Collection[str]) -> bool:
    """Whether the values of an objective or a surface with these terms are means of samples."""
    return SAMPLED in terms
