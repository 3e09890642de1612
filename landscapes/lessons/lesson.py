"""What a lesson is."""

from __future__ import annotations

from dataclasses import dataclass

from landscapes.recipes.recipe import Recipe


@dataclass(frozen=True)
class Lesson:
    """What a lecturer opens in one click."""

    title: str
    sentences: tuple[str, str, str]
    question: str
    recipe: Recipe
