"""Sums of terms and knobs in words."""

import pytest

from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog
from landscapes.recipes.words import BETTER, SYMBOLS, capitalize, knob_name, weighted_sum


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ({"cross-entropy": 1.0, "l2": 0.01, "l1": 0.0}, "cross-entropy + 0.01·L2"),
        ({"reward": 1.0, "kl": -0.5}, "reward − 0.5·KL"),
        ({"reward": -2.0, "kl": -1.0}, "−2·reward − KL"),
        ({"kl": 0.0}, "0"),
    ],
)
def test_sum_has_its_signs_and_factors(weights, text):
    assert weighted_sum(weights) == text


def test_every_symbol_stands_for_a_term_or_an_objective():
    terms = {term for entry in OBJECTIVES.values() for term in entry.weights}
    players = {player for entry in OBJECTIVES.values() for player in entry.players or ()}
    assert SYMBOLS.keys() <= terms | players | OBJECTIVES.keys()
    assert len({SYMBOLS[name] for name in ("kl", "l1", "l2", "nll")}) == 4


def test_knobs_are_written_without_underscores():
    assert [knob_name(name) for name in ("b1", "eps", "learning_rate")] == ["β₁", "ε", "learning rate"]
    assert [capitalize(text) for text in ("β₁", "learning rate", "")] == ["β₁", "Learning rate", ""]


def test_a_reward_beside_a_loss_is_better_when_it_rises():
    assert catalog.sense_of_term("true-reward", "minimize") == "maximize"
    assert catalog.sense_of_term("kl", "maximize") == "minimize"
    assert catalog.sense_of_term("dpo", "minimize") == catalog.sense_of_term("", "minimize") == "minimize"
    assert set(BETTER) <= {term for entry in OBJECTIVES.values() for term in entry.weights}
