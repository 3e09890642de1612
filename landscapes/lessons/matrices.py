"""A lesson on steps that see the matrices of a network."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

MUON = Lesson(
    title="A step that is equally long in all directions of a matrix",
    section="How optimizers move",
    sentences=(
        "The network has six hidden layers. In the second one the tenth singular value of the first gradient is "
        "4 % of the largest, so that a gradient step moves the matrix in few directions.",
        "Muon brings the singular values of its step near one another: there the tenth is 81 % of the largest.",
        "After 30 steps Muon is at a loss of 0.0067, Adam at 0.052, and momentum at 0.075.",
    ),
    question="Why does Adam, which divides every number by its own size, not do the same?",
    answer=(
        "It scales the numbers of a matrix one by one, and the step keeps a few large singular values: the tenth "
        "of Adam's first step is 22 % of the largest. Muon sees the matrix as a whole."
    ),
    recipe=Recipe(
        model=Choice.of("mlp", depth=6, activation="tanh"),
        optimizers=(
            Choice.of("muon", learning_rate=0.06),
            Choice.of("adam", learning_rate=0.02),
            Choice.of("momentum", learning_rate=0.3),
        ),
        steps=60,
        scale="log",
        behavior=True,
    ),
    next=(
        Variation("One layer alone", "model=softmax"),
        Variation(
            "LAMB and Adafactor, which see layers, too", "optimizers=muon&optimizers=lamb&optimizers=adafactor"
        ),
    ),
    source=Source(
        "Jordan et al. 2024, Muon: an optimizer for hidden layers in neural networks",
        "https://kellerjordan.github.io/posts/muon/",
    ),
)

LESSONS = {"muon": MUON}
