"""Symmetries of multilayer perceptrons, and the reference class of logistic regression."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from tests.models.model_fixtures import built, inputs


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


def test_first_logit_of_logistic_regression_is_zero():
    shape, (graph, params, state) = built("logistic")
    outputs = models.apply(graph, params, state, inputs(shape))
    np.testing.assert_array_equal(outputs[:, 0], 0)
    assert jnp.all(outputs[:, 1:] != 0)
    with pytest.raises(ValueError, match="needs two classes or more; choose linear"):
        MODELS["logistic"].build((5,), 1, nnx.Rngs(0))
