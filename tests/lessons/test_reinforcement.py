"""Plateau and surrogate of a policy gradient."""

import numpy as np
import pytest

from landscapes import descend
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog


def test_entropy_bonus_halves_steps_across_plateau():
    lesson, steps = LESSONS["plateau"], []
    for recipe in (lesson.recipe, lesson.recipe.neighbour()):
        complete = catalog.complete(recipe or lesson.recipe)
        (sgd,) = complete.optimizers
        run = descend(catalog.build(complete), (sgd.name, sgd.settings), complete.steps)
        assert run.terms["return"][0] < 0.01
        steps.append(int(np.argmax(run.terms["return"] > 0.5)))
    assert 0 < steps[1] < steps[0] / 2
    assert "less than half as many steps" in lesson.sentences[1]
    weights = np.exp(np.array([1, 0.5, 0]) / 0.2)
    assert run.terms["return"][-1] == pytest.approx(weights @ [1, 0.5, 0] / weights.sum(), abs=5e-3)


def test_ppo_surrogate_is_flat_where_return_rises():
    complete = catalog.complete(LESSONS["surrogate"].recipe)
    adam = complete.optimizers[0]
    run = descend(catalog.build(complete), (adam.name, adam.settings), complete.steps)
    assert run.gradient_norm[-1] == 0
    assert run.loss[0] == pytest.approx(run.terms["return"][0], abs=1e-6)
    assert run.terms["return"][-1] > run.loss[-1] + 0.1
    # The return was still rising along the path when the surrogate became flat.
    flat = int(np.argmax(run.gradient_norm == 0))
    assert run.terms["return"][flat] > run.terms["return"][flat - 5]
