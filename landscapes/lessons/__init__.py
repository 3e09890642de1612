"""The lessons, each a recipe with a title, sentences, a question and its answer.

`LESSONS` collects the dict of that name at the end of each file, in the order of `SECTIONS`. The name of a lesson
is its permalink.
"""

from __future__ import annotations

from landscapes.lessons.lesson import OWN_SECTION, SECTIONS, Lesson, SectionLink, Source, Variation, read_lessons
from landscapes.registry import gather

__all__ = ["LESSONS", "OWN_SECTION", "SECTIONS", "Lesson", "SectionLink", "Source", "Variation", "read_lessons"]

# Lessons of one section stand in the order of these files; those of other files follow by name.
LESSONS: dict[str, Lesson] = dict(
    sorted(
        gather(
            __name__,
            __path__,
            "LESSONS",
            first=(
                "basics",
                "surfaces",
                "optimization",
                "steps",
                "architectures",
                "proxies",
                "reinforcement",
                "games",
                "variational",
                "diffusion",
                "language",
                "selfsupervised",
                "representation",
                "regularized",
            ),
        ).items(),
        key=lambda item: SECTIONS.index(item[1].section),
    )
)
