"""The sliced Wasserstein distance against optimal assignments on lines, and a shift."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import linear_sum_assignment

from landscapes.objectives import OBJECTIVES


def distance(fake, x, **knobs):
    def forward(params, state, key, *, method, count):
        assert (method, count) == ("sample", len(x))
        return params

    terms = OBJECTIVES["sliced-wasserstein"].terms(
        forward, jnp.asarray(fake), {}, {"x": jnp.asarray(x)}, jax.random.key(0), **knobs
    )
    return float(terms["sliced-wasserstein"])


def test_distance_on_a_line_is_that_of_the_best_assignment():
    fake, x = (np.random.default_rng(seed).normal(size=(9, 1)).astype(np.float32) for seed in (0, 1))
    cost = (fake - x.T) ** 2
    rows, columns = linear_sum_assignment(cost)
    np.testing.assert_allclose(distance(fake, x, projections=3), cost[rows, columns].mean(), rtol=1e-5)


def test_shift_costs_its_squared_length_over_the_dimension():
    x = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    shift = np.array([1.0, -2.0, 2.0], np.float32)
    np.testing.assert_allclose(distance(x[::-1] + shift, x, projections=512), 9 / 3, rtol=0.1)
