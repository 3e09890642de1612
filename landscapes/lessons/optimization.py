"""Lessons on gradient descent and momentum."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

RAVINE = Lesson(
    title="A ravine, with and without momentum",
    section="How optimizers move",
    sentences=(
        "The bowl ½(x² + 100y²) is a hundred times steeper across than along.",
        "Gradient descent at its best constant rate, 2/(L+μ), multiplies the error by 0.980 per step; "
        "heavy ball at its best multiplies it by 0.818 in the long run.",
        "Momentum swings wider at first, then damps the zigzag and gathers speed along the ravine.",
    ),
    question="How many steps does each need to come ten times closer to the minimum?",
    answer="Gradient descent needs 116 steps. Heavy ball needs 12 of its later ones.",
    recipe=Recipe(
        objective=Choice.of("bowl", condition=100.0),
        optimizers=(
            # With κ = 100: η = 2/(L+μ), and for heavy ball √β = (√κ−1)/(√κ+1) = 9/11, η = ((1+√β)/√L)². In fewer
            # digits the double root of heavy ball splits, and 0.879 takes the place of 0.818.
            Choice.of("sgd", learning_rate=2 / 101),
            Choice.of("momentum", learning_rate=4 / 121, beta=81 / 121),
        ),
        steps=200,  # gradient descent needs ln 10 / −ln 0.980 = 115 of them, and of 200 every one is drawn
        start="picked",
        start_x=-3.5,
        start_y=0.4,
        view="contour",
        scale="log",
    ),
    next=(
        Variation("Divide the condition number by 10", "bowl.condition=10"),
        Variation(
            "Give Adam the same start", "optimizers=sgd&optimizers=momentum&optimizers=adam&adam.learning_rate=0.1"
        ),
    ),
    source=Source(
        "Polyak 1964, Some methods of speeding up the convergence of iteration methods",
        "https://doi.org/10.1016/0041-5553(64)90137-5",
    ),
)

LESSONS = {"ravine": RAVINE}
