"""What a language model shows: its own probabilities, its right guesses and text that follows from them."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.objectives import DATASETS
from landscapes.objectives.next_tokens import ROWS, SAMPLED, next_tokens
from landscapes.objectives.sequences import ALPHABET


def cycle(params, state, x):
    """Logits of a model that is sure of token + 1 modulo 5."""
    return 50.0 * jnp.eye(5)[(x + 1) % 5]


def shown(forward, data, dataset):
    behavior = next_tokens(dataset, data, "train")
    inputs = {name: jnp.asarray(array) for name, array in behavior.inputs.items()}
    return jax.jit(lambda inputs: behavior.show(forward, None, None, inputs, None))(inputs), behavior


def test_text_follows_the_model():
    data = DATASETS["markov-chain"].load(0, vocabulary=5, examples=9, context=7)
    result, behavior = shown(cycle, data, DATASETS["markov-chain"])
    x, y = data.train["x"], data.train["y"]
    expected = (x[0, -1] + 1 + np.arange(SAMPLED)) % 5
    np.testing.assert_array_equal(result.text, expected)
    assert result.right == np.sum((x + 1) % 5 == y)
    np.testing.assert_array_equal(behavior.drawn["prompt"], x[0])
    row = 9  # the second sequence, position 2
    np.testing.assert_array_equal(result.seen[row], x[1])
    assert result.at[row] == 2
    assert np.argmax(result.probabilities[row]) == (x[1, 2] + 1) % 5
    assert behavior.drawn["truth"][row] == y[1, 2]


def test_sums_are_the_rows_of_modular_addition():
    data = DATASETS["modular-addition"].load(0, modulus=5, examples=20)

    def uniform(params, state, x):
        return jnp.zeros((*x.shape, 6))

    result, behavior = shown(uniform, data, DATASETS["modular-addition"])
    np.testing.assert_array_equal(result.at, np.full(ROWS, 2))
    np.testing.assert_allclose(result.probabilities, 1 / 6, rtol=1e-6)
    np.testing.assert_array_equal(result.seen, data.train["x"][:ROWS])
    assert behavior.drawn["targets"] == 20
    assert behavior.drawn["names"] == ["0", "1", "2", "3", "4", "="]
    assert not result.text.size


def test_letters_have_their_names():
    dataset = DATASETS["text"]
    behavior = next_tokens(dataset, dataset.load(0), "test")
    assert "".join(behavior.drawn["names"]) == ALPHABET
