"""Lessons on densities: exact likelihood, and energies that are not normalized."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

SECTION = "Generative objectives"

ENTROPY = Lesson(
    title="A loss below the entropy is learned by heart",
    section=SECTION,
    sentences=(
        "Points lie on eight blobs of a ring, and a network gives each of them a density p(x); the loss is the "
        "mean of −log p over 500 points.",
        "On new points no density has a mean below the entropy of the distribution, 1.09 nats; the best Gaussian "
        "has 2.20.",
        "Adam ends at 0.97: what it gains below the entropy holds only for these points.",
    ),
    question="How could a picture show that without the entropy, which is seldom known?",
    answer="Draw the loss of test points beside it. What is learned by heart does not help there.",
    recipe=Recipe(
        objective=Choice("maximum-likelihood"),
        data=Choice.of("ring", examples=500, noise=0.15),
        model=Choice("autoregressive"),
        optimizers=(Choice.of("adam", learning_rate=0.005), Choice.of("momentum", learning_rate=0.01)),
        steps=400,
        scale="log",
        behavior=True,
    ),
    next=(
        Variation("The test points beside", "beside=split:test"),
        Variation("An affine coupling flow", "model=coupling-flow"),
    ),
    source=Source(
        "Uria et al. 2013, RNADE: the real-valued neural autoregressive density-estimator",
        "https://arxiv.org/abs/1306.0186",
    ),
)

CONTRAST = Lesson(
    title="A density, learned by telling data from noise",
    section=SECTION,
    sentences=(
        "A network gives the energy E of a density exp(−E)/Z; maximum likelihood would need the integral Z at "
        "every step.",
        "Instead a classifier with the logit −E − log n tells the data from noise of density n; if the densities "
        "are equal, its loss is 1.39.",
        "No term that is trained holds log Z, yet Adam takes it from 6.46 to 0.33: the energy of the best "
        "classifier is normalized.",
    ),
    question="Why does noise that lies far from the data teach little?",
    answer="Almost any energy then tells them apart, so the loss is small before the density is known.",
    recipe=Recipe(
        objective=Choice("noise-contrastive"),
        data=Choice.of("ring", examples=500, noise=0.2, modes=5),
        model=Choice("energy-mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.01), Choice.of("momentum", learning_rate=0.02)),
        steps=300,
        scale="log",
        behavior=True,
    ),
    next=(
        Variation("Wider noise", "noise-contrastive.scale=4"),
        Variation("The −log-likelihood beside", "beside=term:nll"),
    ),
    source=Source(
        "Gutmann and Hyvärinen 2010, Noise-contrastive estimation",
        "https://proceedings.mlr.press/v9/gutmann10a.html",
    ),
)

CHAINS = Lesson(
    title="A density learns from its own samples, and forgets",
    section=SECTION,
    sentences=(
        "Contrastive divergence lowers the energy of the data and raises that of samples, which take 30 noisy "
        "steps from the data; the height is the −log-likelihood, whose gradient no step knows.",
        "On the left the learning rate stays: the path comes down to 1.38 nats and climbs again, because its "
        "steps follow the gradient of no loss.",
        "On the right the rate falls to 0 on a cosine: the path stops at 1.40 nats before that happens.",
    ),
    question="Why do the samples of the training not show what goes wrong?",
    answer=(
        "They do not come far from the data in 30 steps. Where no sample comes, nothing raises the energy, and "
        "the density there grows."
    ),
    recipe=Recipe(
        objective=Choice.of("contrastive-divergence", steps=30),
        data=Choice.of("ring", examples=500, noise=0.2, modes=5),
        model=Choice.of("energy-mlp", activation="tanh"),
        optimizers=(Choice.of("adam", learning_rate=0.004),),
        steps=300,
        scale="log",
        behavior=True,
        beside=(("schedule", "cosine"),),
    ),
    next=(
        Variation("Shorter chains", "contrastive-divergence.steps=5"),
        Variation(
            "A rate that falls on the plateau of the likelihood beside", "beside=schedule:reduce-on-plateau"
        ),
    ),
    source=Source("Hinton 2002, Training products of experts", "https://doi.org/10.1162/089976602760128018"),
)

LESSONS = {"memorized": ENTROPY, "contrast": CONTRAST, "chains": CHAINS}
