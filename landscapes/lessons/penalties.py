"""Lessons on penalties and smoothed labels."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "Regularization"

CORNER = Lesson(
    title="L1 puts the minimum on an axis, L2 does not",
    section=SECTION,
    sentences=(
        "Both pictures show two weights of one linear regression, with an L1 penalty on the left and an L2 "
        "penalty on the right.",
        "The L1 penalty folds the surface at each axis, and its minimum has the first weight at exactly 0.",
        "The L2 penalty is round: its minimum makes every weight smaller and none 0.",
    ),
    question="Why does a fold hold a weight at zero?",
    answer=(
        "At the fold the slope of the penalty jumps. As long as the slope of the error is smaller than the jump, "
        "no step in that weight lowers the sum."
    ),
    recipe=Recipe(
        objective=Choice("lasso"),
        data=Choice("diabetes"),
        model=Choice("linear"),
        optimizers=(Choice.of("adam", learning_rate=0.02), Choice.of("sgd", learning_rate=0.02)),
        steps=150,
        directions=Choice.of("coordinates", first=1, second=3),
        extent=4.0,
        view="contour",
        beside=(("objective", "ridge"),),
    ),
    next=(
        Variation("A larger L1 weight", "weight.l1=0.6&beside="),
        Variation("Both penalties: the elastic net", "objective=elastic-net&beside="),
    ),
    source=Source(
        "Tibshirani 1996, Regression shrinkage and selection via the lasso",
        "https://doi.org/10.1111/j.2517-6161.1996.tb02080.x",
    ),
)

SMOOTHED = Lesson(
    title="Separable data have no minimum, smoothed labels have one",
    section=SECTION,
    sentences=(
        "A line separates these two clusters, so on the left longer weights always lower the cross-entropy.",
        "On the right the labels are smoothed by 0.1: certainty costs loss, and a finite minimum appears.",
        "The gradient there ends below 0.001, and the weights stay shorter than on the left.",
    ),
    question="What do more steps do to the weights without smoothing?",
    answer="Their direction settles and their length grows without bound, like the logarithm of the steps.",
    recipe=Recipe(
        objective=Choice.of("cross-entropy", label_smoothing=0.0),
        data=Choice.of("blobs", examples=100, clusters=2),
        model=Choice("logistic"),
        optimizers=(Choice.of("sgd", learning_rate=1.0),),
        steps=200,
        directions=Choice("principal"),
        extent=2.5,
        beside=(("cross-entropy.label_smoothing", "0.1"),),
    ),
    next=(
        Variation("Ten times as many steps", "steps=2000"),
        Variation("An L2 penalty in place of smoothing", "weight.l2=0.01&beside="),
    ),
    source=Source(
        "Soudry et al. 2018, The implicit bias of gradient descent on separable data",
        "https://arxiv.org/abs/1710.10345",
    ),
)

LESSONS = {"corner": CORNER, "smoothed": SMOOTHED}
