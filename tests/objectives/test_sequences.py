"""Tokens: what the grammar writes, what follows what, and which sums are for testing."""

import re
from itertools import pairwise

import numpy as np
import pytest

from landscapes.objectives import DATASETS
from landscapes.objectives.sequences import ALPHABET

NAMES = [name for name, dataset in DATASETS.items() if dataset.inputs == "tokens"]
SENTENCE = r"(?:the|a)(?: old| red)* (?:cat|dog|hen|rat|goat) (?:sees|hears|chases|greets)"
SENTENCE += r"(?: (?:the|a)(?: old| red)* (?:cat|dog|hen|rat|goat))?\."


def written(part):
    return "".join(ALPHABET[token] for token in part["x"].ravel())


@pytest.mark.parametrize("name", NAMES)
def test_tokens_are_whole_numbers_below_the_vocabulary_and_fixed_by_the_seed(name):
    load = DATASETS[name].load
    data, again, other = load(3), load(3), load(4)
    for part, same in ((data.train, again.train), (data.test, again.test)):
        x, y = part["x"], part["y"]
        assert x.dtype == y.dtype == np.int32
        assert x.shape == y.shape == (len(x), *data.input_shape)
        assert x.min() >= 0
        assert y.min() >= -1
        assert max(x.max(), y.max()) < (data.classes or 0)
        np.testing.assert_array_equal(x, same["x"])
        with pytest.raises(ValueError, match="read-only"):
            x[0] = 0
    assert not np.array_equal(data.train["x"], other.train["x"])


@pytest.mark.parametrize("name", ["text", "markov-chain"])
def test_every_token_of_a_line_but_the_first_is_asked_for_once(name):
    data = DATASETS[name].load(0, examples=20, context=7)
    for part in (data.train, data.test):
        assert part["x"].shape == (20, 7)
        np.testing.assert_array_equal(part["y"].ravel()[:-1], part["x"].ravel()[1:])
    assert not np.array_equal(data.train["x"], data.test["x"])


def test_text_is_what_the_grammar_allows():
    data = DATASETS["text"].load(5)
    text = written(data.train)
    assert set(text) == set(ALPHABET)
    sentences = text.split(".")[:-1]
    assert len(sentences) > 20
    assert all(re.fullmatch(SENTENCE, sentence + ".") for sentence in sentences)
    assert all(" old" not in written(DATASETS["text"].load(seed, adjectives=0.0).train) for seed in range(3))


def test_a_share_of_the_characters_are_typos():
    clean, noisy = (DATASETS["text"].load(1, examples=300, typos=share).train["x"] for share in (0.0, 0.2))
    share = np.mean(clean != noisy)
    assert abs(share - 0.2) < 3 * np.sqrt(0.2 * 0.8 / clean.size)


def test_a_markov_chain_follows_its_table():
    """Against an independent draw of the table: frequencies within four standard errors."""
    data = DATASETS["markov-chain"].load(2, examples=2000, vocabulary=3)
    table = np.random.default_rng([2, 1]).dirichlet(np.full(3, 2.0), 3)
    counts = np.zeros((3, 3))
    np.add.at(counts, (data.train["x"], data.train["y"]), 1)
    visits = counts.sum(1, keepdims=True)
    assert np.all(np.abs(counts / visits - table) < 4 * np.sqrt(table * (1 - table) / visits))
    even, uneven = (DATASETS["markov-chain"].load(0, concentration=c).train["x"].ravel() for c in (100.0, 0.05))
    assert len(set(pairwise(even))) > len(set(pairwise(uneven)))


def test_sums_are_right_and_none_is_both_trained_on_and_tested():
    data = DATASETS["modular-addition"].load(0, modulus=7, examples=30)
    assert data.classes == 8
    observed_values = []
    for part in (data.train, data.test):
        first, second, equals, result = part["x"].T
        assert np.all(equals == 7)
        np.testing.assert_array_equal(result, (first + second) % 7)
        np.testing.assert_array_equal(part["y"][:, 2], result)
        assert np.all(np.delete(part["y"], 2, axis=1) == -1)
        observed_values.append(set(zip(first, second, strict=True)))
    assert len(observed_values[0]) == 30
    assert len(observed_values[1]) == 19
    assert not observed_values[0] & observed_values[1]


@pytest.mark.parametrize(
    ("name", "knobs", "sentence"),
    [
        (
            "text",
            {"examples": 2, "context": 3},
            "a vocabulary of 14 is larger than the data, which has 6 to predict",
        ),
        ("markov-chain", {"examples": 1, "vocabulary": 64}, "which has 16 to predict; give more examples"),
        (
            "modular-addition",
            {"modulus": 97, "examples": 80},
            "give examples of at least 97, or a smaller modulus",
        ),
        (
            "modular-addition",
            {"modulus": 3, "examples": 9},
            "leaves none of the 9 sums for testing; give at most 8",
        ),
    ],
)
def test_too_little_data_is_refused_with_the_remedy(name, knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        DATASETS[name].load(0, **knobs)
