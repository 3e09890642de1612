"""The ravine, against the theory of quadratics."""

import math
from typing import Any

import numpy as np
import pytest

from landscapes.lessons import LESSONS
from landscapes.recipes import catalog


def test_ravine_uses_optimal_rates():
    """Optimal rates on a quadratic with eigenvalues μ = 1 and L = 100: η = 2/(L+μ) contracts by (κ−1)/(κ+1);
    heavy ball with √β = (√κ−1)/(√κ+1) and η = ((1+√β)/√L)² contracts by √β."""
    lesson = LESSONS["ravine"]
    recipe = catalog.complete(lesson.recipe)
    assert recipe.objective.settings["condition"] == 100
    settings = {choice.name: choice.settings for choice in recipe.optimizers}
    root = (math.sqrt(100) - 1) / (math.sqrt(100) + 1)
    assert settings["sgd"]["learning_rate"] == pytest.approx(2 / 101, rel=1e-15)
    assert settings["momentum"]["beta"] == pytest.approx(root**2, rel=1e-15)
    assert settings["momentum"]["learning_rate"] == pytest.approx(((1 + root) / 10) ** 2, rel=1e-15)
    assert recipe.steps > math.log(10) / -math.log(99 / 101)  # so the path shows the answer to the question
    text = " ".join(lesson.sentences)
    assert f"{99 / 101:.3f}" in text
    assert f"{root:.3f}" in text


def test_momentum_in_ravine_swings_wider_and_is_faster():
    recipe = catalog.complete(LESSONS["ravine"].recipe)
    amplitudes, ends = [], []
    for choice in recipe.optimizers:
        theta: Any = np.array([recipe.start_x, recipe.start_y])
        previous: Any = theta
        rate, beta = (float(choice.settings.get(name, 0.0)) for name in ("learning_rate", "beta"))
        widths = []
        for _ in range(recipe.steps):  # heavy ball on ½(x² + 100y²), and gradient descent for β = 0
            theta, previous = theta - rate * np.array([1, 100]) * theta + beta * (theta - previous), theta
            widths.append(abs(theta[1]))
        amplitudes.append(max(widths[:5]))
        ends.append(np.linalg.norm(theta))
    assert amplitudes[1] > 2 * abs(recipe.start_y) > amplitudes[0]
    assert ends[1] < 1e-3 * ends[0]
