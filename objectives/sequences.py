"""Sequences of tokens drawn from a seed: text from a small grammar, a Markov chain, sums modulo p.

Inputs and targets are of the kind "tokens". x["N T"] holds whole numbers from 0 to V − 1, where V is
`Data.classes`, and y["N T"] the next token, or −1 where there is no target. Both are int32. The first two kinds
are one long text cut into N pieces of T tokens, so that each token but the first is a target once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval

from .data import Data, Dataset, Examples, numbers

Draw = Callable[[np.random.Generator, int], np.ndarray]
Sequences = Annotated[int, Interval(ge=1, le=10_000), "training sequences, and as many test sequences"]
Context = Annotated[int, Interval(ge=2, le=256), "tokens in a sequence, T"]

# text → sentence text        sentence → noun-phrase " " verb [" " noun-phrase] "."
# noun-phrase → article " " {adjective " "} noun
LEXICON = {
    "article": ("the", "a"),
    "adjective": ("old", "red"),
    "noun": ("cat", "dog", "hen", "rat", "goat"),
    "verb": ("sees", "hears", "chases", "greets"),
}
ALPHABET = "".join(sorted({" ", "."}.union(*(letter for words in LEXICON.values() for letter in words))))


def text(
    seed: int,
    *,
    examples: Sequences = 96,
    context: Context = 16,
    adjectives: Annotated[float, Interval(ge=0, le=0.9), "probability of one more adjective"] = 0.3,
    typos: Annotated[float, Interval(ge=0, le=1), "share of characters replaced by any other"] = 0.0,
) -> Data:
    """Characters of sentences such as "the old cat sees a dog.", each choice of the grammar drawn at random.

    Raises:
        ValueError: if the text has fewer characters than there are different ones.
    """

    def draw(rng: np.random.Generator, length: int) -> np.ndarray:
        written = ""
        while len(written) < length:
            written += _sentence(rng, adjectives)
        line = np.array([ALPHABET.index(letter) for letter in written[:length]])
        shift = rng.integers(1, len(ALPHABET), length)
        return np.where(rng.random(length) < typos, (line + shift) % len(ALPHABET), line)

    return _line(draw, len(ALPHABET), seed, examples, context)


def _sentence(rng: np.random.Generator, adjectives: float) -> str:
    def word(kind: str) -> str:
        return str(rng.choice(LEXICON[kind]))

    def noun_phrase() -> list[str]:
        described = []
        while rng.random() < adjectives:
            described.append(word("adjective"))
        return [word("article"), *described, word("noun")]

    words = [*noun_phrase(), word("verb")]
    if rng.random() < 0.5:
        words += noun_phrase()
    return " ".join(words) + "."


def markov_chain(
    seed: int,
    *,
    examples: Sequences = 96,
    context: Context = 16,
    vocabulary: Annotated[int, Interval(ge=2, le=64), "number of different tokens, V"] = 6,
    concentration: Annotated[
        float, Interval(ge=0.05, le=100), "how even each row of probabilities is (Dirichlet α)"
    ] = 2.0,
) -> Data:
    """x_{t+1} drawn from row x_t of a table of probabilities, which is itself drawn from a Dirichlet distribution:
    a bigram model can be optimal.

    Raises:
        ValueError: if the vocabulary is larger than the data.
    """
    table = np.random.default_rng([seed, 1]).dirichlet(np.full(vocabulary, concentration), vocabulary)
    reach = np.cumsum(table, axis=1)

    def draw(rng: np.random.Generator, length: int) -> np.ndarray:
        line = np.zeros(length, np.int64)
        line[0] = rng.integers(vocabulary)
        for t, level in enumerate(rng.random(length - 1)):
            line[t + 1] = min(np.searchsorted(reach[line[t]], level, side="right"), vocabulary - 1)
        return line

    return _line(draw, vocabulary, seed, examples, context)


def modular_addition(
    seed: int,
    *,
    modulus: Annotated[int, Interval(ge=2, le=113), "p: numbers run from 0 to p − 1"] = 11,
    examples: Annotated[int, Interval(ge=1, le=12_768), "sums to train on; all others are for testing"] = 80,
) -> Data:
    """ "a b = c" with c = a + b mod p, four tokens of which only c is a target (Power et al. 2022, 2201.02177).

    The vocabulary is the p numbers and "=". No sum of the p² is in both parts.

    Raises:
        ValueError: if nothing would be left for testing, or there are fewer sums than numbers.
    """
    if examples >= modulus**2:
        raise ValueError(
            f"examples = {examples} leaves none of the {modulus**2} sums for testing; "
            f"give at most {modulus**2 - 1}, or a larger modulus"
        )
    _check_vocabulary(modulus, examples, f"give examples of at least {modulus}, or a smaller modulus")
    first, second = np.divmod(np.random.default_rng(seed).permutation(modulus**2), modulus)
    equals = np.full(modulus**2, modulus)
    x = np.stack([first, second, equals, (first + second) % modulus], axis=1)
    y = np.full_like(x, -1)
    y[:, 2] = x[:, 3]
    return _data(x[:examples], y[:examples], x[examples:], y[examples:], modulus + 1)


def _line(draw: Draw, vocabulary: int, seed: int, examples: int, context: int) -> Data:
    """Two lines drawn by `draw(rng, length)`, one to train on and one to test on, cut into sequences."""
    _check_vocabulary(vocabulary, examples * context, "give more examples, a longer context or fewer tokens")
    lines = [draw(rng, examples * context + 1) for rng in np.random.default_rng(seed).spawn(2)]
    (x, y), (x_test, y_test) = (
        (line[:-1].reshape(examples, context), line[1:].reshape(examples, context)) for line in lines
    )
    return _data(x, y, x_test, y_test, vocabulary)


def _check_vocabulary(vocabulary: int, asked: int, remedy: str) -> None:
    if asked < vocabulary:
        raise ValueError(
            f"a vocabulary of {vocabulary} is larger than the data, which has {asked} to predict; {remedy}"
        )


def _data(x: np.ndarray, y: np.ndarray, x_test: np.ndarray, y_test: np.ndarray, vocabulary: int) -> Data:
    parts: list[Examples] = []
    for inputs, targets in ((x, y), (x_test, y_test)):
        parts.append({"x": np.array(inputs, np.int32), "y": np.array(targets, np.int32)})
        for array in parts[-1].values():
            array.flags.writeable = False
    return Data(parts[0], parts[1], vocabulary)


def _dataset(load: Callable[..., Data], title: str, source: str = "generated", **more: Any) -> Dataset:
    return Dataset(load, "tokens", "tokens", title, source, unit="sequences", **more)


def _letters(count: int) -> list[str]:
    return list(ALPHABET)


def _numbers_and_equals(count: int) -> list[str]:
    return [*numbers(count - 1), "="]


DATASETS = {
    "text": _dataset(text, "Text from a small grammar", token_names=_letters),
    "markov-chain": _dataset(markov_chain, "Markov chain"),
    "modular-addition": _dataset(
        modular_addition,
        "Addition modulo p",
        "Power et al. 2022, arXiv:2201.02177",
        token_names=_numbers_and_equals,
    ),
}
