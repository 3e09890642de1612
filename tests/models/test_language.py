"""Language models: who sees whom, what a masked token is, and an independent Transformer in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import models
from models import MODELS

LENGTH, VOCABULARY = 5, 4


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def built(name, **given):
    """(graph, params) with random numbers for parameters, biases and scales included."""
    given = {"width": 6, "heads": 2, **given} if name == "transformer" else given
    graph, shapes, state = models.split(
        nnx.eval_shape(lambda: MODELS[name].build((LENGTH,), VOCABULARY, nnx.Rngs(0), **given))
    )
    assert state == {}
    rng = np.random.default_rng(0)
    return graph, jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), shapes)


def tokens(n=3, seed=1):
    return np.random.default_rng(seed).integers(0, VOCABULARY, (n, LENGTH)).astype(np.int32)


def outputs(graph, params, x, **static):
    return np.asarray(models.apply(graph, params, {}, jnp.asarray(x), **static))


@pytest.mark.parametrize(("name", "given"), [("bigram", {}), ("transformer", {"layers": 2})], ids=str)
def test_a_later_token_changes_no_earlier_logit(name, given):
    graph, params = built(name, **given)
    x = tokens()
    before = outputs(graph, params, x)
    assert before.shape == (3, LENGTH, VOCABULARY)
    for t in range(LENGTH):
        changed = x.copy()
        changed[:, t] = (x[:, t] + 1) % VOCABULARY
        after = outputs(graph, params, changed)
        np.testing.assert_array_equal(after[:, :t], before[:, :t])
        assert np.all(np.any(after[:, t] != before[:, t], axis=-1))
        reached = name == "transformer"  # a bigram is read at its own place and nowhere else
        assert np.all(np.any(after[:, t + 1 :] != before[:, t + 1 :], axis=-1) == reached)


def test_both_sides_are_read_where_it_is_not_causal():
    graph, params = built("transformer", layers=1)
    x = tokens()
    before = outputs(graph, params, x, causal=False)
    changed = x.copy()
    changed[:, -1] = (x[:, -1] + 1) % VOCABULARY
    assert np.all(np.any(outputs(graph, params, changed, causal=False) != before, axis=-1))
    # The last position sees every token either way.
    np.testing.assert_allclose(outputs(graph, params, x)[:, -1], before[:, -1], rtol=1e-12)


def test_without_positions_attention_sees_a_set():
    """Permuting the tokens permutes the outputs; under the causal mask only what came before may change places."""
    graph, params = built("transformer", layers=1)
    params["positions"]["embedding"] = jnp.zeros_like(params["positions"]["embedding"])
    x, order = tokens(), np.array([2, 0, 3, 1, 4])
    both = outputs(graph, params, x, causal=False)
    np.testing.assert_allclose(outputs(graph, params, x[:, order], causal=False), both[:, order], rtol=1e-10)
    causal, moved = outputs(graph, params, x), outputs(graph, params, x[:, order])
    np.testing.assert_allclose(moved[:, -1], causal[:, -1], rtol=1e-10)
    assert np.any(np.abs(moved[:, 1] - causal[:, order[1]]) > 1e-3)


def test_a_masked_token_needs_no_vector_of_its_own():
    """What a vector m for masked tokens would do, positions do with m added and tokens with m taken away."""
    graph, params = built("transformer", layers=1)
    x = tokens()
    masked = np.where(np.arange(LENGTH) == 2, -1, x)
    hidden = x.copy()
    hidden[:, 2] = (x[:, 2] + 1) % VOCABULARY
    said = outputs(graph, params, masked, causal=False)
    np.testing.assert_array_equal(said, outputs(graph, params, np.where(masked < 0, -1, hidden), causal=False))
    assert np.any(np.abs(said - outputs(graph, params, x, causal=False)) > 1e-3)
    shift = np.linspace(-1, 2, 6)
    moved = jax.tree.map(lambda leaf: leaf, params)
    moved["positions"]["embedding"] = params["positions"]["embedding"] + shift[None]
    moved["tokens"]["embedding"] = params["tokens"]["embedding"] - shift[None]
    np.testing.assert_allclose(outputs(graph, moved, x), outputs(graph, params, x), rtol=1e-9)
    assert np.any(np.abs(outputs(graph, moved, masked) - outputs(graph, params, masked)) > 1e-3)


@pytest.mark.parametrize("causal", [True, False])
def test_a_transformer_is_what_its_formula_says(causal):
    """Position by position and head by head, in NumPy."""
    graph, params = built("transformer", layers=2, activation="relu")
    p = jax.tree.map(np.asarray, params)

    def norm(scales, h):
        centred = h - h.mean()
        return centred / np.sqrt(np.mean(centred**2) + 1e-6) * scales["scale"] + scales["bias"]

    def one(sequence):
        h = [p["tokens"]["embedding"][a] + p["positions"]["embedding"][t] for t, a in enumerate(sequence)]
        for block in p["blocks"].values():
            before, between = (block["norms"][k]["layer"] for k in (0, 1))
            x, weights = [norm(before, row) for row in h], block["attention"]
            added = []
            for t, row in enumerate(x):
                total = weights["output"]["bias"].copy()
                for head in range(2):
                    query, key, value = (weights[name]["kernel"][:, head] for name in ("query", "key", "value"))
                    seen = x[: t + 1] if causal else x
                    scores = np.array([(row @ query) @ (other @ key) / np.sqrt(3) for other in seen])
                    share = np.exp(scores) / np.exp(scores).sum()
                    mixed = sum(s * (other @ value) for s, other in zip(share, seen, strict=True))
                    total += mixed @ weights["output"]["kernel"][head]
                added.append(total)
            h = [row + more for row, more in zip(h, added, strict=True)]
            expand, contract = block["expand"], block["contract"]
            wide = [np.maximum(0, norm(between, row) @ expand["kernel"] + expand["bias"]) for row in h]
            h = [row + w @ contract["kernel"] + contract["bias"] for row, w in zip(h, wide, strict=True)]
        return [norm(p["norm"]["layer"], row) @ p["output"]["kernel"] + p["output"]["bias"] for row in h]

    x = tokens(2)
    expected = np.array([one(sequence) for sequence in x])
    np.testing.assert_allclose(outputs(graph, params, x, causal=causal), expected, rtol=1e-9, atol=1e-9)


def test_t05_a_filter_of_a_projection_has_two_output_axes_and_an_embedding_has_rows():
    """With all value filters of a head at 0, what the output layer does with that head no longer matters."""
    graph, params = built("transformer", layers=1)
    axes = dict(models.filter_axes(MODELS["transformer"], params))
    named = {f"blocks/0/attention/{name}/kernel": (1, 2) for name in ("query", "key", "value")}
    assert axes == {**named, "tokens/embedding": (0,), "positions/embedding": (0,)}
    assert dict(models.filter_axes(MODELS["bigram"], built("bigram")[1])) == {"logits/embedding": (0,)}
    attention, x = params["blocks"][0]["attention"], tokens()
    attention["value"]["kernel"] = attention["value"]["kernel"].at[:, 1].set(0)
    silent = outputs(graph, params, x)
    attention["output"]["kernel"] = attention["output"]["kernel"].at[1].set(100.0)
    np.testing.assert_array_equal(outputs(graph, params, x), silent)
    # A row of 0 stands for a token that adds nothing: a masked one.
    params["tokens"]["embedding"] = params["tokens"]["embedding"].at[2].set(0)
    np.testing.assert_array_equal(outputs(graph, params, x), outputs(graph, params, np.where(x == 2, -1, x)))
    # Arrays of two axes are taken for kernels, so no bias has two.
    leaves = jax.tree_util.tree_leaves_with_path(params)
    assert all(leaf.ndim == 1 for path, leaf in leaves if path[-1].key in ("bias", "scale"))


@pytest.mark.parametrize("given", [{"width": 5, "heads": 2}, {"width": 3, "heads": 4}], ids=str)
def test_any_number_of_heads_fits_any_width(given):
    graph, params = built("transformer", layers=1, **given)
    assert outputs(graph, params, tokens()).shape == (3, LENGTH, VOCABULARY)


@pytest.mark.parametrize("name", ["bigram", "transformer"])
def test_the_first_loss_is_near_that_of_a_uniform_guess(name):
    @jax.jit
    def surprise(x):
        module = MODELS[name].build((LENGTH,), VOCABULARY, nnx.Rngs(0))
        return -jax.nn.log_softmax(module(x)).mean()  # type: ignore[operator]  # an nnx.Module is called

    assert np.log(VOCABULARY) - 1e-6 < surprise(jnp.asarray(tokens(50))) < np.log(VOCABULARY) + 0.8
