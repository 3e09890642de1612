"""The table of logits of a policy, and the logits at the start."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import landscapes.models as models
from landscapes.models import MODELS


def test_table_starts_with_lean_towards_last_action():
    module = MODELS["policy-table"].build((3,), 2, nnx.Rngs(0), spread=0.0, lean=1.5)
    graph, params, state = models.split(module)
    np.testing.assert_array_equal(params["logits"], [[0, 1.5]] * 3)
    params["logits"] = jnp.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(
        models.apply(graph, params, state, jnp.eye(3)[jnp.array([2, 0])]), [[4, 5], [0, 1]]
    )


@pytest.mark.parametrize(("spread", "is_fixed"), [(0.0, True), (0.1, False)])
def test_start_is_fixed_only_without_spread(spread, is_fixed):
    model = MODELS["policy-table"]
    tables = [models.split(model.build((3,), 2, nnx.Rngs(seed), spread=spread, lean=1.0))[1] for seed in (0, 1)]
    equal = jax.tree.all(jax.tree.map(lambda a, b: bool(jnp.all(a == b)), *tables))
    assert equal == is_fixed == model.has_fixed_start(spread=spread, lean=1.0)


def test_logits_at_the_start_have_the_asked_deviation():
    params = models.split(MODELS["policy-table"].build((50,), 40, nnx.Rngs(0), spread=0.3, lean=0.0))[1]
    np.testing.assert_allclose(np.std(params["logits"]), 0.3, rtol=0.06)
