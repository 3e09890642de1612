"""Lessons on objectives of whole sets of examples."""

from __future__ import annotations

from landscapes.lessons.lesson import Lesson, Source, Variation
from landscapes.recipes.recipe import Choice, Recipe

RISKS = Lesson(
    title="Cox's likelihood compares each patient with those still there",
    section="What an objective is",
    sentences=(
        "A linear model gives each of 150 patients a risk, from three features.",
        "The surface is minus the logarithm of Cox's partial likelihood: at each event it asks whose risk is "
        "large among the patients still there.",
        "It is convex, and one of its Hessian eigenvalues is 0.",
    ),
    question="Which change of the model leaves the loss as it is?",
    answer=(
        "The same number added to every risk. It cancels between the patient and the risk set, so the bias does "
        "not matter. The risk sets reach over all patients, so there are no minibatches."
    ),
    recipe=Recipe(
        objective=Choice("cox"),
        data=Choice.of("patients", examples=150),
        model=Choice("linear"),
        optimizers=(Choice.of("adam", learning_rate=0.05), Choice.of("sgd", learning_rate=0.5)),
        steps=100,
        behavior=True,
    ),
    next=(
        Variation("Concordance beside the likelihood", "beside=term:concordance"),
        Variation("The smallest Hessian eigenvectors", "directions=hessian&hessian.end=smallest"),
    ),
    source=Source(
        "Cox 1972, Regression models and life-tables", "https://doi.org/10.1111/j.2517-6161.1972.tb00899.x"
    ),
)

LESSONS = {"risks": RISKS}
