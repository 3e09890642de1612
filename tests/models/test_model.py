"""Models as pure functions: parameters, state, filters and invariances."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import models
from landscapes.knobs import knobs
from models import MODELS
from models.normalization import Normalization

SHAPES = {"vector": (5,), "image": (6, 5, 2), "tokens": (6,), "states": (5,), "observations": (4,)}
TINY = {
    "width": 4,
    "channels": 4,
    "blocks": 2,
}


# Predictors of numeric inputs; other capabilities are tested with their families.
PREDICTORS = {
    name: model
    for name, model in MODELS.items()
    if "predictor" in model.capabilities and model.inputs & set(SHAPES)
}


def module(name, seed, shape, outputs, settings):
    model = MODELS[name]
    tiny = {knob: size for knob, size in TINY.items() if knob in knobs(model.build)}
    return model.build(shape, outputs, nnx.Rngs(seed), **{**tiny, **settings})


def built(name, shape=None, **settings):
    """(shape of an input, (graph, params, state)) with random parameters and statistics."""
    shape = shape or SHAPES[sorted(MODELS[name].inputs & set(SHAPES))[-1]]
    graph, *shapes = models.split(nnx.eval_shape(lambda: module(name, 0, shape, 3, settings)))
    rng = np.random.default_rng(0)
    # The mean is positive, so that few ReLUs are dead. Variances must be positive.
    params, state = (
        jax.tree.map(lambda leaf, low=low: jnp.asarray(rng.uniform(low, 1, leaf.shape), jnp.float32), tree)
        for tree, low in zip(shapes, (-0.6, 0.3), strict=True)
    )
    return shape, (graph, params, state)


def inputs(shape, n=7, seed=0):
    return np.random.default_rng(seed).normal(1.0, 2.0, (n, *shape)).astype(np.float32)


def variants():
    for name in PREDICTORS:
        yield name, {}
        for knob in knobs(MODELS[name].build).values():
            options = knob.choices or ([not knob.default] if knob.kind is bool else [])
            for option in options:
                if option != knob.default:
                    settings = {knob.name: option}
                    if knob.name == "statistics":
                        settings["normalization"] = "batch"
                    yield name, settings


@pytest.mark.parametrize(("name", "settings"), list(variants()), ids=str)
def test_outputs_are_finite_and_state_is_unchanged(name, settings):
    shape, (graph, params, state) = built(name, **settings)
    before = jax.tree.map(np.array, state)
    x = inputs(shape)
    first = models.apply(graph, params, state, x)
    assert first.shape == (len(x), 3)
    assert first.dtype == jnp.float32
    assert jnp.all(jnp.isfinite(first))
    np.testing.assert_array_equal(first, models.apply(graph, params, state, x))
    jax.tree.map(np.testing.assert_array_equal, state, before)


@pytest.mark.parametrize("name", PREDICTORS)
def test_seed_changes_parameters_but_not_graph(name):
    shape = SHAPES[sorted(MODELS[name].inputs & set(SHAPES))[-1]]
    graph, params, state = models.split(module(name, 0, shape, 3, {}))
    other_graph, others, _ = models.split(module(name, 1, shape, 3, {}))
    assert graph == other_graph
    assert hash(graph) == hash(other_graph)
    assert jax.tree.structure(params) == jax.tree.structure(others)
    assert any(np.any(a != b) for a, b in zip(*map(jax.tree.leaves, (params, others)), strict=True))
    assert type(params) is dict
    assert type(state) is dict


@pytest.mark.parametrize("name", ["mlp", "convnet", "resnet"])
def test_single_image_is_accepted(name):
    shape, (graph, params, state) = built(name, shape=(8, 8, 1))
    assert models.apply(graph, params, state, inputs(shape, n=1)).shape == (1, 3)


BATCH_NORMS = [("mlp", {"normalization": "batch"}), ("convnet", {"normalization": "batch"}), ("resnet", {})]


@pytest.mark.parametrize(("name", "settings"), BATCH_NORMS, ids=str)
def test_t01_collected_statistics_are_those_of_one_pass(name, settings):
    """With statistics collected on x, running and batch statistics agree on x. After the parameters change they
    differ until statistics are collected again."""
    shape, (graph, params, state) = built(name, statistics="collected", **settings)
    x = inputs(shape, n=40)
    collected = models.collect_statistics(graph, params, state, x)
    batch_outputs = models.apply(graph, params, state, x, train=True)
    np.testing.assert_allclose(models.apply(graph, params, collected, x), batch_outputs, rtol=2e-5, atol=2e-5)
    changed = jax.tree.map(lambda p: p * 1.3 + 0.05, params)
    frozen = models.apply(graph, changed, collected, x)
    assert jnp.max(jnp.abs(frozen - models.apply(graph, changed, collected, x, train=True))) > 0.1
    recollected = models.collect_statistics(graph, changed, collected, x)
    np.testing.assert_allclose(
        models.apply(graph, changed, recollected, x),
        models.apply(graph, changed, state, x, train=True),
        rtol=2e-5,
        atol=2e-5,
    )


def test_t01_batch_statistics_ignore_state():
    shape, (graph, params, state) = built("mlp", normalization="batch", statistics="batch")
    x = inputs(shape)
    shifted = jax.tree.map(lambda leaf: leaf + 5, state)
    np.testing.assert_array_equal(
        models.apply(graph, params, shifted, x), models.apply(graph, params, state, x, train=True)
    )
    # Scaling the kernel before a normalization by batch statistics changes nothing.
    params["hidden"][0]["kernel"] = 3 * params["hidden"][0]["kernel"]
    np.testing.assert_allclose(
        models.apply(graph, params, state, x), models.apply(graph, params, shifted, x), rtol=1e-5
    )


@pytest.mark.parametrize(("name", "settings"), BATCH_NORMS, ids=str)
def test_t02_statistics_are_state_and_not_parameters(name, settings):
    _, (_, params, state) = built(name, **settings)
    keys = {path[-1].key for path, _ in jax.tree_util.tree_leaves_with_path(params)}
    assert keys == {"kernel", "bias", "scale"}
    assert {path[-1].key for path, _ in jax.tree_util.tree_leaves_with_path(state)} == {"mean", "var"}


@pytest.mark.parametrize("name", [name for name, model in PREDICTORS.items() if "values" in model.targets])
def test_models_without_batchnorm_have_no_state(name):
    normalization: dict[str, Any] = (
        {"normalization": "none"} if "normalization" in knobs(MODELS[name].build) else {}
    )
    shape, (graph, params, state) = built(name, **normalization)
    assert state == {}
    assert models.collect_statistics(graph, params, state, inputs(shape)) == {}


@pytest.mark.parametrize(("name", "layer"), [("mlp", "hidden"), ("convnet", "units")])
def test_t05_filter_is_last_axis_of_kernel(name, layer):
    """If the slice of a kernel along its last axis and the bias are 0, the unit is 0 for every input, so its
    weights in the next layer have no effect. No other axis has this property; the kernels are not square."""
    shape, (graph, params, state) = built(name)
    weights, following = (unit.get("convolution", unit) for unit in params[layer].values())
    assert len(set(weights["kernel"].shape[-2:])) == 2
    weights.update(kernel=weights["kernel"].at[..., 2].set(0), bias=weights["bias"].at[2].set(0))
    x = inputs(shape)
    silent = models.apply(graph, params, state, x)
    following["kernel"] = following["kernel"].at[..., 2, :].set(100.0)
    np.testing.assert_array_equal(models.apply(graph, params, state, x), silent)


def test_t05_predictors_have_default_filter_axes():
    for name in PREDICTORS:
        _, (_, params, _) = built(name)
        assert models.filter_axes(MODELS[name], params) == ()


def test_filter_axes_are_resolved_from_patterns():
    tree = {"blocks": {0: {"query": {"kernel": jnp.ones((2, 3))}}, 10: {"query": {"kernel": jnp.ones((2, 3))}}}}
    model = models.Model(
        MODELS["mlp"].build, frozenset(), frozenset(), "", filter_axes=(("*/query/kernel", (1, 2)),)
    )
    assert models.filter_axes(model, tree) == (
        ("blocks/0/query/kernel", (1, 2)),
        ("blocks/10/query/kernel", (1, 2)),
    )


@pytest.mark.parametrize("residual", [False, True])
def test_permuting_hidden_units_preserves_outputs(residual):
    shape, (graph, params, state) = built("mlp", width=6, depth=3, residual=residual, normalization="layer")
    x = inputs(shape)
    before = models.apply(graph, params, state, x)
    order = np.array([3, 0, 5, 1, 4, 2])
    # With residual connections the units of all layers are one group, so all are permuted.
    for k, layer in params["hidden"].items():
        layer["kernel"] = layer["kernel"][:, order]
        if k > 0:
            layer["kernel"] = layer["kernel"][order]
        params["norms"][k]["layer"] = jax.tree.map(lambda leaf: leaf[order], params["norms"][k]["layer"])
    params["output"]["kernel"] = params["output"]["kernel"][order]
    np.testing.assert_allclose(models.apply(graph, params, state, x), before, rtol=1e-5, atol=1e-6)


def test_t06_rescaling_relu_layers_preserves_outputs():
    shape, (graph, params, state) = built("mlp", depth=2)
    x = inputs(shape)
    before = models.apply(graph, params, state, x)
    first, output = params["hidden"][0], params["output"]
    first.update(kernel=10 * first["kernel"], bias=10 * first["bias"])
    params["hidden"][1]["kernel"] = params["hidden"][1]["kernel"] / 10
    np.testing.assert_allclose(models.apply(graph, params, state, x), before, rtol=1e-5, atol=1e-6)
    output["kernel"] = output["kernel"] * 2
    assert jnp.any(jnp.abs(models.apply(graph, params, state, x) - before) > 1e-3)


def test_skip_connections_add_no_parameters():
    _, (_, with_skips, _) = built("resnet", skip=True)
    _, (_, without, _) = built("resnet", skip=False)
    assert jax.tree.map(jnp.shape, with_skips) == jax.tree.map(jnp.shape, without)


def test_skip_connections_bypass_zero_blocks():
    shape, (graph, params, state) = built("resnet", normalization="none", skip=True, blocks=1)
    x = inputs(shape)
    for weights in params["blocks"][0].values():
        weights["convolution"] = jax.tree.map(jnp.zeros_like, weights["convolution"])
    outputs = models.apply(graph, params, state, x)
    assert jnp.ptp(outputs) > 0.1
    _, (without, _, _) = built("resnet", normalization="none", skip=False, blocks=1)
    bias = np.broadcast_to(params["output"]["bias"], outputs.shape)
    np.testing.assert_array_equal(models.apply(without, params, state, x), bias)


def test_first_logit_of_logistic_regression_is_zero():
    shape, (graph, params, state) = built("logistic")
    outputs = models.apply(graph, params, state, inputs(shape))
    np.testing.assert_array_equal(outputs[:, 0], 0)
    assert jnp.all(outputs[:, 1:] != 0)
    with pytest.raises(ValueError, match="needs two classes or more; choose linear"):
        MODELS["logistic"].build((5,), 1, nnx.Rngs(0))


@pytest.mark.parametrize("settings", [{"depth": 1}, {"depth": 12}, {"depth": 12, "residual": True}], ids=str)
@pytest.mark.parametrize("activation", ["relu", "gelu", "silu", "tanh"])
def test_initial_outputs_have_moderate_size(settings, activation):
    settings = {"width": 64, "activation": activation, **settings}
    graph, params, state = models.split(module("mlp", 0, (64,), 10, settings))
    x = np.random.default_rng(0).normal(size=(200, 64)).astype(np.float32)
    assert 0.05 < np.std(models.apply(graph, params, state, x)) < 5


def test_unknown_normalization_is_refused():
    with pytest.raises(ValueError, match="choose none, batch, layer or group"):
        Normalization("instance", 4, "batch", nnx.Rngs(0))


def test_compatibility_follows_from_kinds():
    names = models.compatible(MODELS, inputs="image", targets="values")
    assert "convnet" in names
    assert "linear" in names
    assert "softmax" not in names
    assert models.check(MODELS, "mlp", data="iris", inputs="vector", targets="classes") is MODELS["mlp"]
    wrong = [
        ("convnet", "iris", "vector", "classes", "convnet needs image inputs, but iris has vector inputs; choose"),
        ("softmax", "sine", "vector", "values", "softmax predicts classes, but sine has values; choose linear"),
        ("forest", "iris", "vector", "classes", "there is no model 'forest'; for iris choose softmax"),
    ]
    for name, data, kind, targets, sentence in wrong:
        with pytest.raises(ValueError, match=re.escape(sentence)):
            models.check(MODELS, name, data=data, inputs=kind, targets=targets)
