"""Functions as flat lists of steps."""

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.evaluation.affine import Kind
from landscapes.evaluation.program import Program

MATRIX = np.arange(6.0, dtype=np.float32).reshape(2, 3)


def _function(x):
    y = jax.jit(lambda z: MATRIX @ z)(x)
    return jnp.sum(jnp.sin(jax.lax.stop_gradient(y))), 2.0 * jnp.sum(x)


def test_bodies_of_calls_lie_in_place_and_give_the_same_values():
    x = jnp.array([1.0, -2.0, 0.5])
    program = Program.of(jax.make_jaxpr(_function)(x))
    assert not {"jit", "stop_gradient"} & {step.primitive.name for step in program.steps}
    values = {**program.literals, **program.constants, program.inputs[0]: x}
    for step in program.steps:
        step(values)
    np.testing.assert_allclose([values[i] for i in program.outputs], _function(x), rtol=1e-6)


def test_a_value_is_affine_until_it_is_not():
    program = Program.of(jax.make_jaxpr(_function)(jnp.zeros(3)))
    assert [program.kinds[i] for i in program.outputs] == [Kind.NONLINEAR, Kind.AFFINE]
    first, second = (
        {program.steps[k].primitive.name for k in program.steps_for([output])} for output in program.outputs
    )
    assert {"sin", "dot_general"} <= first
    assert not {"sin", "dot_general"} & second
    assert "mul" in second
