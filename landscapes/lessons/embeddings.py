"""Lessons on embeddings: what keeps them apart, and what they gather at."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

VARIANCE = Lesson(
    title="Correlation or variance against collapse",
    section="Learned objectives",
    sentences=(
        "Both losses bring two views of each of 100 digits together; equal embeddings cost 8 under Barlow "
        "Twins, "
        "on the left, and 1.98 under VICReg, on the right.",
        "Adam stays away from them and ends at 0.01 and 0.56.",
        "SGD's rate of 1 is too large: on the right its path ends in collapse, at 1.96; on the left it ends at "
        "0.22, because a correlation stays as it is when an output shrinks.",
    ),
    question="At Adam's end on the right most cosines are near 1 or −1; which term is there to prevent that?",
    answer=(
        "The covariance, which is large where outputs vary together: it ends at 11.76, with a weight of "
        "0.04. At "
        "the end of SGD's path every cosine is above 0.7, because hardly anything varies."
    ),
    recipe=Recipe(
        objective=Choice("barlow-twins"),
        data=Choice.of("digits-images", examples=100),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.01), Choice.of("sgd", learning_rate=1.0)),
        steps=150,
        scale="log",
        behavior=True,
        beside=(("objective", "vicreg"),),
    ),
    next=(
        Variation("A smaller rate for SGD", "sgd.learning_rate=0.1"),
        Variation("No term of redundancy", "weight.redundancy=0"),
    ),
    source=Source(
        "Bardes et al. 2022, VICReg: variance-invariance-covariance regularization",
        "https://arxiv.org/abs/2105.04906",
    ),
)

STOPPED = Lesson(
    title="Steps that follow the gradient of no loss",
    section="Games",
    sentences=(
        "SimSiam's target is the encoder itself, and its gradient is stopped there: each step holds the target.",
        "On the left the target is held where it ends, and the path ends at the least loss of the plane, 0.095.",
        "On the right the target moves with the encoder: beside the end the loss falls below 0.001, and the path "
        "stops on a slope that none of its steps follows.",
    ),
    question="Why is the end on the right a place of rest, although the loss has a gradient there?",
    answer=(
        "The part of the gradient that comes through the target is left out. What is left vanishes at the end, "
        "and it is not the gradient of any loss: its Jacobian is not symmetric."
    ),
    recipe=Recipe(
        objective=Choice("simsiam"),
        data=Choice("sine"),
        model=Choice("linear-twins"),
        precision="float64",
        weights=(("tracking", 10.0),),
        optimizers=(Choice.of("alternating", learning_rate=0.1),),
        steps=500,
        directions=Choice.of("coordinates", first=0, second=1),
        term="online",
        view="contour",
        scale="log",
        extent=4.0,
        beside=(("directions", "principal"), ("extent", "2")),
    ),
    next=(
        Variation("A predictor that starts at 1.6", "linear-twins.predictor=1.6"),
        Variation("A target that follows slowly", "weight.tracking=1"),
    ),
    source=Source(
        "Chen and He 2021, Exploring simple siamese representation learning",
        "https://arxiv.org/abs/2011.10566",
    ),
)

ANGLES = Lesson(
    title="Classes by their directions: chosen, or given",
    section="Learned objectives",
    sentences=(
        "Both losses know the classes of 100 digits and read the directions of the embeddings alone.",
        "On the left supervised contrast brings each class together and drives the others apart: Adam ends at "
        "2.95, below the 4.60 of equal embeddings.",
        "On the right ArcFace gives each class an axis and adds 0.5 radians to the angle to it: Adam ends at "
        "0.018, above the 0.008 of digits that lie on their axes.",
    ),
    question="Which directions do the classes take on the left, and which on the right?",
    answer=(
        "On the left those that training finds: any rotation of all embeddings has the same loss. On the right "
        "those of the axes of the output."
    ),
    recipe=Recipe(
        objective=Choice("supervised-contrastive"),
        data=Choice.of("digits-images", examples=100),
        model=Choice("mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.01), Choice("momentum")),
        steps=150,
        behavior=True,
        beside=(("objective", "arcface"),),
    ),
    next=(
        Variation("A lower temperature", "supervised-contrastive.temperature=0.1"),
        Variation("ArcFace without a margin beside", "beside=objective:arcface&beside=arcface.margin:0"),
    ),
    source=Source("Deng et al. 2019, ArcFace: additive angular margin loss", "https://arxiv.org/abs/1801.07698"),
)

LESSONS = {"correlation": VARIANCE, "stopped": STOPPED, "angles": ANGLES}
