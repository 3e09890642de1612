"""Programs inside programs."""

import jax
import jax.numpy as jnp

from landscapes.evaluation.jaxprs import primitives_of, subprograms


def test_primitives_of_loops_and_branches_are_found():
    def program(x):
        x = jax.lax.fori_loop(0, 3, lambda i, y: jnp.sin(y), x)
        return jax.lax.cond(x > 0, jnp.cos, lambda y: jnp.tanh(jax.jit(jnp.exp)(y)), x)

    result = set(primitives_of(jax.make_jaxpr(program)(1.0).jaxpr))
    assert {"sin", "cos", "tanh", "exp", "cond"} <= result


def test_subprograms_lie_in_tuples_too():
    closed = jax.make_jaxpr(jnp.sin)(1.0)
    assert subprograms((closed, [closed.jaxpr, 3], "sin")) == [closed.jaxpr, closed.jaxpr]
