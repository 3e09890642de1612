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
        "The spiral would open more slowly. It would still open at every rate, because the eigenvalues of the "
        "game's Jacobian are imaginary."
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
        behavior=True,
        directions=Choice("players"),
        view="contour",
        beside=(("weight.R1", "1.0"),),
    ),
    next=(
        Variation("The non-saturating game", "objective=non-saturating-gan"),
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

LOOKAHEAD = Lesson(
    title="Players that look ahead settle",
    section="Games",
    sentences=(
        "Three ways to play the Dirac-GAN from the same start, at the same learning rate.",
        "Simultaneous steps spiral outward: each player answers where the other one was.",
        "Extragradient and optimistic steps answer where the other one is going, and come closer to the "
        "equilibrium.",
    ),
    question="What do they pay for it?",
    answer=(
        "An extragradient step evaluates the gradients at a second point. An optimistic step uses the last "
        "gradient again and costs no more than a simultaneous step."
    ),
    recipe=Recipe(
        objective=Choice("minimax-gan"),
        data=Choice("point"),
        model=Choice("dirac-gan"),
        precision="float64",
        optimizers=tuple(
            Choice.of(name, learning_rate=0.3) for name in ("simultaneous", "extragradient", "optimistic")
        ),
        steps=100,
        directions=Choice("players"),
        view="contour",
    ),
    next=(
        Variation("A least-squares game", "objective=least-squares-gan"),
        Variation("A Wasserstein game", "objective=wasserstein-gan&weight.gradient-penalty=0"),
    ),
    source=Source(
        "Gidel et al. 2019, A variational inequality perspective on generative adversarial networks",
        "https://arxiv.org/abs/1802.10551",
    ),
)

LESSONS = {"duel": DIRAC_GAN, "lookahead": LOOKAHEAD}
