"""The type of a lesson."""

from __future__ import annotations

from dataclasses import dataclass

from landscapes.recipes.recipe import Recipe


@dataclass(frozen=True)
class Lesson:
    """A recipe with the texts of its page.

    Attributes:
        title: without a full stop.
        sentences: what the picture shows; every number in them is tested.
        question: what to find out with the picture.
        recipe: the picture, or the first of two if it has a second one beside it.
    """

    title: str
    sentences: tuple[str, str, str]
    question: str
    recipe: Recipe
