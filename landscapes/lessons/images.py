"""Lessons on networks that read images as patches, with a convolution, and as a set of pixels."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

PATCHES = Lesson(
    title="A Transformer has to learn what a convolution is given",
    section="Depth, width, skips, normalization",
    sentences=(
        "Both networks learn from 100 digits and end below a training loss of 0.02; the height is their loss on "
        "360 other digits.",
        "On the left a vision Transformer reads patches of 2 × 2 pixels: that loss falls to 1.02 and comes back "
        "to 1.66.",
        "On the right a convolutional network falls to 0.51 and ends at 0.55: neighbors belong together, and "
        "a stroke is the same wherever it is.",
    ),
    question="What would the Transformer need to catch up?",
    answer=(
        "More digits, from which it can learn what the convolution is built on. With very many images it does, "
        "and then its freedom is worth more."
    ),
    recipe=Recipe(
        model=Choice("vit"),
        data=Choice.of("digits-images", examples=100),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=100,
        split="test",
        tolerance=0.01,
        behavior=True,
        beside=(("model", "convnet"),),
    ),
    next=(
        Variation("500 digits", "digits-images.examples=500"),
        Variation("A network that reads pixels as a set", "model=deep-sets&steps=300"),
    ),
    source=Source("Dosovitskiy et al. 2021, An image is worth 16x16 words", "https://arxiv.org/abs/2010.11929"),
)

SETS = Lesson(
    title="Pixels as a set",
    section="Depth, width, skips, normalization",
    sentences=(
        "Deep Sets reads every pixel by itself, its row, its column and its brightness, and takes the mean over "
        "all of them: the order in which they come has no effect.",
        "On the left it learns 200 digits in 300 steps to a loss of 0.35, and 22 of them are classified wrong.",
        "On the right a multilayer perceptron has weights of its own for each of the 64 pixels: from the same "
        "digits it comes to a loss of 0.0003, and none is wrong.",
    ),
    question="What does Deep Sets have in return for the slower descent?",
    answer=(
        "It reads any number of elements in any order with the same weights, as points in space or particles in "
        "a detector. The perceptron needs the pixels in their places, and new weights for a larger image."
    ),
    recipe=Recipe(
        model=Choice("deep-sets"),
        data=Choice.of("digits-images", examples=200),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=300,
        tolerance=0.01,
        behavior=True,
        beside=(("model", "mlp"),),
    ),
    next=(
        Variation("The loss on other digits", "split=test"),
        Variation("Twice as many units", "deep-sets.width=64"),
    ),
    source=Source("Zaheer et al. 2017, Deep sets", "https://arxiv.org/abs/1703.06114"),
)

LESSONS = {"patches": PATCHES, "sets": SETS}
