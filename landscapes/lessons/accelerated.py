"""Lessons on steps that look ahead, on their divisors, on the first ones, and on those of whole layers."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "How optimizers move"

LOOK_AHEAD = Lesson(
    title="Momentum that looks ahead",
    section=SECTION,
    sentences=(
        "The bowl has the curvatures 1 and 10. Both optimizers keep 0.9 of their velocity; Nesterov's takes the "
        "gradient where that velocity leads.",
        "On the left the rate is 0.03: in the steep direction each step multiplies momentum's swing by 0.949 and "
        "Nesterov's by 0.794, and after 10 steps the losses are 0.75 and 0.032.",
        "On the right the rate is 0.14. Looking ahead lowers the edge of stability to 0.136: Nesterov's path "
        "leaves the picture, and momentum's, with its edge at 0.38, still comes down.",
    ),
    question="Why does Nesterov's gradient damp the swing?",
    answer=(
        "Ahead, beyond the floor of the ravine, the gradient already points back. It brakes before the "
        "path gets there, the more the steeper the direction is."
    ),
    recipe=Recipe(
        objective=Choice.of("bowl", condition=10.0),
        optimizers=(Choice.of("momentum", learning_rate=0.03), Choice.of("nesterov", learning_rate=0.03)),
        steps=20,
        extent=0.6,
        start="picked",
        start_x=-2.0,
        start_y=0.7,
        view="contour",
        beside=(("momentum.learning_rate", "0.14"), ("nesterov.learning_rate", "0.14")),
    ),
    next=(
        Variation("Gradient descent as well", "optimizers=sgd&optimizers=momentum&optimizers=nesterov"),
        Variation(
            "A curved valley",
            "objective=rosenbrock&start_x=-1.2&start_y=1&momentum.learning_rate=0.001"
            "&nesterov.learning_rate=0.001&steps=200&beside=",
        ),
    ),
    source=Source(
        "Sutskever et al. 2013, On the importance of initialization and momentum in deep learning",
        "https://proceedings.mlr.press/v28/sutskever13.html",
    ),
)

DIVIDED = Lesson(
    title="What a step is divided by",
    section=SECTION,
    sentences=(
        "All four paths on Beale's function have the learning rate 0.05, and each step divides the mean gradient "
        "of a coordinate by a number of its own.",
        "Adam and Yogi divide by the size of past gradients: those at the steep start count for long, "
        "and after 300 steps they are at 0.014 and 0.017.",
        "AdaBelief divides by how much gradients differ from their mean, and ends at 0.0047; Sophia divides by an "
        "estimate of the curvature, and ends at 0.00034.",
    ),
    question="When is a large gradient a reason for a short step, and when is it not?",
    answer=(
        "Where it changes from step to step, as in a narrow ravine or with small batches. A gradient that stays "
        "the same says that the way is straight; AdaBelief and Sophia then take longer steps, and Adam does not."
    ),
    recipe=Recipe(
        objective=Choice("beale"),
        optimizers=tuple(Choice.of(name, learning_rate=0.05) for name in ("adam", "yogi", "adabelief", "sophia")),
        steps=300,
        scale="log",
    ),
    next=(
        Variation("A curvature that is estimated in every step", "sophia.interval=1"),
        Variation("Rosenbrock's valley", "objective=rosenbrock"),
    ),
    source=Source(
        "Zhuang et al. 2020, AdaBelief optimizer: adapting stepsizes by the belief in observed gradients",
        "https://arxiv.org/abs/2010.07468",
    ),
)

FIRST_STEPS = Lesson(
    title="The first steps of Adam",
    section=SECTION,
    sentences=(
        "In its first step Adam knows one gradient and divides it by its own size: every parameter moves by the "
        "learning rate, here 0.05, and the loss rises from 2.30 to 2.80.",
        "On the left NAdam throws the network so far that it never gets better than a guess, 2.30; RAdam scales "
        "its steps down as long as their divisor is not known well, and ends at 0.003.",
        "On the right the rate rises from 0 over the first 10 steps: Adam then ends at 0.004 in place of 0.031, "
        "and NAdam at 0.029.",
    ),
    question="What do RAdam and a warm-up have in common?",
    answer=(
        "Both shorten the first steps, when the divisor rests on a few gradients. RAdam needs no number of steps "
        "for it: it follows from the length of the average."
    ),
    recipe=Recipe(
        model=Choice.of("mlp", depth=6, activation="tanh"),
        optimizers=tuple(Choice.of(name, learning_rate=0.05) for name in ("adam", "radam", "nadam")),
        steps=100,
        tolerance=0.01,
        beside=(("schedule", "warm-up"),),
    ),
    next=(
        Variation(
            "A fifth of the rate", "adam.learning_rate=0.01&radam.learning_rate=0.01&nadam.learning_rate=0.01"
        ),
        Variation("One cycle in place of the warm-up", "beside=schedule:one-cycle"),
    ),
    source=Source(
        "Liu et al. 2020, On the variance of the adaptive learning rate and beyond",
        "https://arxiv.org/abs/1908.03265",
    ),
)

LAYERS = Lesson(
    title="A step as a share of each layer",
    section=SECTION,
    sentences=(
        "LARS moves each of the seven layers by a share of the layer's norm, whatever the size of its gradient: "
        "after 30 steps it is at a loss of 0.20, and gradient descent at 1.12.",
        "Such a step does not shrink where the gradient does. On the left LARS never comes to rest: over the last "
        "20 steps its loss is between 0.002 and 0.209.",
        "On the right the rate is halved whenever the loss has not fallen for 5 steps, and the loss ends "
        "at 0.00008.",
    ),
    question="Why is a share of the norm a good measure for a step?",
    answer=(
        "A layer whose weights are twice as large needs steps that are twice as long for the same change. One "
        "rate then fits all layers, which is what training with very large batches asks for."
    ),
    recipe=Recipe(
        model=Choice.of("mlp", depth=6, activation="tanh"),
        optimizers=(Choice("lars"), Choice("sgd")),
        steps=75,
        directions=Choice("principal"),
        beside=(("schedule", "reduce-on-plateau"), ("reduce-on-plateau.patience", "5")),
    ),
    next=(
        Variation("LAMB and Adafactor", "optimizers=lamb&optimizers=adafactor"),
        Variation("A cosine beside", "beside=schedule:cosine"),
    ),
    source=Source(
        "You et al. 2017, Large batch training of convolutional networks", "https://arxiv.org/abs/1708.03888"
    ),
)

LESSONS = {"nesterov": LOOK_AHEAD, "divided": DIVIDED, "first-steps": FIRST_STEPS, "layers": LAYERS}
