"""Lessons on representations."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

TWINS = Lesson(
    title="A twin that follows, and one that collapses",
    section="Games",
    sentences=(
        "A predictor p tries to make of the weight w what the target a, which follows w, makes of another view.",
        "The start decides: p² − w² hardly changes from 0.27 on the left and 0.87 on the right.",
        "On the left w ends at 0.58; on the right at 0.01, and every example is mapped to the same point.",
    ),
    question="Is there a loss whose gradient these steps follow?",
    answer=(
        "No. The target is held while the online network moves, so the Jacobian of the field is not symmetric. "
        "The page Curvature shows it."
    ),
    recipe=Recipe(
        objective=Choice("byol"),
        data=Choice("sine"),
        model=Choice("linear-twins"),
        precision="float64",
        optimizers=(Choice.of("simultaneous", learning_rate=0.1),),
        steps=500,
        directions=Choice.of("coordinates", first=0, second=1),
        view="contour",
        extent=4.0,
        beside=(("linear-twins.predictor", "1.6"),),
    ),
    next=(
        Variation("No noise between the views", "byol.noise=0.0"),
        Variation("A target that follows slowly", "weight.tracking=0.1"),
    ),
    source=Source(
        "Tian et al. 2021, Understanding self-supervised learning dynamics without contrastive pairs",
        "https://arxiv.org/abs/2102.06810",
    ),
)

MARGIN = Lesson(
    title="A triplet loss that stops at its margin",
    section="Learned objectives",
    sentences=(
        "For each of 60 digits the farthest digit of its class is to be nearer than the nearest of another "
        "class, by a margin of 0.5.",
        "Momentum's loss stops at 0.50, the margin itself: all embeddings are equal, their distances vanish, "
        "and only the margin remains.",
        "Adam ends at 0: every digit keeps the margin, and there the gradient vanishes as well.",
    ),
    question="What do the cosines beside the surface show where the embeddings have collapsed?",
    answer="Values above 0.99 for every pair. Without collapse they are large within a class only.",
    recipe=Recipe(
        objective=Choice("triplet"),
        data=Choice.of("digits-images", examples=60),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.01), Choice.of("momentum", learning_rate=0.03)),
        steps=150,
        behavior=True,
    ),
    next=(
        Variation("A smaller rate for momentum", "momentum.learning_rate=0.003"),
        Variation("A larger margin", "triplet.margin=1"),
    ),
    source=Source("Hermans et al. 2017, In defense of the triplet loss", "https://arxiv.org/abs/1703.07737"),
)

LESSONS = {"twins": TWINS, "margin": MARGIN}
