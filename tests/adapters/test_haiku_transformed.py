"""Haiku functions: loss and gradient are those of the function itself."""

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np

from landscapes.adapters import from_haiku
from tests.adapters.regression import DATA, X, check_problem, squares


def test_loss_and_gradient_are_those_of_the_function():
    def network(x):
        return hk.nets.MLP([4, 1], activation=jnp.tanh)(x)

    transformed = hk.transform(network)
    params = transformed.init(jax.random.key(0), X)
    value, gradient = jax.jit(
        jax.value_and_grad(lambda p: squares(lambda x: transformed.apply(p, None, x), DATA))
    )(params)
    check_problem(from_haiku(transformed, params, squares, DATA), value, gradient)


def test_state_and_key_reach_the_function():
    def network(x):
        x = hk.BatchNorm(True, True, 0.9)(x, is_training=True)
        return hk.Linear(1)(hk.dropout(hk.next_rng_key(), 0.5, x))

    transformed = hk.transform_with_state(network)
    params, state = transformed.init(jax.random.key(0), X)
    problem = from_haiku(transformed, params, squares, DATA, state=state, key=5)
    expected = squares(lambda x: transformed.apply(params, state, jax.random.key(5), x)[0], DATA)
    np.testing.assert_allclose(problem.loss(params), expected, rtol=1e-6)
