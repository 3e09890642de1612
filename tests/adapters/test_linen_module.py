"""Flax Linen modules: loss and gradient are those of the module itself."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import pytest

from landscapes.adapters import from_linen
from tests.adapters.regression import DATA, X, check_problem, squares


class LinenMLP(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.BatchNorm(use_running_average=True)(nn.Dense(4)(x))
        return nn.Dense(1)(jnp.tanh(x))


def test_loss_and_gradient_are_those_of_the_module():
    module = LinenMLP()
    variables = module.init(jax.random.key(0), X)
    variables["batch_stats"]["BatchNorm_0"]["mean"] = jnp.arange(4.0)

    def own(params):
        return squares(lambda x: module.apply({**variables, "params": params}, x), DATA)

    value, gradient = jax.jit(jax.value_and_grad(own))(variables["params"])
    check_problem(from_linen(module, variables, squares, DATA), value, gradient)


def test_the_key_alone_decides_a_mask_of_dropout():
    class Dropped(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Dense(1)(nn.Dropout(0.5, deterministic=False)(x))

    module = Dropped()
    variables = module.init({"params": jax.random.key(0), "dropout": jax.random.key(1)}, X)
    values = {
        float(from_linen(module, variables, squares, DATA, key=k).loss(variables["params"])) for k in (3, 3, 4)
    }
    assert len(values) == 2

    def squares_of_one_mask(apply, data):
        return squares(lambda x: apply(x, rngs={"dropout": jax.random.key(9)}), data)

    own = [
        from_linen(module, variables, squares_of_one_mask, DATA, key=k).loss(variables["params"]) for k in (3, 4)
    ]
    assert own[0] == own[1]


@pytest.mark.parametrize(
    ("variables", "options", "sentence"),
    [
        ({"batch_stats": {}}, {}, "the variables have no 'params', only"),
        ({"params": {}}, {"state": {}}, "state is taken by the module's own"),
    ],
    ids=["no params", "a state"],
)
def test_what_does_not_fit_gets_one_sentence(variables, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        from_linen(LinenMLP(), variables, squares, **options)


def test_what_a_module_stores_is_dropped():
    """With `mutable=` a module returns its outputs and what it would store."""
    module = LinenMLP()
    variables = module.init(jax.random.key(0), X)

    def with_updates(apply, data):
        return squares(lambda x: apply(x, mutable=["batch_stats"]), data)

    losses = [
        from_linen(module, variables, loss, DATA).loss(variables["params"]) for loss in (with_updates, squares)
    ]
    assert losses[0] == losses[1]
