"""Models as pure functions: outputs, state, filters and what fits what."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import landscapes.models as models
from landscapes.knobs import knobs
from landscapes.models import MODELS
from tests.models.model_fixtures import PREDICTORS, SHAPES, built, inputs, module


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
    others = {name for name in PREDICTORS if models.filter_axes(MODELS[name], built(name)[1][1])}
    assert others == {"vit"}  # attention has heads, and its positions are rows


def test_filter_axes_are_resolved_from_patterns():
    tree = {"blocks": {0: {"query": {"kernel": jnp.ones((2, 3))}}, 10: {"query": {"kernel": jnp.ones((2, 3))}}}}
    model = models.Model(
        MODELS["mlp"].build, frozenset(), frozenset(), "", filter_axes=(("*/query/kernel", (1, 2)),)
    )
    assert models.filter_axes(model, tree) == (
        ("blocks/0/query/kernel", (1, 2)),
        ("blocks/10/query/kernel", (1, 2)),
    )


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
