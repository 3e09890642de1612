"""Lessons on language models."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

CONTEXT = Lesson(
    title="A table of bigrams and a Transformer read the same text",
    section="Sequence models",
    sentences=(
        "Both predict the next character of the same sentences; the loss is in nats per token.",
        "The table sees one character back: its loss is convex, and the best it can reach is 1.31 nats.",
        "The Transformer on the right sees all characters before and falls far below that.",
    ),
    question="After which characters does the table guess worst, and what would have helped it?",
    answer=(
        "After the space, where a word begins: the table does not see which words came before, and a "
        "longer context would have told."
    ),
    recipe=Recipe(
        objective=Choice("next-token"),
        model=Choice("bigram"),
        data=Choice("text"),
        optimizers=(Choice.of("adam", learning_rate=0.1), Choice.of("momentum", learning_rate=1.0)),
        steps=200,
        beside=(("model", "transformer"), ("adam.learning_rate", "0.01"), ("momentum.learning_rate", "0.03")),
    ),
    next=(
        Variation("A longer table of rare words", "text.adjectives=0.8"),
        Variation("Letters mistyped at random", "text.typos=0.1"),
    ),
    source=Source(
        "Shannon 1951, Prediction and entropy of printed English",
        "https://doi.org/10.1002/j.1538-7305.1951.tb01366.x",
    ),
)

LESSONS = {"context": CONTEXT}
