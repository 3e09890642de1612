"""Whether a function is smooth wherever it is finite, as its program shows.

A program of exponentials, products and sums has no kinks, so that none need be looked for. A program with a
maximum, an absolute value or a choice that depends on its argument may have some.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal


class Dependence(IntEnum):
    """How a value depends on the argument. A value that depends on several is as bad as the worst of them."""

    NONE = 0
    FROZEN = 1  # continuous, and constant for derivatives (`jax.lax.stop_gradient`)
    SMOOTH = 2
    KINKED = 3  # continuous
    UNKNOWN = 4  # it may jump


# Smooth wherever the result is finite. `sqrt` and `pow` are not among them: √(x²) = |x|.
_SMOOTH = {
    *("add", "add_any", "sub", "neg", "mul", "div", "square", "integer_pow", "rsqrt", "real", "imag", "conj"),
    *("exp", "exp2", "log", "log1p", "expm1", "logistic", "tanh", "sin", "cos", "tan", "sinh", "cosh", "asinh"),
    *("atan", "erf", "erfc", "lgamma", "digamma", "dot_general", "conv_general_dilated", "reduce_sum", "cumsum"),
    *("reduce_window_sum", "copy", "copy_p", "name", "reshape", "transpose", "broadcast_in_dim", "squeeze", "rev"),
    *("expand_dims", "slice", "split", "tile", "concatenate", "pad", "optimization_barrier"),
}
_CONTINUOUS = {"max", "min", "abs", "reduce_max", "reduce_min", "clamp", "sqrt"}
# Smooth in the operands at these positions, if the others (indices and predicates) do not depend on the argument.
_INDEXED = {
    "gather": (0,),
    "dynamic_slice": (0,),
    "dynamic_update_slice": (0, 1),
    "scatter-add": (0, 2),
    "scatter": (0, 2),
}
# Calls whose body is looked at, and the parameter that holds it. With `custom_vjp` the derivative may be another.
_BODIES = {"jit": "jaxpr", "closed_call": "call_jaxpr", "custom_jvp_call": "call_jaxpr", "remat2": "jaxpr"}


def smooth_results(program: ClosedJaxpr) -> list[bool]:
    """Whether each result of a program is a smooth function of its arguments wherever it is finite. False where
    the program does not show it.

    A continuous value behind `stop_gradient`, such as the maximum that softmax subtracts, is a parameter of the
    derivatives, which are then continuous.
    """
    dependences = _dependences(program.jaxpr, [Dependence.SMOOTH] * len(program.jaxpr.invars))
    return [each <= Dependence.SMOOTH for each in dependences]


def _dependences(jaxpr: Jaxpr, arguments: list[Dependence]) -> list[Dependence]:
    dependence_of: dict[Any, Dependence] = dict(zip(jaxpr.invars, arguments, strict=True))

    def of(atom: Any) -> Dependence:
        return Dependence.NONE if isinstance(atom, Literal) else dependence_of.get(atom, Dependence.NONE)

    under_abs: dict[Any, Dependence] = {}
    for eqn in jaxpr.eqns:
        inputs = [of(atom) for atom in eqn.invars]
        if eqn.primitive.name == "abs":
            under_abs[eqn.outvars[0]] = inputs[0]
        elif eqn.primitive.name == "log" and not isinstance(eqn.invars[0], Literal):
            # log|x|, as in `logsumexp`, has no kink.
            inputs = [under_abs.get(eqn.invars[0], inputs[0])]
        dependence_of.update(zip(eqn.outvars, _of_equation(eqn, inputs), strict=True))
    return [of(atom) for atom in jaxpr.outvars]


def _of_equation(eqn: Any, inputs: list[Dependence]) -> list[Dependence]:
    name, worst = eqn.primitive.name, max(inputs, default=Dependence.NONE)
    if worst == Dependence.NONE or name == "is_finite":
        return [Dependence.NONE] * len(eqn.outvars)
    if name in _BODIES:
        body = eqn.params[_BODIES[name]]
        return _dependences(body.jaxpr if isinstance(body, ClosedJaxpr) else body, inputs)
    if name == "scan":
        return _of_scan(eqn, inputs)
    return [_of_primitive(eqn, name, inputs, worst)] * len(eqn.outvars)


def _of_primitive(eqn: Any, name: str, inputs: list[Dependence], worst: Dependence) -> Dependence:
    if name == "stop_gradient":
        return min(worst, Dependence.FROZEN) if worst <= Dependence.KINKED else Dependence.UNKNOWN
    if name in _SMOOTH:
        return worst
    if name == "convert_element_type" and jnp.issubdtype(eqn.params["new_dtype"], jnp.inexact):
        return worst
    if name in _CONTINUOUS:
        return Dependence.KINKED if worst == Dependence.SMOOTH else worst
    if name == "select_n":
        return Dependence.UNKNOWN if inputs[0] else worst
    if name in _INDEXED:
        is_index_free = all(inputs[k] == Dependence.NONE for k in range(len(inputs)) if k not in _INDEXED[name])
        return worst if is_index_free else Dependence.UNKNOWN
    return Dependence.UNKNOWN


def _of_scan(eqn: Any, inputs: list[Dependence]) -> list[Dependence]:
    """The carry depends on all that it depended on after any earlier step."""
    num_constants, num_carry = eqn.params["num_consts"], eqn.params["num_carry"]
    while True:
        results = _dependences(eqn.params["jaxpr"].jaxpr, inputs)
        old = inputs[num_constants : num_constants + num_carry]
        carry = [max(pair) for pair in zip(old, results[:num_carry], strict=True)]
        if carry == old:
            return results
        inputs = [*inputs[:num_constants], *carry, *inputs[num_constants + num_carry :]]
