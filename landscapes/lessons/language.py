"""Lessons on language models."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson
from landscapes.recipes.recipe import Choice, Recipe

CONTEXT = Lesson(
    title="A table of bigrams and a Transformer read the same text",
    sentences=(
        "Both predict the next character of the same sentences; the loss is in nats per token.",
        "The table sees one character back: its loss is convex, and the best it can reach is 1.31 nats.",
        "The Transformer on the right sees all characters before and falls far below that.",
    ),
    question="After which characters does the table guess worst, and what would have helped it?",
    recipe=Recipe(
        objective=Choice("next-token"),
        model=Choice("bigram"),
        data=Choice("text"),
        optimizers=(Choice.of("adam", learning_rate=0.1), Choice.of("momentum", learning_rate=1.0)),
        steps=200,
        beside=(("model", "transformer"), ("adam.learning_rate", "0.01"), ("momentum.learning_rate", "0.03")),
    ),
)

LESSONS = {"context": CONTEXT}
