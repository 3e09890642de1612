"""Lessons on losses that differ from the objective they stand for."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, SectionLink, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

OVEROPTIMIZATION = Lesson(
    title="The wrong objective: a learned reward, climbed too far",
    section="The wrong objective",
    sentences=(
        "A reward fitted to 200 noisy preferences agrees with the true one where the reference policy goes.",
        "The policy climbs the learned reward on the left; on the right the same steps lie on the true one.",
        "Past the marked step the proxy still rises and the truth falls.",
    ),
    question="What does a larger weight on the KL term do to the step at which they part?",
    answer=(
        "It keeps the policy nearer to the reference, where the learned reward was fitted, so that less "
        "of the truth is lost."
    ),
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
    next=(
        Variation("A larger weight on the KL term", "weight.kl=-0.5"),
        Variation("Ten times as many preferences", "preferences.examples=2000"),
    ),
    source=Source(
        "Gao et al. 2023, Scaling laws for reward model overoptimization",
        "https://arxiv.org/abs/2210.10760",
    ),
    more=SectionLink("compare", "overoptimization", "The true reward against √KL"),
)

OVERFITTING = Lesson(
    title="The wrong objective: training loss beside test loss",
    section="The wrong objective",
    sentences=(
        "A wide network memorizes sixty noisy points.",
        "Both pictures show the same plane and path: the training loss on the left, the test loss on the right.",
        "After the marked step the training loss still falls and the test loss rises.",
    ),
    question="Where on the right picture would you have stopped?",
    answer=(
        "Where the test loss is lowest. In practice a validation set finds that step, because a test set "
        "that chooses no longer tests."
    ),
    recipe=Recipe(
        data=Choice.of("moons", examples=60, noise=0.4),
        model=Choice.of("mlp", width=64, depth=2),
        optimizers=(Choice.of("adam", learning_rate=0.02),),
        steps=300,
        behavior=True,
        directions=Choice("principal"),
        beside=(("split", "test"),),
    ),
    next=(
        Variation("Twenty times as many points", "moons.examples=1200"),
        Variation("Add an L2 penalty", "weight.l2=0.02"),
    ),
    source=Source(
        "Prechelt 1998, Early stopping, but when?",
        "https://doi.org/10.1007/3-540-49430-8_3",
    ),
)

ERROR_RATE = Lesson(
    title="The wrong objective: accuracy beside cross-entropy",
    section="The wrong objective",
    sentences=(
        "We want few errors, but train on cross-entropy.",
        "On the same plane the error rate is piecewise constant.",
        "Its gradient is 0 wherever it exists, so only the cross-entropy shows a way down.",
    ),
    question="Is the lowest point of one surface the lowest of the other?",
    answer=(
        "Not in general. Cross-entropy rewards confidence too, so its minimum may leave an example on the "
        "wrong side that other weights would classify."
    ),
    recipe=Recipe(
        data=Choice("iris"),
        optimizers=(Choice("adam"), Choice("sgd")),
        directions=Choice("filter-normalized"),
        beside=(("drawn", "error-rate"),),
    ),
    next=(
        Variation("Hinge loss instead", "objective=hinge"),
        Variation("Along the gradient", "directions=gradient"),
    ),
    source=Source(
        "Bartlett et al. 2006, Convexity, classification, and risk bounds",
        "https://doi.org/10.1198/016214505000000907",
    ),
)

LESSONS = {"overoptimized": OVEROPTIMIZATION, "overfitted": OVERFITTING, "terraces": ERROR_RATE}
