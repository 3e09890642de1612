"""Causality, masked tokens and filters of language models, against a Transformer in NumPy."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS

LENGTH, VOCABULARY = 5, 4


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def built(name, **settings):
    """(graph, params) with random parameters, biases and scales included."""
    settings = {"width": 6, "heads": 2, **settings} if name == "transformer" else settings
    graph, shapes, state = models.split(
        nnx.eval_shape(lambda: MODELS[name].build((LENGTH,), VOCABULARY, nnx.Rngs(0), **settings))
    )
    assert state == {}
    rng = np.random.default_rng(0)
    return graph, jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), shapes)


def tokens(n=3, seed=1):
    return np.random.default_rng(seed).integers(0, VOCABULARY, (n, LENGTH)).astype(np.int32)


def outputs(graph, params, x, **static):
    return np.asarray(models.apply(graph, params, {}, jnp.asarray(x), **static))


@pytest.mark.parametrize(("name", "settings"), [("bigram", {}), ("transformer", {"layers": 2})], ids=str)
def test_later_tokens_change_no_earlier_logits(name, settings):
    graph, params = built(name, **settings)
    x = tokens()
    before = outputs(graph, params, x)
    assert before.shape == (3, LENGTH, VOCABULARY)
    for t in range(LENGTH):
        changed = x.copy()
        changed[:, t] = (x[:, t] + 1) % VOCABULARY
        after = outputs(graph, params, changed)
        np.testing.assert_array_equal(after[:, :t], before[:, :t])
        assert np.all(np.any(after[:, t] != before[:, t], axis=-1))
        is_transformer = name == "transformer"  # a bigram depends on the token at its position alone
        assert np.all(np.any(after[:, t + 1 :] != before[:, t + 1 :], axis=-1) == is_transformer)


def test_bidirectional_model_reads_later_tokens():
    graph, params = built("transformer", layers=1)
    x = tokens()
    before = outputs(graph, params, x, causal=False)
    changed = x.copy()
    changed[:, -1] = (x[:, -1] + 1) % VOCABULARY
    assert np.all(np.any(outputs(graph, params, changed, causal=False) != before, axis=-1))
    # The last position reads every token in both cases.
    np.testing.assert_allclose(outputs(graph, params, x)[:, -1], before[:, -1], rtol=1e-12)


def test_attention_without_positions_is_permutation_equivariant():
    """Permuted tokens permute the outputs. Under a causal mask the last output depends on the set of tokens."""
    graph, params = built("transformer", layers=1)
    params["positions"]["embedding"] = jnp.zeros_like(params["positions"]["embedding"])
    x, order = tokens(), np.array([2, 0, 3, 1, 4])
    both = outputs(graph, params, x, causal=False)
    np.testing.assert_allclose(outputs(graph, params, x[:, order], causal=False), both[:, order], rtol=1e-10)
    causal, permuted = outputs(graph, params, x), outputs(graph, params, x[:, order])
    np.testing.assert_allclose(permuted[:, -1], causal[:, -1], rtol=1e-10)
    assert np.any(np.abs(permuted[:, 1] - causal[:, order[1]]) > 1e-3)


def test_embedding_of_masked_token_is_redundant():
    """Adding a vector m to the positions and subtracting it from the tokens gives the same unmasked outputs."""
    graph, params = built("transformer", layers=1)
    x = tokens()
    masked = np.where(np.arange(LENGTH) == 2, -1, x)
    hidden = x.copy()
    hidden[:, 2] = (x[:, 2] + 1) % VOCABULARY
    expected = outputs(graph, params, masked, causal=False)
    np.testing.assert_array_equal(expected, outputs(graph, params, np.where(masked < 0, -1, hidden), causal=False))
    assert np.any(np.abs(expected - outputs(graph, params, x, causal=False)) > 1e-3)
    shift = np.linspace(-1, 2, 6)
    shifted = jax.tree.map(lambda leaf: leaf, params)
    shifted["positions"]["embedding"] = params["positions"]["embedding"] + shift[None]
    shifted["tokens"]["embedding"] = params["tokens"]["embedding"] - shift[None]
    np.testing.assert_allclose(outputs(graph, shifted, x), outputs(graph, params, x), rtol=1e-9)
    assert np.any(np.abs(outputs(graph, shifted, masked) - outputs(graph, params, masked)) > 1e-3)


@pytest.mark.parametrize("causal", [True, False])
def test_transformer_matches_its_formula_in_numpy(causal):
    """Each position and head is computed by itself."""
    graph, params = built("transformer", layers=2, activation="relu")
    p = jax.tree.map(np.asarray, params)

    def norm(scales, h):
        centred = h - h.mean()
        return centred / np.sqrt(np.mean(centred**2) + 1e-6) * scales["scale"] + scales["bias"]

    def one(sequence):
        h = [p["tokens"]["embedding"][a] + p["positions"]["embedding"][t] for t, a in enumerate(sequence)]
        for block in p["blocks"].values():
            attention_norm, mlp_norm = (block["norms"][k]["layer"] for k in (0, 1))
            x, weights = [norm(attention_norm, row) for row in h], block["attention"]
            added = []
            for t, row in enumerate(x):
                total = weights["output"]["bias"].copy()
                for head in range(2):
                    query, key, value = (weights[name]["kernel"][:, head] for name in ("query", "key", "value"))
                    visible = x[: t + 1] if causal else x
                    scores = np.array([(row @ query) @ (other @ key) / np.sqrt(3) for other in visible])
                    share = np.exp(scores) / np.exp(scores).sum()
                    mixed = sum(s * (other @ value) for s, other in zip(share, visible, strict=True))
                    total += mixed @ weights["output"]["kernel"][head]
                added.append(total)
            h = [row + update for row, update in zip(h, added, strict=True)]
            expand, contract = block["expand"], block["contract"]
            expanded = [np.maximum(0, norm(mlp_norm, row) @ expand["kernel"] + expand["bias"]) for row in h]
            h = [row + w @ contract["kernel"] + contract["bias"] for row, w in zip(h, expanded, strict=True)]
        return [norm(p["norm"]["layer"], row) @ p["output"]["kernel"] + p["output"]["bias"] for row in h]

    x = tokens(2)
    expected = np.array([one(sequence) for sequence in x])
    np.testing.assert_allclose(outputs(graph, params, x, causal=causal), expected, rtol=1e-9, atol=1e-9)


def test_t05_filter_axes_of_projections_and_embeddings():
    """If all value filters of a head are 0, the output weights of that head have no effect."""
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
    # A token whose embedding is 0 acts like a masked token.
    params["tokens"]["embedding"] = params["tokens"]["embedding"].at[2].set(0)
    np.testing.assert_array_equal(outputs(graph, params, x), outputs(graph, params, np.where(x == 2, -1, x)))
    # Arrays of two axes count as kernels, so no bias may have two.
    leaves = jax.tree_util.tree_leaves_with_path(params)
    assert all(leaf.ndim == 1 for path, leaf in leaves if path[-1].key in ("bias", "scale"))


@pytest.mark.parametrize("settings", [{"width": 5, "heads": 2}, {"width": 3, "heads": 4}], ids=str)
def test_heads_need_not_divide_width(settings):
    graph, params = built("transformer", layers=1, **settings)
    assert outputs(graph, params, tokens()).shape == (3, LENGTH, VOCABULARY)


def test_gradient_of_tied_matrix_is_the_sum_of_both_parts():
    """At equal weights, kernel = Eᵀ/√D, the outputs are equal; by the chain rule ∂/∂E gains (∂/∂kernel)ᵀ/√D."""
    (tied_graph, tied), (graph, free) = (built("transformer", layers=1, tied=flag) for flag in (True, False))
    table, root = tied["tokens"]["embedding"], 6**0.5
    output = {"bias": tied["output"]["bias"], "kernel": table.T / root}
    free = {**tied, "output": output}
    direction = jnp.asarray(np.random.default_rng(3).normal(size=(3, LENGTH, VOCABULARY)))

    @partial(jax.jit, static_argnums=1)
    @jax.value_and_grad
    def loss(params, graph):
        return jnp.sum(direction * models.apply(graph, params, {}, jnp.asarray(tokens())))

    (value, together), (same, apart) = loss(tied, tied_graph), loss(free, graph)
    np.testing.assert_allclose(value, same, rtol=1e-12)
    kernel = apart["output"].pop("kernel")
    expected = {**apart, "tokens": {"embedding": apart["tokens"]["embedding"] + kernel.T / root}}
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12), together, expected)
    assert np.all(np.abs(kernel) > 0)
    assert (
        sum(leaf.size for leaf in jax.tree.leaves(free)) - sum(leaf.size for leaf in jax.tree.leaves(tied)) == 24
    )


@pytest.mark.parametrize(
    ("name", "settings"), [("bigram", {}), ("transformer", {}), ("transformer", {"tied": True})]
)
def test_initial_loss_is_near_uniform_prediction(name, settings):
    @jax.jit
    def mean_surprisal(x):
        module = MODELS[name].build((LENGTH,), VOCABULARY, nnx.Rngs(0), **settings)
        return -jax.nn.log_softmax(module(x)).mean()  # type: ignore[operator]  # an nnx.Module is called

    assert np.log(VOCABULARY) - 1e-6 < mean_surprisal(jnp.asarray(tokens(50))) < np.log(VOCABULARY) + 0.8
