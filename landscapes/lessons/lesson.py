"""The type of a lesson, and the sections in which lessons stand."""

from __future__ import annotations

from dataclasses import dataclass

from landscapes.recipes.recipe import Recipe

# In the order in which a course takes them: from the first objective to the shape of what was found.
SECTIONS = (
    "What an objective is",
    "Convex, smooth, rugged",
    "How optimizers move",
    "Depth, width, skips, normalization",
    "Regularization",
    "Generative objectives",
    "Games",
    "Sequence models",
    "Reward",
    "Several objectives",
    "Learned objectives",
    "The wrong objective",
    "Flatness and generalization",
)


@dataclass(frozen=True)
class Variation:
    """A change of a lesson's recipe that is worth a look.

    Attributes:
        label: of its button, without a full stop.
        changes: the settings that it changes, as the part of an address behind `?lesson=…&`.
    """

    label: str
    changes: str


@dataclass(frozen=True)
class Source:
    """Where a lesson comes from: what a reader would cite, and a link to it."""

    text: str
    link: str


@dataclass(frozen=True)
class Lesson:
    """A recipe with the texts of its page.

    Attributes:
        title: without a full stop.
        section: one of `SECTIONS`.
        sentences: what the picture shows; every number in them is tested.
        question: what to find out with the picture.
        answer: folded on the page until it is wanted; every number in it is tested.
        recipe: the picture, or the first of two if it has a second one beside it.
        next: two changes to try.
        source: a paper or a book.

    Raises:
        ValueError: if the section does not exist.
    """

    title: str
    section: str
    sentences: tuple[str, ...]
    question: str
    answer: str
    recipe: Recipe
    next: tuple[Variation, ...]
    source: Source

    def __post_init__(self) -> None:
        if self.section not in SECTIONS:
            raise ValueError(f"there is no section {self.section!r}; there are {', '.join(SECTIONS)}")

    def varied(self, variation: Variation) -> Recipe:
        """The recipe after a change."""
        return Recipe.from_query(variation.changes, base=self.recipe)
