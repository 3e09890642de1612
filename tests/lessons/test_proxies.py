"""Losses beside what they stand for: the second picture shows the other quantity of the same parameters."""

from dataclasses import replace

import pytest

from landscapes.lessons import LESSONS
from landscapes.recipes import catalog


@pytest.mark.parametrize(
    ("name", "field", "left", "right"),
    [
        ("overoptimized", "term", "", "true-reward"),
        ("overfitted", "split", "train", "test"),
        ("terraces", "drawn", "same", "error-rate"),
    ],
)
def test_second_picture_shows_what_the_loss_stands_for(name, field, left, right):
    recipe = LESSONS[name].recipe
    shown = [catalog.complete(one or recipe) for one in (recipe, recipe.neighbour())]
    values = [getattr(one, field) for one in shown]
    assert [getattr(value, "name", value) for value in values] == [left, right]
    trained = [replace(catalog.as_trained(one), beside=()) for one in shown]
    assert trained[0] == trained[1]
