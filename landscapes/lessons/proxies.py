"""Lessons on losses that differ from the objective they stand for."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson
from landscapes.recipes.recipe import Choice, Recipe

OVEROPTIMIZATION = Lesson(
    title="The wrong objective: a learned reward, climbed too far",
    sentences=(
        "A reward fitted to 200 noisy preferences agrees with the true one where the reference policy goes.",
        "The policy climbs the learned reward on the left; on the right the same steps lie on the true one.",
        "Past the marked step the proxy still rises and the truth falls.",
    ),
    question="What does a larger weight on the KL term do to the step at which they part?",
    recipe=Recipe(
        objective=Choice("rlhf"),
        data=Choice("preferences"),
        model=Choice("score-table"),
        optimizers=(Choice.of("adam", learning_rate=0.1),),
        steps=150,
        seed=2,
        directions=Choice("principal"),
        view="contour",
        beside=(("term", "true-reward"),),
    ),
)

OVERFITTING = Lesson(
    title="The wrong objective: training loss beside test loss",
    sentences=(
        "A wide network memorizes sixty noisy points.",
        "Both pictures show the same plane and path: the training loss on the left, the test loss on the right.",
        "After the marked step the training loss still falls and the test loss rises.",
    ),
    question="Where on the right picture would you have stopped?",
    recipe=Recipe(
        data=Choice.of("moons", examples=60, noise=0.4),
        model=Choice.of("mlp", width=64, depth=2),
        optimizers=(Choice.of("adam", learning_rate=0.02),),
        steps=300,
        directions=Choice("principal"),
        beside=(("split", "test"),),
    ),
)

ERROR_RATE = Lesson(
    title="The wrong objective: accuracy beside cross-entropy",
    sentences=(
        "We want few errors, but train on cross-entropy.",
        "On the same plane the error rate is piecewise constant.",
        "Its gradient is 0 wherever it exists, so only the cross-entropy shows a way down.",
    ),
    question="Is the lowest point of one surface the lowest of the other?",
    recipe=Recipe(
        data=Choice("iris"),
        optimizers=(Choice("adam"), Choice("sgd")),
        directions=Choice("filter-normalized"),
        beside=(("drawn", "error-rate"),),
    ),
)

LESSONS = {"overoptimized": OVEROPTIMIZATION, "overfitted": OVERFITTING, "terraces": ERROR_RATE}
