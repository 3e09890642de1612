"""Top-1 routing, token by token in NumPy, and what makes it a dense block."""

import jax
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from landscapes.models.experts import ExpertBlock

LENGTH, VOCABULARY, WIDTH, EXPERTS = 5, 4, 6, 3
apply = jax.jit(models.apply, static_argnums=0, static_argnames=("method", "causal"))


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def random_params(build, seed=0):
    graph, shapes, _ = models.split(nnx.eval_shape(build))
    rng = np.random.default_rng(seed)
    return graph, jax.tree.map(lambda leaf: rng.normal(size=leaf.shape), shapes)


def test_each_token_uses_the_expert_of_the_largest_probability():
    """y + p_e·E_e(norm(y)), one token after the other; and a branch of equal experts is the dense MLP over E."""
    graph, params = random_params(lambda: ExpertBlock(WIDTH, 2, EXPERTS, "relu", 1.0, nnx.Rngs(0)))
    params["attention"]["output"] = jax.tree.map(np.zeros_like, params["attention"]["output"])  # y = x
    x = np.random.default_rng(1).normal(size=(4, LENGTH, WIDTH))
    output, probabilities = (np.asarray(each) for each in apply(graph, params, {}, x, causal=True))
    numpy = jax.tree.map(np.asarray, params)
    scales, router = numpy["norms"][1]["layer"], numpy["router"]["kernel"]

    def mlp(e, h):
        expand, contract = numpy["experts"][e]["expand"], numpy["experts"][e]["contract"]
        hidden = np.maximum(0, h @ expand["kernel"] + expand["bias"])
        return hidden @ contract["kernel"] + contract["bias"]

    used = set()
    for n, t in np.ndindex(4, LENGTH):
        centred = x[n, t] - x[n, t].mean()
        h = centred / np.sqrt(np.mean(centred**2) + 1e-6) * scales["scale"] + scales["bias"]
        share = np.exp(h @ router) / np.exp(h @ router).sum()
        np.testing.assert_allclose(probabilities[n, t], share, rtol=1e-10)
        used.add(e := int(np.argmax(share)))
        np.testing.assert_allclose(output[n, t], x[n, t] + share[e] * mlp(e, h), rtol=1e-9)
    assert len(used) > 1
    params["router"]["kernel"] = np.zeros_like(params["router"]["kernel"])
    tied, equal = apply(graph, params, {}, x, causal=True)
    np.testing.assert_allclose(equal, 1 / EXPERTS, rtol=1e-14)
    centred = x - x.mean(-1, keepdims=True)
    h = centred / np.sqrt(np.mean(centred**2, -1, keepdims=True) + 1e-6) * scales["scale"] + scales["bias"]
    np.testing.assert_allclose(tied, x + mlp(0, h) / EXPERTS, rtol=1e-9)


def test_later_tokens_change_no_earlier_logits_or_routes():
    build = MODELS["moe-transformer"].build
    graph, params = random_params(
        lambda: build((LENGTH,), VOCABULARY, nnx.Rngs(0), width=WIDTH, heads=2, layers=2)
    )
    x = np.random.default_rng(1).integers(0, VOCABULARY, (3, LENGTH)).astype(np.int32)
    logits, routes = apply(graph, params, {}, x, method="predict_and_route")
    assert logits.shape == (3, LENGTH, VOCABULARY)
    assert routes.shape == (2, 3, LENGTH, 4)
    np.testing.assert_array_equal(apply(graph, params, {}, x), logits)
    changed = x.copy()
    changed[:, 2:] = (x[:, 2:] + 1) % VOCABULARY
    later_logits, later_routes = apply(graph, params, {}, changed, method="predict_and_route")
    np.testing.assert_array_equal(later_logits[:, :2], logits[:, :2])
    np.testing.assert_array_equal(later_routes[:, :, :2], routes[:, :, :2])
    assert np.abs(later_logits[:, 2:] - logits[:, 2:]).max() > 1e-3
    axes = dict(models.filter_axes(MODELS["moe-transformer"], params))
    assert axes["blocks/1/attention/value/kernel"] == (1, 2)
    assert axes["tokens/embedding"] == (0,)
