"""The table of scores of completions."""

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS


def test_score_is_entry_of_table():
    graph, params, state = models.split(MODELS["score-table"].build((2, 3), 1, nnx.Rngs(0)))
    np.testing.assert_array_equal(params["scores"], np.zeros((3, 3)))
    params["scores"] = jnp.arange(9.0).reshape(3, 3)
    x = jnp.eye(3)[jnp.array([[0, 2], [2, 1]])]
    np.testing.assert_array_equal(models.apply(graph, params, state, x), [[2.0], [7.0]])


def test_table_with_two_outputs_is_refused():
    with pytest.raises(ValueError, match="a table gives one score, not 2; choose mlp"):
        MODELS["score-table"].build((2, 3), 2, nnx.Rngs(0))
