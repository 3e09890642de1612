"""BatchNorm with batch statistics and with collected statistics."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.knobs import knobs
from landscapes.models import MODELS
from landscapes.models.normalization import Normalization
from tests.models.model_fixtures import PREDICTORS, built, inputs

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


def test_unknown_normalization_is_refused():
    with pytest.raises(ValueError, match="choose none, batch, layer or group"):
        Normalization("instance", 4, "batch", nnx.Rngs(0))
