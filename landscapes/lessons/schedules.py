"""A lesson on schedules that may be stopped early."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

RESTARTS = Lesson(
    title="Two schedules that can stop early",
    section="How optimizers move",
    sentences=(
        "Both pictures train softmax regression on wine in minibatches of 8 examples, with rates of up to 2.",
        "On the left the rate falls to 0 on three cosines and restarts after each: the loss of all examples is "
        "0.155, 0.136 and 0.134 at their ends, and every restart throws it up again.",
        "On the right the rate rises, stays and falls at the end: over the ten steps before the fall the loss is "
        "on average 0.166, and the last 40 steps bring it to 0.137.",
    ),
    question="Both can be used before the run is over. At which steps?",
    answer=(
        "With restarts, at the end of a cycle. With a rate that stays, at any step from which one lets it fall; "
        "the run itself can then go on from before the fall."
    ),
    recipe=Recipe(
        objective=Choice("cross-entropy"),
        weights=(("l2", 0.02),),
        data=Choice("wine"),
        model=Choice("softmax"),
        optimizers=(Choice.of("sgd", learning_rate=2.0),),
        schedule=Choice("warm-restarts"),
        steps=200,
        batch_size=8,
        directions=Choice("principal"),
        view="contour",
        beside=(("schedule", "warmup-stable-decay"),),
    ),
    next=(
        Variation(
            "Schedule-free AdamW beside AdamW, without a schedule",
            "schedule=constant&optimizers=adamw"
            "&optimizers=schedule-free-adamw&adamw.learning_rate=0.3&schedule-free-adamw.learning_rate=0.3&beside=",
        ),
        Variation("A rate that falls by the same factor in each step beside", "beside=schedule:exponential"),
    ),
    source=Source(
        "Hu et al. 2024, MiniCPM: unveiling the potential of small language models",
        "https://arxiv.org/abs/2404.06395",
    ),
)

LESSONS = {"restarts": RESTARTS}
