"""Lessons on games of two players."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

DIRAC_GAN = Lesson(
    title="A game that spirals outward, circles, or settles",
    section="Games",
    sentences=(
        "The Dirac-GAN has two numbers: the generator's one point, and the discriminator's slope there.",
        "Simultaneous steps spiral away from the equilibrium, near it by 1.1 % a step; alternating ones circle.",
        "On the right an R1 penalty is added, half the squared slope, and both settle.",
    ),
    question="What would be gained on the left by a smaller learning rate, and what would not?",
    answer=(
        "The spiral would open more slowly. It would still open at every rate, because the eigenvalues of "
        "the game's Jacobian are imaginary."
    ),
    recipe=Recipe(
        objective=Choice("minimax-gan"),
        data=Choice("point"),
        model=Choice("dirac-gan"),
        precision="float64",
        optimizers=(
            Choice.of("simultaneous", learning_rate=0.3),
            Choice.of("alternating", learning_rate=0.3),
        ),
        steps=100,
        directions=Choice("players"),
        view="contour",
        beside=(("weight.R1", "1.0"),),
    ),
    next=(
        Variation("A smaller learning rate", "simultaneous.learning_rate=0.1&alternating.learning_rate=0.1"),
        Variation(
            "Extragradient and optimistic steps",
            "optimizers=extragradient&optimizers=optimistic&extragradient.learning_rate=0.3&optimistic.learning_rate=0.3",
        ),
    ),
    source=Source(
        "Mescheder et al. 2018, Which training methods for GANs do actually converge?",
        "https://arxiv.org/abs/1801.04406",
    ),
)

LESSONS = {"duel": DIRAC_GAN}
