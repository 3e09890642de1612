"""Lessons on diffusion models."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

NOISE = Lesson(
    title="A model that predicts noise draws moons",
    section="Generative objectives",
    sentences=(
        "Each of 200 points on the moons gets noise at 16 levels, and the network predicts that noise.",
        "The loss ends at 0.81: noise is not known from a noisy point, and 0.75 is what knowing all points gives.",
        "Beside the surface samples are made of noise alone, which is taken away level by level.",
    ),
    question="Which third of the levels has the largest share of the loss, and why?",
    answer=("The lowest, with 0.45 of the loss: the spread of the data hides noise that is smaller."),
    recipe=Recipe(
        objective=Choice("noise-prediction"),
        data=Choice("plane-samples"),
        model=Choice("denoiser"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=500,
        directions=Choice("principal"),
        scale="log",
        behavior=True,
    ),
    next=(
        Variation("Only 4 levels", "noise-prediction.levels=4"),
        Variation("Predict v instead", "objective=v-prediction"),
    ),
    source=Source("Ho et al. 2020, Denoising diffusion probabilistic models", "https://arxiv.org/abs/2006.11239"),
)

LESSONS = {"noise": NOISE}
