"""Alignment without uniformity."""

import math

import pytest

from landscapes import descend
from landscapes.lessons import LESSONS
from landscapes.recipes import catalog


def test_alignment_alone_collapses_embeddings():
    recipe = catalog.complete(LESSONS["apart"].recipe)
    second = catalog.complete(catalog.neighbour(recipe) or recipe)
    others = math.log(2 * int(recipe.data.settings["examples"]) - 1)
    assert list(catalog.references(recipe).values()) == [others]
    (adam,), tau = recipe.optimizers, float(recipe.objective.settings["temperature"])
    left, right = (
        descend(catalog.training_problem(catalog.build(one)), (adam.name, adam.settings), one.steps).terms
        for one in (recipe, second)
    )
    # All embeddings are equal, so every inner product is 1.
    assert right["alignment"][-1] == pytest.approx(-1 / tau, abs=1e-3)
    assert right["uniformity"][-1] == pytest.approx(1 / tau + others, abs=1e-3)
    total = left["alignment"][-1] + left["uniformity"][-1]
    text = " ".join(LESSONS["apart"].sentences)
    assert f"−1/τ = −{1 / tau:g}." in text
    assert f"ln 199 = {others:.2f}" in text
    assert f"ends at {total:.2f}," in text
    assert total < others
