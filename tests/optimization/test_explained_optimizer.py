"""An optimizer that notes its steps steps as it does without."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from landscapes.optimization.explained_optimizer import SHARES_OF_STEP, Explained, explaining, noted_sizes
from landscapes.optimization.optimizer_switch import choose_optimizer, switch_optimizers
from landscapes.optimization.optimizers import OPTIMIZERS
from landscapes.optimization.step_rules import rule_of

PARAMS, GRADIENT = jnp.array([1.0, -2.0, 0.5]), jnp.array([0.3, 0.1, -2.0])


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_noted_step_is_that_of_the_plain_optimizer(name):
    settings = {"b1": 0.9, "b2": 0.99, "eps": 1e-8} if name == "adam" else {}
    members, choice = choose_optimizer(name, settings, np.float32)
    plain = switch_optimizers(members, 0.1, choice)
    noting = explaining(Explained(members), plain, 0.1, choice)
    expected, _ = plain.update(GRADIENT, plain.init(PARAMS), PARAMS)
    step: Any
    state: Any
    step, state = noting.update(GRADIENT, noting.init(PARAMS), PARAMS, value_fn=lambda theta: jnp.sum(theta**2))
    np.testing.assert_array_equal(step, expected)
    symbols = rule_of(OPTIMIZERS[name]).symbols
    np.testing.assert_array_equal(state.vectors[symbols.index("s_t")], expected)
    np.testing.assert_array_equal(state.vectors[symbols.index("g_t")], GRADIENT)
    assert not np.any(state.vectors[len(symbols) :])
    losses = [np.sum((PARAMS + share * step) ** 2) for share in SHARES_OF_STEP]
    np.testing.assert_allclose(state.losses, losses, rtol=1e-6)


def test_transformation_of_ones_own_notes_gradient_point_and_step():
    assert noted_sizes(Explained(optax.sgd(0.1))) == (3, 1)
