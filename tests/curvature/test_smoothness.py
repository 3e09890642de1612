"""Programs without kinks are told from those that may have some."""

import jax
import jax.numpy as jnp
import pytest

from landscapes.curvature.smoothness import smooth_results
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe

SMOOTH = {
    "polynomial": lambda x: jnp.sum(x**3 - 2 * x**2),
    "softmax of a linear model": lambda x: -jnp.sum(jax.nn.log_softmax(jnp.ones((3, 4)) @ x)[:, None]),
    "logsumexp": jax.nn.logsumexp,
    "network with tanh": lambda x: jnp.mean(jnp.tanh(jnp.ones((5, 4)) @ x) ** 2),
    "layer normalization": lambda x: jnp.sum(jnp.sin((x - x.mean()) * jax.lax.rsqrt(x.var() + 1e-5))),
    "recurrence": lambda x: jax.lax.scan(lambda h, _: (jnp.tanh(h * x[0] + x[1]), h), x[2], None, 5)[0],
    "fixed choice": lambda x: jnp.sum(jnp.where(jnp.arange(4) > 1, x, x**2)),
    "logarithm of a constant": lambda x: jnp.sum(x) * jax.lax.log(2.0),
    "cell of a table": lambda x: x[jnp.array([2, 0])].sum(),
    "size of a frozen value": lambda x: jnp.sum(x / jnp.abs(jax.lax.stop_gradient(jnp.max(x)))),
    "maximum that is frozen": lambda x: jnp.sum(jnp.exp(x - jax.lax.stop_gradient(jnp.max(x)))),
}
KINKED = {
    "abs": lambda x: jnp.sum(jnp.abs(x)),
    "ReLU": lambda x: jnp.sum(jax.nn.relu(x)),
    "max": jnp.max,
    "root of a square": lambda x: jnp.sum(jnp.sqrt(x**2)),
    "norm": jnp.linalg.norm,
    "choice": lambda x: jnp.where(x[0] > 0, x[1], x[2]),
    "frozen sign": lambda x: jnp.sum(x * jax.lax.stop_gradient(jnp.sign(x))),
    "frozen choice": lambda x: jnp.sum(jnp.where(jax.lax.stop_gradient(x) > 0, x, 0)),
    "rounding": lambda x: jnp.sum(x * jnp.round(x)),
    "index": lambda x: x[jnp.argmax(x)],
    "integer and back": lambda x: jnp.sum(x * x.astype(jnp.int32).astype(jnp.float32)),
    "recurrence with ReLU": lambda x: jax.lax.scan(lambda h, _: (jax.nn.relu(h) * x[0], h), x[1], None, 3)[0],
    "branch": lambda x: jax.lax.cond(x[0] > 0, jnp.sum, jnp.prod, x),
    "power": lambda x: jnp.sum(x ** jnp.float32(1.5)),
}


@pytest.mark.parametrize("function", SMOOTH.values(), ids=SMOOTH)
def test_smooth_programs(function):
    assert all(smooth_results(jax.make_jaxpr(function)(jnp.linspace(0.5, 1, 4))))


@pytest.mark.parametrize("function", KINKED.values(), ids=KINKED)
def test_programs_that_may_have_kinks(function):
    assert not any(smooth_results(jax.make_jaxpr(function)(jnp.linspace(0.5, 1, 4))))


def test_own_derivative_is_not_trusted():
    identity = jax.custom_vjp(lambda x: x)
    identity.defvjp(lambda x: (x, x), lambda x, bar: (bar * jnp.sign(x),))
    assert smooth_results(jax.make_jaxpr(lambda x: jnp.sum(identity(x)))(jnp.ones(3))) == [False]


@pytest.mark.parametrize(("activation", "expected"), [("tanh", True), ("relu", False)])
def test_terms_of_a_network_are_told_apart(activation, expected):
    model = Choice.of("mlp", width=2, depth=1, activation=activation)
    problem = catalog.build(Recipe(data=Choice.of("blobs", examples=20), model=model))
    program, terms = jax.make_jaxpr(problem.terms, return_shape=True)(problem.params)
    assert dict(zip(sorted(terms), smooth_results(program), strict=True)) == {
        "cross-entropy": expected,
        "l1": False,
        "l2": True,
    }
