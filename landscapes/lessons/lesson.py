"""The type of a lesson, and the sections in which lessons stand."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

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
OWN_SECTION = "Your own lessons"
MAX_SENTENCES, MAX_CHARACTERS = 6, 1000  # of a lesson in a file, and of each of its texts


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
class SectionLink:
    """The section of another page in which a lesson goes on, with the lesson's recipe.

    Attributes:
        page: such as "curvature". section: its name in an address.
        label: of the link, without a full stop.
        settings: of the section's knobs, as ((key, text), …) of an address.
    """

    page: str
    section: str
    label: str
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def query(self) -> dict[str, list[str]]:
        """The part of an address that opens the section."""
        return {"section": [self.section]} | {key: [text] for key, text in self.settings}


@dataclass(frozen=True)
class Lesson:
    """A recipe with the texts of its page.

    Attributes:
        title: without a full stop.
        section: one of `SECTIONS`, or `OWN_SECTION` for a lesson from a file.
        sentences: what the picture shows; every number in them is tested.
        question: what to find out with the picture.
        answer: folded on the page until it is wanted; every number in it is tested.
        recipe: the picture, or the first of two if it has a second one beside it.
        next: two changes to try.
        source: a paper or a book.
        more: the section of another page in which it goes on; None for most, and for a lesson from a file.

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
    more: SectionLink | None = None

    def __post_init__(self) -> None:
        if self.section not in (*SECTIONS, OWN_SECTION):
            raise ValueError(f"there is no section {self.section!r}; there are {', '.join(SECTIONS)}")

    def varied(self, variation: Variation) -> Recipe:
        """The recipe after a change."""
        return Recipe.from_query(variation.changes, base=self.recipe)

    def to_json(self) -> str:
        """The lesson as JSON, for a file. Its section and `more` are not part of it."""
        entries = {key: value for key, value in asdict(self).items() if key not in ("section", "recipe", "more")}
        return json.dumps(entries | {"recipe": json.loads(self.recipe.to_json())}, indent=2, ensure_ascii=False)


def read_lessons(text: str) -> list[Lesson]:
    """The lessons of a file: what `Lesson.to_json` wrote, or a list of such lessons. They stand in `OWN_SECTION`.

    Raises:
        ValueError: one sentence, if the file holds something else.
    """
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not a lesson: {error}; give a file that Save as my lesson wrote") from None
    entries = entries if isinstance(entries, list) else [entries]
    if not entries:
        raise ValueError("the file holds an empty list; give at least one lesson")
    return [_read(each) for each in entries]


def _read(entries: Any) -> Lesson:
    if not isinstance(entries, dict):
        raise ValueError(f"a lesson must be an object with a title and a recipe; found {type(entries).__name__}")
    known = ("title", "sentences", "question", "answer", "recipe", "next", "source")
    if strange := sorted(set(entries) - set(known)):
        raise ValueError(f"{strange[0]!r} is not part of a lesson; it has {', '.join(known)}")
    if missing := [key for key in ("title", "recipe") if not entries.get(key)]:
        raise ValueError(f"a lesson needs a {missing[0]}; the file has none")
    sentences = _list("sentences", entries.get("sentences", []))
    source = _object("source", entries.get("source", {}))
    link = _text("link", source.get("link", ""))
    if link and not link.startswith(("https://", "http://")):
        raise ValueError(f"the link {link!r} of the source must begin with https://")
    changes = [_object("next", each) for each in _list("next", entries.get("next", []))]
    return Lesson(
        title=_text("title", entries["title"]),
        section=OWN_SECTION,
        sentences=tuple(_text("sentences", each) for each in sentences),
        question=_text("question", entries.get("question", "")),
        answer=_text("answer", entries.get("answer", "")),
        recipe=Recipe.from_json(json.dumps(entries["recipe"])),
        next=tuple(
            Variation(_text("label", e.get("label", "")), _text("changes", e.get("changes", ""))) for e in changes
        ),
        source=Source(_text("text", source.get("text", "")), link),
    )


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS:
        raise ValueError(f"{name} of a lesson must be a text of at most {MAX_CHARACTERS} characters")
    return " ".join(value.split())


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_SENTENCES:
        raise ValueError(f"{name} of a lesson must be a list of at most {MAX_SENTENCES} entries")
    return value


def _object(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} of a lesson must be an object with texts; found {type(value).__name__}")
    return value
