"""Lessons on representations that are learned without a loss."""

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

LESSONS = {"twins": TWINS}
