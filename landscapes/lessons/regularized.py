"""Lessons on what is done to a loss so that its minimum generalizes."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson
from landscapes.recipes.recipe import Choice, Recipe

BY_HEART = Lesson(
    title="Dropout whose masks never change is learned by heart",
    sentences=(
        "On the left half of the hidden units are dropped for each digit, by one mask that every step meets "
        "again: the network learns the masks by heart, and its loss falls below 0.001 nats.",
        "On the right are the same plane and path with no unit dropped, where the loss ends at 0.71 nats.",
        "Under masks it has not met it costs 8 nats, where guessing costs ln 10 = 2.30: dropout helps by drawing "
        "them anew at every step.",
    ),
    question="How many masks per digit would be too many to learn?",
    recipe=Recipe(
        objective=Choice.of("dropout", rate=0.5, masks=1),
        data=Choice.of("digits", examples=200),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=200,
        directions=Choice("principal"),
        beside=(("drawn", "cross-entropy"),),
    ),
)
