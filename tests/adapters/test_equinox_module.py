"""Equinox modules: loss and gradient are those of the module itself."""

import equinox as eqx
import jax
import jax.numpy as jnp

from landscapes.adapters import from_equinox
from tests.adapters.regression import DATA, check_problem, check_rows, on_examples

MODEL = eqx.nn.MLP(3, 1, 4, 1, activation=jnp.tanh, key=jax.random.key(0))


def test_loss_and_gradient_are_those_of_the_module():
    check_problem(from_equinox(MODEL, on_examples, DATA), *eqx.filter_value_and_grad(on_examples)(MODEL, DATA))


def test_filters_are_rows():
    check_rows(from_equinox(MODEL, on_examples, DATA), lambda params: params.layers[0].weight)


def test_where_varies_a_part():
    assert from_equinox(MODEL, on_examples, DATA, where="layers/1/*", filter_axes=0).dim == 5
