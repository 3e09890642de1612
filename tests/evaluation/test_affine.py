"""A primitive's result counts as affine exactly where it changes along a line at a constant rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend.core import Literal

from landscapes.evaluation.affine import Kind, kind_of

RNG = np.random.default_rng(5)
# Two operands that stay away from 0, and how each moves.
BASES, SLOPES = RNG.uniform(1.0, 2.0, (2, 3, 3)), RNG.uniform(0.2, 0.6, (2, 3, 3)) * [[[1]], [[-1]]]
MASK, ROWS = RNG.random((3, 3)) > 0.5, np.array([2, 0, 2])

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lax.add,
    "sub": lax.sub,
    "mul": lax.mul,
    "div": lax.div,
    "dot_general": jnp.dot,
    "concatenate": lambda x, y: jnp.concatenate([x, y]),
    "pad": lambda x, y: lax.pad(x, y[0, 0], [(1, 0, 0), (0, 2, 0)]),
    "select_n": lambda x, y: lax.select_n(MASK, x, y),
    "dynamic_update_slice": lambda x, y: lax.dynamic_update_slice(x, y[:1, :2], (1, 1)),
    "scatter-add": lambda x, y: x.at[ROWS].add(y),
    "pow": lax.pow,
    "atan2": lax.atan2,
}


@pytest.mark.parametrize("moving", [(0,), (1,), (0, 1)], ids=["first", "second", "both"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_affine_means_a_second_difference_of_zero(name, moving):
    def operands_at(t: float) -> list[Any]:
        pairs = enumerate(zip(BASES, SLOPES, strict=True))
        return [jnp.asarray(base + t * slope if k in moving else base) for k, (base, slope) in pairs]

    with jax.enable_x64(True):
        before, point, after = (np.asarray(OPERATIONS[name](*operands_at(t))) for t in (-1.0, 0.0, 1.0))
        program = jax.make_jaxpr(OPERATIONS[name])(*operands_at(0.0))
    bent = np.max(np.abs(before - 2 * point + after)) > 1e-9
    kinds = {variable: Kind.AFFINE for k, variable in enumerate(program.jaxpr.invars) if k in moving}
    for equation in program.eqns:
        operands = [
            Kind.CONSTANT if isinstance(each, Literal) else kinds.get(each, Kind.CONSTANT)
            for each in equation.invars
        ]
        kinds |= dict.fromkeys(equation.outvars, kind_of(equation.primitive.name, operands, equation.params))
    (result,) = program.jaxpr.outvars
    assert kinds[result] == (Kind.NONLINEAR if bent else Kind.AFFINE)
