"""Fixed dropout masks."""

import math
from dataclasses import replace

import jax
import numpy as np

from landscapes import Choice, descend
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog


def test_only_fixed_dropout_masks_are_memorized():
    recipe = catalog.complete(LESSONS["byheart"].recipe)
    second = catalog.complete(catalog.neighbour(recipe) or recipe)
    assert (recipe.drawn, second.drawn.name) == (catalog.SAME, "cross-entropy")
    (adam,), text = recipe.optimizers, " ".join(LESSONS["byheart"].sentences)
    masked = catalog.training_problem(catalog.build(recipe))
    run = descend(masked, (adam.name, adam.settings), recipe.steps)
    end = jax.tree.map(lambda leaf: leaf[-1], run.params)
    assert run.loss[-1] < 0.001
    assert "below 0.001 nats" in text
    plain = catalog.build(replace(recipe, objective=Choice("cross-entropy"), weights=(), beside=()))
    assert f"ends at {float(plain.loss(end)):.2f} nats" in text
    loss = jax.jit(lambda key: replace(masked, key=key).loss(end))
    np.testing.assert_allclose(loss(masked.key), run.loss[-1], rtol=1e-3)
    others = np.mean([loss(jax.random.key(draw)) for draw in range(100, 120)])
    assert others > 3 * math.log(10)
