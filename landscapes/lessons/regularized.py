"""Lessons on regularization."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

MEMORIZED_MASKS = Lesson(
    title="A network memorizes dropout masks that never change",
    section="Regularization",
    sentences=(
        "On the left half of the hidden units are dropped for each digit, by the same mask at every step: the "
        "network memorizes the masks, and its loss falls below 0.001 nats.",
        "On the right are the same plane and path with no unit dropped: the loss ends at 0.71 nats.",
        "Dropout regularizes only if the masks are drawn anew at every step.",
    ),
    question="How many masks per digit would be too many to learn?",
    answer=(
        "More than the steps can show often enough. With fresh masks at every step none returns, so none "
        "can be memorized."
    ),
    recipe=Recipe(
        objective=Choice.of("dropout", rate=0.5, masks=1),
        data=Choice.of("digits", examples=200),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=200,
        directions=Choice("principal"),
        beside=(("drawn", "cross-entropy"),),
    ),
    next=(
        Variation("Many masks", "dropout.masks=32"),
        Variation("Drop fewer units", "dropout.rate=0.1"),
    ),
    source=Source(
        "Srivastava et al. 2014, Dropout",
        "https://jmlr.org/papers/v15/srivastava14a.html",
    ),
)

LESSONS = {"byheart": MEMORIZED_MASKS}
