"""Lessons on optimizers whose steps do not have the size of the gradient, and on averages of steps."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "How optimizers move"

NEEDLE = Lesson(
    title="A small gradient, and a step that does not depend on it",
    section=SECTION,
    sentences=(
        "Easom's function is nearly level but for one well of depth 1; at the start its gradient has the norm "
        "0.005.",
        "Gradient descent multiplies its learning rate by that gradient: 200 steps lead only 0.22 far.",
        "Adam divides by the size of past gradients, so that its steps are as long as its learning rate says: "
        "after 25 steps it is at the bottom of the well.",
    ),
    question="Would Adam find the well from any start?",
    answer="No. Farther out it moves as fast, but toward the nearest dent, and stops hardly below the plain.",
    recipe=Recipe(
        objective=Choice("easom"),
        optimizers=(Choice.of("sgd", learning_rate=0.1), Choice.of("adam", learning_rate=0.05)),
        steps=200,
        start="picked",
        start_x=1.75,
        start_y=4.6,
    ),
    next=(
        Variation("Start farther out", "start_x=1&start_y=0.6"),
        Variation("A rate fifty times as large for gradient descent", "sgd.learning_rate=5"),
    ),
    source=Source(
        "Jamil and Yang 2013, A literature survey of benchmark functions", "https://arxiv.org/abs/1308.4008"
    ),
)

SIGNS = Lesson(
    title="Steps of one size never come to rest",
    section=SECTION,
    sentences=(
        "Lion moves every coordinate by its learning rate, 0.1: of the averaged gradient only the sign counts.",
        "On the left it reaches the minimum and jumps over it and back: in the last 20 steps the loss still "
        "comes up to 0.085.",
        "On the right the rate follows a cosine to 0, the jumps shrink with it, and the loss ends below 0.000001.",
    ),
    question="Why does gradient descent come to rest here at a constant rate?",
    answer="Its steps shrink with the gradient. A sign has no size, so only the rate can shorten the steps.",
    recipe=Recipe(
        objective=Choice.of("bowl", condition=10.0),
        optimizers=(Choice.of("lion", learning_rate=0.1),),
        steps=200,
        start="picked",
        start_x=-3.47,
        start_y=2.23,
        view="contour",
        beside=(("schedule", "cosine"),),
    ),
    next=(
        Variation("Adam in its place", "optimizers=adam&adam.learning_rate=0.1"),
        Variation("A turned bowl", "bowl.angle=30"),
    ),
    source=Source(
        "Chen et al. 2023, Symbolic discovery of optimization algorithms", "https://arxiv.org/abs/2302.06675"
    ),
)

AVERAGE = Lesson(
    title="An average in place of a schedule",
    section=SECTION,
    sentences=(
        "Both pictures train softmax regression on wine with minibatches of 8 examples and a constant learning "
        "rate of 2.",
        "On the left every step of gradient descent follows a noisy gradient, and the path keeps wandering around "
        "the minimum.",
        "On the right schedule-free SGD draws the average of all its steps, in which the noise cancels: it ends "
        "at 0.134 nats, as if the rate had followed a schedule.",
    ),
    question="What does the average cost, and what does it save?",
    answer="It costs memory for a second set of parameters. It saves the decision on when training will end, "
    "which a schedule has to know from the start.",
    recipe=Recipe(
        objective=Choice("cross-entropy"),
        weights=(("l2", 0.02),),
        data=Choice("wine"),
        model=Choice("softmax"),
        optimizers=(Choice.of("sgd", learning_rate=2.0),),
        steps=200,
        batch_size=8,
        directions=Choice("principal"),
        view="contour",
        beside=(("optimizers", "schedule-free-sgd"), ("schedule-free-sgd.learning_rate", "2")),
    ),
    next=(
        Variation("A cosine schedule beside", "beside=schedule:cosine"),
        Variation("Twice as many steps", "steps=400"),
    ),
    source=Source("Defazio et al. 2024, The road less scheduled", "https://arxiv.org/abs/2405.15682"),
)

PRODIGY = Lesson(
    title="An optimizer that finds its own learning rate",
    section=SECTION,
    sentences=(
        "Both paths start at the value 1301 of Booth's function, 12.0 away from its minimum.",
        "Prodigy takes its learning rate from an estimate of that distance, which is 0.001 in its first step and "
        "only grows: after 10 steps it has come 0.045 far, and after 30 it has come 9.5 far.",
        "After 150 steps it is at the value 0.001, and Adam, whose rate of 0.1 had to be chosen, is at 1.34.",
    ),
    question="Why does Prodigy begin with steps that are far too short?",
    answer=(
        "On a convex loss its estimate never exceeds the distance. One that is too small costs a few steps, each "
        "of which raises it; one that is too large would throw the path away."
    ),
    recipe=Recipe(
        objective=Choice("booth"),
        optimizers=(Choice("prodigy"), Choice.of("adam", learning_rate=0.1)),
        steps=150,
    ),
    next=(
        Variation("A first estimate of one millionth", "prodigy.first_estimate=0.000001"),
        Variation("A curved valley", "objective=rosenbrock&steps=400"),
    ),
    source=Source(
        "Mishchenko and Defazio 2024, Prodigy: an expeditiously adaptive parameter-free learner",
        "https://arxiv.org/abs/2306.06101",
    ),
)

LESSONS = {"needle": NEEDLE, "signs": SIGNS, "averaged": AVERAGE, "prodigy": PRODIGY}
