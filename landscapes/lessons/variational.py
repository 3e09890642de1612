"""Lessons on variational autoencoders."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

POSTERIOR_COLLAPSE = Lesson(
    title="Posterior collapse is a saddle",
    section="Generative objectives",
    sentences=(
        "A linear VAE, data of variance 4, noise of variance 1: in the middle, z says nothing of x.",
        "The gradient vanishes there, at 2.919 nats, but one Hessian eigenvalue is −1.77, and every path leaves.",
        "Either valley leads to probabilistic PCA, w = ±√3: at 2.112 nats the bound is the likelihood itself.",
    ),
    question="How large must the noise variance be for the collapsed point to become the minimum?",
    answer="As large as the variance of the data, 4. From there on no Hessian eigenvalue is negative.",
    recipe=Recipe(
        objective=Choice.of("linear-elbo", variance=1.0),
        data=Choice.of("gaussian-cloud", variance=4.0),
        model=Choice.of("linear-vae", spread=0.02),
        optimizers=(Choice.of("adam", learning_rate=0.03), Choice.of("sgd", learning_rate=0.05)),
        steps=200,
        behavior=True,
        directions=Choice.of("hessian", end="both"),
        center="initial",
        extent=300.0,
        scale="log",
    ),
    next=(
        Variation("Noise variance above that of the data", "linear-elbo.variance=5"),
        Variation("The ELBO from samples of z", "objective=elbo&elbo.variance=1"),
    ),
    source=Source(
        "Lucas et al. 2019, Don't blame the ELBO!",
        "https://arxiv.org/abs/1911.02469",
    ),
)

BETA_VAE = Lesson(
    title="β moves the optimum",
    section="Generative objectives",
    sentences=(
        "Both pictures show a linear VAE over two weights, w = decoder.kernel and v = encoder.kernel.",
        "A weight β on the KL term acts as a noise variance β times as large; on the right β = 6.",
        "There the data's variance, 4, is below the noise's, 6, and the two valleys have merged at w = 0.",
    ),
    question="What would β = 2 do to w = √3?",
    answer="It would move to √2: β = 2 doubles the noise variance.",
    recipe=Recipe(
        objective=Choice.of("linear-elbo", variance=1.0),
        data=Choice.of("gaussian-cloud", variance=4.0),
        model=Choice.of("linear-vae", spread=0.1),
        optimizers=(Choice.of("adam", learning_rate=0.03),),
        steps=200,
        directions=Choice.of("coordinates", first=1, second=2),
        center="initial",
        extent=60.0,
        view="contour",
        scale="log",
        beside=(("weight.kl", "6.0"),),
    ),
    next=(
        Variation("β = 2 beside", "beside=weight.kl:2.0"),
        Variation("β below the usual", "beside=weight.kl:0.25"),
    ),
    source=Source(
        "Higgins et al. 2017, β-VAE",
        "https://openreview.net/forum?id=Sy2fzU9gl",
    ),
)

LESSONS = {"collapsed": POSTERIOR_COLLAPSE, "beta": BETA_VAE}
