"""The gallery of lessons, each a recipe with a title, three sentences and a question.

`LESSONS` collects the dict of that name at the end of each file. A lesson's name is its permalink.
"""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson
from landscapes.registry import gather

__all__ = ["LESSONS", "Lesson"]

# Order of the files in the gallery; the lessons of other files follow by name.
LESSONS: dict[str, Lesson] = gather(
    __name__,
    __path__,
    "LESSONS",
    first=(
        "optimization",
        "architectures",
        "proxies",
        "reinforcement",
        "games",
        "variational",
        "language",
        "selfsupervised",
        "regularized",
    ),
)
