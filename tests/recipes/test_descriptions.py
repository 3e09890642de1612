"""What a recipe's data, statistics and rates are called and valued, for parts that differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landscapes import Choice
from landscapes.objectives import FUNCTIONS, OBJECTIVES
from landscapes.recipes import catalog
from tests.small_recipes import TINY


def data_of(data: str, count: int, split: str = "train") -> str:
    return catalog.data_in_words(replace(TINY, data=Choice(data), split=split), count)


def test_data_are_counted_unless_they_are_one_thing():
    assert data_of("iris", 1200, "test") == "Iris, 1,200 test examples"
    assert data_of("bandit", 1) == "bandit"
    assert data_of("gridworld", 9) == "gridworld, 9 states"
    assert data_of("text", 3) == "text from a small grammar, 3 training sequences"


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"normalization": "none"}, "none"),
        ({"normalization": "layer"}, "none"),
        ({"normalization": "batch"}, "the shown examples' own, anew at every point"),
        (
            {"normalization": "batch", "statistics": "collected"},
            "collected once at the centre, over the training examples",
        ),
    ],
)
def test_statistics_of_batch_normalization_are_named(knobs, words):
    assert catalog.statistics(catalog.complete(replace(TINY, model=Choice.of("mlp", width=3, **knobs)))) == words


def test_default_rates_are_shares_of_the_functions_scale():
    """Of its own rate for methods that follow the gradient, of its box's width for the others."""
    function = FUNCTIONS["six-hump-camel"]
    (low, high), (bottom, top) = function.box
    assert high - low != top - bottom
    rate = function.rate()
    for name, expected in {
        "sgd": rate, "sam": rate, "momentum": 0.2 * rate, "nesterov": 0.2 * rate, "adam": 0.005 * (high - low),
        "adagrad": 0.05 * (high - low), "lion": 0.0025 * (high - low), "rmsprop": 0.0025 * (high - low),
    }.items():  # fmt: skip
        assert catalog.default_rate(Choice("six-hump-camel"), name) == pytest.approx(expected, rel=5e-3), name
    for name in ("lbfgs", "prodigy"):
        assert catalog.default_rate(Choice("six-hump-camel"), name) is None


def test_references_are_those_of_the_data_of_the_seed():
    """The entropy of a word, given the one before it, in the text that is drawn with this seed."""
    recipe = catalog.complete(replace(catalog.opening_of("next-token"), seed=3))
    found = catalog.references(recipe)
    known: Any = OBJECTIVES["next-token"].known
    assert found == known.references(catalog.load(recipe.data, 3))
    assert found != catalog.references(replace(recipe, seed=0))


def test_a_bound_is_named_only_where_the_whole_sum_is_drawn():
    recipe = catalog.complete(catalog.opening_of("linear-elbo"))
    assert catalog.bounded_term(recipe) == "nll"
    assert catalog.bounded_term(replace(recipe, term="kl")) == ""
    for weights in ({"kl": 0.5}, {"reconstruction": 2.0}, {"gap": 1.0}):
        other = replace(recipe, weights=tuple((dict(recipe.weights) | weights).items()))
        assert catalog.bounded_term(catalog.complete(other)) == ""
    assert catalog.bounded_term(catalog.complete(TINY)) == ""


def test_references_belong_to_the_trained_sum():
    """A game's references hold while its players pay what they open with; a penalty may be added."""
    recipe = catalog.complete(catalog.opening_of("minimax-gan"))
    assert catalog.references(recipe)
    weights = dict(recipe.weights)
    assert catalog.references(replace(recipe, weights=tuple((weights | {"value": 0.5}).items()))) == {}
    language = catalog.complete(catalog.opening_of("next-token"))
    assert catalog.references(language)
    assert catalog.references(replace(language, term="l2")) == {}
    assert catalog.references(replace(language, drawn=Choice("masked-token"))) == {}
