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

REFLOW = Lesson(
    title="Reflow straightens the lines of a flow",
    section="Generative objectives",
    sentences=(
        "A flow carries noise to data; its velocity at a point is the mean of those that pass there.",
        "On the left noise and data are paired at random: Adam ends at a loss of 2.72, and 2.66 is what knowing "
        "all points gives; the lines of the 4 steps that draw samples have a bend of 1.06.",
        "On the right each point of noise is paired with the end of its line in the best such flow: the loss "
        "ends at 0.05, and the bend at 0.01.",
    ),
    question="What is a flow with straight lines good for?",
    answer=(
        "A step may then be as long as the whole line, so few steps draw the samples. The first flow is here the "
        "best one for these points, which is known; the paper trains it."
    ),
    recipe=Recipe(
        objective=Choice("rectified-flow"),
        data=Choice("plane-samples"),
        model=Choice("denoiser"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=300,
        directions=Choice("principal"),
        scale="log",
        behavior=True,
        beside=(("rectified-flow.reflow", "true"),),
    ),
    next=(
        Variation("Only 2 steps", "rectified-flow.steps=2"),
        Variation("Flow matching beside", "beside=objective:flow-matching"),
    ),
    source=Source("Liu et al. 2022, Flow straight and fast", "https://arxiv.org/abs/2209.03003"),
)

VELOCITY = Lesson(
    title="Noise or v: what is learned where noise is high",
    section="Generative objectives",
    sentences=(
        "Both networks are trained at 16 levels of noise, and the height is the share of the highest third of "
        "the levels in the loss.",
        "On the left the noise is predicted: a point at these levels is nearly noise, and the share goes from "
        "1.15 to 0.08.",
        "On the right v is predicted, which at the noisiest level is nearly −x: the share goes from 0.86 to 0.69.",
    ),
    question="Does the network on the left know more about the data at these levels?",
    answer=(
        "Its loss does not say so. The loss of the noise is the error in x times α²/σ², which is 0.0024 at the "
        "noisiest level; the loss of v is the error times 1/σ², which is 1.0024."
    ),
    recipe=Recipe(
        objective=Choice("noise-prediction"),
        data=Choice("plane-samples"),
        model=Choice("denoiser"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=500,
        directions=Choice("principal"),
        term="high-noise",
        scale="log",
        behavior=True,
        beside=(("objective", "v-prediction"), ("term", "high-noise")),
    ),
    next=(
        Variation("The lowest third of the levels", "term=low-noise"),
        Variation("Only 4 levels", "noise-prediction.levels=4"),
    ),
    source=Source("Salimans and Ho 2022, Progressive distillation", "https://arxiv.org/abs/2202.00512"),
)

SCORE = Lesson(
    title="A high loss of a score is not a bad score",
    section="Generative objectives",
    sentences=(
        "The score of the data with noise is fitted at levels that grow by the factor 4; samples start wide and "
        "go from level to level.",
        "On the left the levels are 0.1, 0.4 and 1.6, and the loss ends at 3.74.",
        "On the right they are 0.01, 0.04 and 0.16: the loss ends at 5.64, near the 6 of a score of 0, and yet "
        "samples are 0.10 away from the nearest point on average, and 0.11 on the left.",
    ),
    question="Why is the loss large where the noise is small?",
    answer=(
        "The spread of the points hides a noise that is smaller: at the level 0.01 the share ends at 2.01, and a "
        "score of 0 has 2. At the level 0.16 it is 1.61, and that leads the samples to the points."
    ),
    recipe=Recipe(
        objective=Choice("score-matching"),
        data=Choice("plane-samples"),
        model=Choice("denoiser"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=300,
        directions=Choice("principal"),
        scale="log",
        behavior=True,
        beside=(("score-matching.noise", "0.01"),),
    ),
    next=(
        Variation("A noise between them", "score-matching.noise=0.03"),
        Variation(
            "A generator and the sliced Wasserstein distance instead",
            "objective=sliced-wasserstein&model=generator-mlp&beside=",
        ),
    ),
    source=Source(
        "Song and Ermon 2019, Generative modeling by estimating gradients of the data distribution",
        "https://arxiv.org/abs/1907.05600",
    ),
)

LESSONS = {
    "noise": NOISE,
    "straight": REFLOW,
    "noisiest": VELOCITY,
    "levels": SCORE,
}
