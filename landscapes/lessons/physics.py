"""Lessons on differential equations."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

CONVECTION = Lesson(
    title="The right equation, and no solution",
    section="Several objectives",
    sentences=(
        "A network u is trained on the residual of ∂u/∂t + β ∂u/∂x = 0 at collocation points, and on the initial "
        "values of a wave.",
        "On the left β is 1: L-BFGS ends below 0.01, and the network has the wave.",
        "On the right β is 30, and no other setting differs: L-BFGS ends above 0.35, near the loss of u = 0, "
        "which is ½.",
    ),
    question="Which of the terms is still large where that run ends, and why does u = 0 have so small a loss?",
    answer=(
        "The initial term. The constant u = 0 solves the equation under its periodic boundary, so that only the "
        "initial values speak against it."
    ),
    recipe=Recipe(
        objective=Choice.of("pinn-convection", speed=1.0),
        data=Choice.of("space-time", examples=12),
        model=Choice("smooth-mlp"),
        optimizers=(Choice("lbfgs"),),
        steps=200,
        tolerance=0.003,
        scale="log",
        behavior=True,
        beside=(("pinn-convection.speed", "30"),),
    ),
    next=(
        Variation("A speed between them", "pinn-convection.speed=8"),
        Variation("The heat equation instead", "objective=pinn-heat&beside="),
    ),
    source=Source(
        "Krishnapriyan et al. 2021, Characterizing possible failure modes in physics-informed neural networks",
        "https://arxiv.org/abs/2109.01050",
    ),
)

RITZ = Lesson(
    title="One equation, two losses",
    section="What an objective is",
    sentences=(
        "Both networks solve −u″ = f between fixed ends: on the left by the square of the residual, which has "
        "second derivatives, on the right by Ritz's energy, which has first ones.",
        "On the left the least loss is 0; L-BFGS ends below 0.00001, and the error of u is less than 0.01 %.",
        "On the right the least sum of energy and penalty is −0.255; L-BFGS ends at −0.254, and the error of u "
        "is 2.2 %.",
    ),
    question="Which of the losses says by itself how good the solution is?",
    answer="The residual, which is 0 for every solution. The least energy depends on f and is seldom known; in "
    "return a step of it is cheaper, because it needs one derivative less.",
    recipe=Recipe(
        objective=Choice("pinn-poisson"),
        data=Choice("interval"),
        model=Choice("smooth-mlp"),
        optimizers=(Choice("lbfgs"), Choice.of("adam", learning_rate=0.01)),  # the panel of the first one is open
        steps=300,
        tolerance=0.003,
        scale="log",
        behavior=True,
        beside=(("objective", "deep-ritz"),),
    ),
    next=(
        Variation("A wave three times as short", "pinn-poisson.waves=3&beside="),
        Variation("The residual alone", "term=residual&beside="),
    ),
    source=Source("E and Yu 2018, The deep Ritz method", "https://arxiv.org/abs/1710.00211"),
)

STIFF = Lesson(
    title="A large weight on the initial values makes a PINN stiff",
    section="Several objectives",
    sentences=(
        "A network solves the equation of a damped oscillator; its loss is the squared residual and the squared "
        "error of the initial values.",
        "On the left both have the weight 1, and the residual ends at 0.002.",
        "On the right the initial values weigh 100 times as much: the largest eigenvalue of the Hessian is "
        "1317.9 instead of 46.7, and after as many steps the residual is 0.049.",
    ),
    question="Would a small weight be better?",
    answer=(
        "No. With the weight 0.01 the oscillator at rest, which has no residual, costs only 0.01, and the "
        "network stays near it."
    ),
    recipe=Recipe(
        objective=Choice("pinn-oscillator"),
        data=Choice("interval"),
        model=Choice("smooth-mlp"),
        optimizers=(Choice.of("adam", learning_rate=0.01),),
        steps=600,
        directions=Choice("principal"),
        tolerance=0.003,
        scale="log",
        behavior=True,
        beside=(("weight.initial", "100"),),
    ),
    next=(
        Variation("A weight of 0.01", "weight.initial=0.01"),
        Variation("The residual alone", "term=residual"),
    ),
    source=Source(
        "Wang et al. 2021, Understanding and mitigating gradient pathologies in PINNs",
        "https://arxiv.org/abs/2001.04536",
    ),
)

LESSONS = {
    "convection": CONVECTION,
    "ritz": RITZ,
    "stiff": STIFF,
}
