"""Lessons on several objectives of one network."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, SectionLink, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

CONFLICT = Lesson(
    title="Two tasks that share a layer pull apart",
    section="Several objectives",
    sentences=(
        "One hidden layer serves two tasks: to classify digits, drawn on the left, and to reconstruct them, on "
        "the right.",
        "At the start the gradients of the tasks are at right angles.",
        "At the end of the path they oppose each other, with a cosine of less than −0.5: what helps one harms "
        "the other.",
    ),
    question="Why does the sum of the losses still fall?",
    answer=(
        "Its gradient is the weighted sum of both. Such a step may raise one of the losses, as long as it lowers "
        "the other by more."
    ),
    recipe=Recipe(
        objective=Choice("classify-reconstruct"),
        data=Choice.of("digits", examples=100),
        model=Choice.of("classifier-decoder", width=8, decoder_width=16),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=200,
        directions=Choice("principal"),
        tolerance=0.01,
        term="cross-entropy",
        beside=(("term", "reconstruction"),),
    ),
    next=(
        Variation("A wider shared layer", "classifier-decoder.width=64"),
        Variation("Less weight on reconstruction", "weight.reconstruction=0.03"),
    ),
    source=Source("Yu et al. 2020, Gradient surgery for multi-task learning", "https://arxiv.org/abs/2001.06782"),
    more=SectionLink("compare", "conflict", "The angle between their gradients"),
)

LESSONS = {"conflict": CONFLICT}
