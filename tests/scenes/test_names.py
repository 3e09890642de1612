"""What a picture's height is called: a sum by its terms, and losses of different examples by different names."""

from dataclasses import replace

import pytest

from landscapes import Choice, Recipe
from landscapes.models import MODELS
from landscapes.objectives import DATASETS, FUNCTIONS, OBJECTIVES
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
        ({"weights": (("l2", 0.01),), "drawn": Choice("error-rate")}, "training error rate"),
        ({"weights": (("l2", 0.1),), "drawn": Choice("hinge"), "mix": (("l1", 1.0),)}, "training hinge loss + L1"),
    ],
)  # fmt: skip
def test_height_names_the_sum_and_the_examples(settings, height):
    assert named(replace(TINY, **settings)) == (height, height.removeprefix("training ").removeprefix("test "))


@pytest.mark.parametrize(
    ("objective", "weights", "height"),
    [
        ("ridge", (), "training ridge loss"),
        ("ridge", (("l2", 0.7),), "training squared error + 0.7·L2"),
        ("rlhf", (), "learned reward − β·KL"),
        ("rlhf", (("kl", -0.3),), "reward − 0.3·KL"),
        ("expected-return", (), "expected return"),
        ("expected-return", (("entropy", 0.1),), "return + 0.1·entropy"),
        ("minimax-gan", (("R1", 0.5),), "generator's loss"),
        ("rosenbrock", (), "Rosenbrock"),
    ],
)
def test_a_sum_keeps_its_objectives_name_at_its_own_weights(objective, weights, height):
    opened = catalog.opening_of(objective)
    assert named(replace(opened, weights=weights))[0] == height


def test_formula_names_the_sum_or_term_that_is_drawn():
    plain = catalog.formula(catalog.complete(TINY))
    weighed = replace(TINY, weights=(("l2", 0.01),))
    assert catalog.formula(catalog.complete(weighed)) == f"{plain} · shown: cross-entropy + 0.01·L2"
    assert catalog.formula(catalog.complete(replace(weighed, term="l2"))) == f"{plain} · shown: L2"


# One recipe for each objective and function, and one for each model and dataset that these leave out.
OPENINGS = [
    catalog.complete(catalog.opening_of(name)) for name in (*catalog.trainable_objectives(OBJECTIVES), *FUNCTIONS)
]
PAIRS = [
    replace(catalog.opening_of(name), model=Choice(model), data=Choice(data))
    for name in catalog.trainable_objectives(OBJECTIVES)
    for data in catalog.datasets_for(name)
    for model in catalog.models_for(data, name)
]


def test_a_title_names_everything_by_its_title():
    met = set()
    for recipe in [*OPENINGS, *PAIRS]:
        parts = (recipe.objective.name, recipe.model.name, recipe.data.name)
        if met.issuperset(parts):
            continue
        met.update(parts)
        text = catalog.title(catalog.complete(recipe) if recipe in PAIRS else recipe)
        if catalog.is_function(recipe):
            assert text == FUNCTIONS[parts[0]].title
            continue
        model, data = MODELS[parts[1]].title, DATASETS[parts[2]].title
        what, _, rest = text.partition(" of ")
        assert rest == f"{catalog.in_sentence(model)} on {catalog.in_sentence(data)}"
        assert what == "cross-entropy" or what not in OBJECTIVES
    assert met >= {*catalog.trainable_objectives(OBJECTIVES), *MODELS, *DATASETS, *FUNCTIONS}


def test_terms_are_called_by_words():
    terms = {term for entry in OBJECTIVES.values() for term in entry.weights}
    assert {term for term in terms if catalog.symbol(term) == term} == {
        "cross-entropy", "reconstruction", "alignment", "uniformity", "gap", "value", "R1", "return", "entropy",
        "standard error", "surrogate", "reward", "velocity", "bend", "contrast", "disagreement", "concordance",
        "redundancy", "invariance", "covariance", "tracking", "variance", "balance",
        "z-loss",
    }  # fmt: skip
