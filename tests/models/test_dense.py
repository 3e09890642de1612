"""The reference class of logistic regression."""

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS
from tests.models.model_fixtures import built, inputs


def test_first_logit_of_logistic_regression_is_zero():
    shape, (graph, params, state) = built("logistic")
    outputs = models.apply(graph, params, state, inputs(shape))
    np.testing.assert_array_equal(outputs[:, 0], 0)
    assert jnp.all(outputs[:, 1:] != 0)
    with pytest.raises(ValueError, match="needs two classes or more; choose linear"):
        MODELS["logistic"].build((5,), 1, nnx.Rngs(0))
