"""Lessons on learning without labels."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

ALIGNMENT = Lesson(
    title="Alignment alone collapses",
    section="Several objectives",
    sentences=(
        "Two views of each of 100 digits are to be embedded alike: alignment, least at −1/τ = −2.",
        "Alone, on the right, it gets there by mapping every digit to the same point, so none can be told apart.",
        "On the left uniformity drives all embeddings apart: the sum ends at 3.57, below the ln 199 = 5.29 of "
        "equal ones.",
    ),
    question="Why does a larger batch make the task on the left harder?",
    answer=(
        "Each embedding has to be told apart from more others: with equal embeddings the loss is the "
        "logarithm of their number."
    ),
    recipe=Recipe(
        objective=Choice("info-nce"),
        data=Choice.of("digits-images", examples=100),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=150,
        directions=Choice("principal"),
        beside=(("weight.uniformity", "0.0"),),
    ),
    next=(
        Variation("A lower temperature", "info-nce.temperature=0.1"),
        Variation("Fewer digits", "digits-images.examples=20"),
    ),
    source=Source(
        "Wang and Isola 2020, Understanding contrastive representation learning",
        "https://arxiv.org/abs/2005.10242",
    ),
)

LESSONS = {"apart": ALIGNMENT}
