"""Flax NNX modules: loss and gradient are those of the module itself."""

import jax.numpy as jnp
import pytest
from flax import nnx

from landscapes.adapters import from_nnx
from tests.adapters.regression import DATA, check_problem, squares


class NormalizedMLP(nnx.Module):
    def __init__(self, rngs: nnx.Rngs):
        self.first = nnx.Linear(3, 4, rngs=rngs)
        self.norm = nnx.BatchNorm(4, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)
        self.last = nnx.Linear(4, 1, rngs=rngs)

    def __call__(self, x):
        return self.last(self.dropout(jnp.tanh(self.norm(self.first(x)))))


def test_loss_and_gradient_are_those_of_the_module():
    model = NormalizedMLP(nnx.Rngs(0))
    model.eval()
    model.norm.mean[...] = jnp.arange(4.0)
    gradient = nnx.to_pure_dict(nnx.grad(squares)(model, DATA))
    check_problem(from_nnx(model, squares, DATA), squares(model, DATA), gradient)


def test_dropout_has_one_mask_over_the_surface():
    model = NormalizedMLP(nnx.Rngs(0))
    model.train()
    problem = from_nnx(model, squares, DATA)
    assert float(problem.loss(problem.params)) == float(problem.loss(problem.params))
    model.eval()
    assert float(problem.loss(problem.params)) != float(squares(model, DATA))


def test_a_state_of_its_own_is_refused():
    with pytest.raises(ValueError, match="state is taken by the module's own"):
        from_nnx(NormalizedMLP(nnx.Rngs(0)), squares, state={})
