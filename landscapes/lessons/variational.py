"""Lessons on variational autoencoders."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson
from landscapes.recipes.recipe import Choice, Recipe

POSTERIOR_COLLAPSE = Lesson(
    title="Posterior collapse is a saddle",
    sentences=(
        "A linear VAE, data of variance 4, noise of variance 1: in the middle, z says nothing of x.",
        "The gradient vanishes there, at 2.919 nats, but one Hessian eigenvalue is −1.77, and every path leaves.",
        "Either valley leads to probabilistic PCA, w = ±√3: at 2.112 nats the bound is the likelihood itself.",
    ),
    question="How large must the noise variance be for the collapsed point to become the minimum?",
    recipe=Recipe(
        objective=Choice.of("linear-elbo", variance=1.0),
        data=Choice.of("gaussian-cloud", variance=4.0),
        model=Choice.of("linear-vae", spread=0.02),
        optimizers=(Choice.of("adam", learning_rate=0.03), Choice.of("sgd", learning_rate=0.05)),
        steps=200,
        directions=Choice.of("hessian", end="both"),
        center="initial",
        extent=300.0,
        scale="log",
    ),
)

BETA_VAE = Lesson(
    title="β moves the optimum",
    sentences=(
        "Both pictures show a linear VAE over two weights, w = decoder.kernel and v = encoder.kernel.",
        "A weight β on the KL term acts as a noise variance β times as large; on the right β = 6.",
        "There the data's variance, 4, is below the noise's, 6, and the two valleys have merged at w = 0.",
    ),
    question="What would β = 2 do to w = √3?",
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
)

LESSONS = {"collapsed": POSTERIOR_COLLAPSE, "beta": BETA_VAE}
