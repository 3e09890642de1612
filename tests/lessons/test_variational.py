"""Posterior collapse and β, against probabilistic PCA."""

import math
from dataclasses import replace
from functools import partial

import jax
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from landscapes import descend
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.scenes.placement import place_picture


def test_collapsed_paths_leave_saddle_for_probabilistic_pca():
    recipe = catalog.complete(LESSONS["collapsed"].recipe)
    text = " ".join(LESSONS["collapsed"].sentences)
    problem = catalog.build(recipe)
    middle, unravel = ravel_pytree(jax.tree.map(np.zeros_like, problem.params))
    loss = partial(lambda problem, flat: problem.loss(unravel(flat)), problem)
    value, gradient, hessian = jax.jit(lambda flat: (loss(flat), jax.grad(loss)(flat), jax.hessian(loss)(flat)))(
        middle
    )
    np.testing.assert_allclose(gradient, 0, atol=1e-5)
    assert f"{value:.3f} nats" in text
    assert f"{np.linalg.eigvalsh(hessian)[0]:.2f}".replace("-", "−") in text
    assert np.linalg.norm(ravel_pytree(problem.params)[0]) < 0.05
    for choice in recipe.optimizers:
        run = descend(problem, (choice.name, choice.settings), recipe.steps)
        assert run.loss[-1] < 2.15
        assert run.terms["gap"][-1] < 0.02
    best = catalog.optimum(recipe, problem)
    assert f"{loss(ravel_pytree(best)[0]):.3f} nats" in text


def test_beta_merges_valleys_at_posterior_collapse():
    recipe = LESSONS["beta"].recipe
    axes = place_picture(recipe).labels
    assert [name in label for name, label in zip(("decoder.kernel", "encoder.kernel"), axes, strict=True)] == [
        True,
        True,
    ]
    assert "w = decoder.kernel and v = encoder.kernel" in LESSONS["beta"].sentences[0]
    weights = []
    for one in (recipe, recipe.neighbour() or recipe):
        best = catalog.optimum(catalog.complete(one), catalog.build(one))
        assert best is not None
        weights.append(abs(float(best["decoder"]["kernel"][0, 0])))
    assert weights == pytest.approx([math.sqrt(3), 0], abs=1e-5)
    twice = replace(recipe, weights=(("kl", 2.0),))
    best = catalog.optimum(catalog.complete(twice), catalog.build(twice))
    assert best is not None
    assert abs(float(best["decoder"]["kernel"][0, 0])) == pytest.approx(math.sqrt(2), abs=1e-5)
