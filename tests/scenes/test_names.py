"""What a picture's height is called: a sum by its terms, and losses of different examples by different names."""

from dataclasses import replace

import pytest

from landscapes import Choice, Recipe
from landscapes.recipes import catalog
from tests.small_recipes import TINY


def named(recipe: Recipe) -> tuple[str, str]:
    """The names with and without the examples."""
    recipe = catalog.complete(recipe)
    return catalog.height(recipe), catalog.quantity(recipe)


@pytest.mark.parametrize(
    ("settings", "height"),
    [
        ({}, "training cross-entropy"),
        ({"split": "test"}, "test cross-entropy"),
        ({"weights": (("l2", 0.01),)}, "training cross-entropy + 0.01·L2"),
        ({"weights": (("cross-entropy", 2.0), ("l1", -0.5))}, "training 2·cross-entropy − 0.5·L1"),
        ({"weights": (("l2", 0.01),), "mix": (("l2", 3.0),)}, "training cross-entropy + 3·L2"),
        ({"weights": (("l2", 0.01),), "mix": (("l2", 0.0),)}, "training cross-entropy"),
        ({"weights": (("l2", 0.01),), "term": "cross-entropy"}, "training cross-entropy"),
        ({"weights": (("l2", 0.01),), "term": "l2", "split": "test"}, "L2"),
        ({"weights": (("l2", 0.01),), "drawn": Choice("error-rate")}, "training error-rate"),
        ({"weights": (("l2", 0.01),), "drawn": Choice("hinge"), "mix": (("l1", 1.0),)}, "training hinge + L1"),
    ],
)  # fmt: skip
def test_height_names_the_sum_and_the_examples(settings, height):
    assert named(replace(TINY, **settings)) == (height, height.removeprefix("training ").removeprefix("test "))


@pytest.mark.parametrize(
    ("objective", "weights", "height"),
    [
        ("ridge", (), "training ridge"),
        ("ridge", (("l2", 0.7),), "training squared-error + 0.7·L2"),
        ("rlhf", (), "learned reward − β·KL"),
        ("rlhf", (("kl", -0.3),), "reward − 0.3·KL"),
        ("expected-return", (), "expected return"),
        ("expected-return", (("entropy", 0.1),), "return + 0.1·entropy"),
        ("minimax-gan", (("R1", 0.5),), "generator's loss"),
        ("rosenbrock", (), "rosenbrock"),
    ],
)
def test_a_sum_keeps_its_objectives_name_at_its_own_weights(objective, weights, height):
    opened = catalog.usual(objective)
    assert named(replace(opened, weights=weights))[0] == height


def test_formula_names_the_sum_or_term_that_is_drawn():
    plain = catalog.formula(catalog.complete(TINY))
    weighed = replace(TINY, weights=(("l2", 0.01),))
    assert catalog.formula(catalog.complete(weighed)) == f"{plain} · shown: cross-entropy + 0.01·L2"
    assert catalog.formula(catalog.complete(replace(weighed, term="l2"))) == f"{plain} · shown: L2"
