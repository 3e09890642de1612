"""Lessons on learning without labels."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson
from landscapes.recipes.recipe import Choice, Recipe

ALIGNMENT = Lesson(
    title="Alignment alone collapses",
    sentences=(
        "Two views of each of 100 digits are to be embedded alike: alignment, least at −1/τ = −2.",
        "Alone, on the right, it gets there by mapping every digit to the same point, so none can be told apart.",
        "On the left uniformity drives all embeddings apart: the sum ends at 3.57, below the ln 199 = 5.29 of "
        "equal ones.",
    ),
    question="Why does a larger batch make the task on the left harder?",
    recipe=Recipe(
        objective=Choice("info-nce"),
        data=Choice.of("digits-images", examples=100),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=150,
        directions=Choice("principal"),
        beside=(("weight.uniformity", "0.0"),),
    ),
)

LESSONS = {"apart": ALIGNMENT}
