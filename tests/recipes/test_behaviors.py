"""Which recipes have something to show of what their model does."""

from dataclasses import replace

import pytest

from landscapes import Choice, Recipe
from landscapes.recipes import catalog
from tests.small_recipes import BOWL, TINY

MOONS = replace(TINY, data=Choice.of("moons", examples=20), behavior=True)


def test_behavior_is_a_setting_of_a_model_with_something_to_show():
    assert Recipe.from_query(MOONS.query).behavior
    assert catalog.complete(MOONS).behavior
    assert catalog.complete(replace(MOONS, dimension=1)).behavior
    assert not catalog.complete(replace(BOWL, behavior=True)).behavior
    with pytest.raises(ValueError, match="behavior = 'maybe' is neither true nor false"):
        Recipe.from_query("behavior=maybe")


def test_batch_statistics_are_shown_on_the_examples_alone():
    """Of a grid of inputs they would be those of the grid."""
    normalized = Choice.of("mlp", width=3, depth=1, normalization="batch")
    assert not catalog.shows_behavior(catalog.complete(replace(MOONS, model=normalized)))
    collected = Choice.of("mlp", width=3, depth=1, normalization="batch", statistics="collected")
    assert catalog.shows_behavior(catalog.complete(replace(MOONS, model=collected)))
    digits = replace(MOONS, data=Choice.of("digits", examples=20), model=normalized)
    assert catalog.shows_behavior(catalog.complete(digits))


def test_a_table_that_is_missing_keeps_the_setting():
    missing = Recipe(data=Choice.of("table-classes", table="0123456789abcdef-3-4-lost.csv"), behavior=True)
    assert catalog.shows_behavior(missing)
