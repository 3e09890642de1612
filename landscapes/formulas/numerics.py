"""The value of a formula on arrays, with NumPy or under JAX's transformations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache, partial, reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from landscapes.formulas.tree import CONSTANTS, Applied, Name, Node, Number, is_constant, names_in

INFIX: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def evaluate(node: Node, values: Mapping[str, Any]) -> Any:
    """The value of a formula under JAX, elementwise over arrays that broadcast.

    Outside a function's domain it is NaN. The derivative of `where` is that of the branch it takes, also where the
    other branch has none, and at √0 a subgradient, 0.
    """
    # Two Python numbers would divide by zero with an error.
    return _value(node, {name: jnp.asarray(value) for name, value in values.items()}, jnp)


def evaluate_plainly(node: Node, values: Mapping[str, Any]) -> Any:
    """The value of a formula on NumPy arrays, without compilation."""
    with np.errstate(all="ignore"):
        return _value(node, {name: np.asarray(value, float) for name, value in values.items()}, np)


@lru_cache(maxsize=4096)
def constant_value(node: Node) -> float:
    """The value of a node that contains no names: NaN outside a domain, infinite where it overflows."""
    with np.errstate(all="ignore"):
        if isinstance(node, Number):
            return float(node.value)
        if isinstance(node, Name):
            return CONSTANTS[node.name]
        return float(_apply(node, {}, np, lambda each: np.float64(constant_value(each))))


def _value(node: Node, values: Mapping[str, Any], xp: Any) -> Any:
    # A constant is a Python number, so that it does not change the arrays' precision.
    if is_constant(node):
        return constant_value(node)
    if isinstance(node, Name):
        return values[node.name]
    assert isinstance(node, Applied)
    return _apply(node, values, xp, lambda each: _value(each, values, xp))


def _apply(node: Applied, values: Mapping[str, Any], xp: Any, value: Callable[[Node], Any]) -> Any:
    function, arguments = node.function, node.arguments
    if function == "where":
        if xp is jnp:
            return _where(node, values)
        return np.where(*map(value, arguments))
    if function == "^":
        return _power(arguments[0], arguments[1], xp, value)
    if function == "log" and (stable := _stable_log(arguments[0], xp, value)) is not None:
        return stable
    operands = [value(argument) for argument in arguments]
    if function in INFIX:
        return INFIX[function](*operands)
    if function == "negative":
        return -operands[0]
    if function in ("and", "or"):
        return reduce(xp.logical_and if function == "and" else xp.logical_or, operands)
    if function == "not":
        return xp.logical_not(operands[0])
    if function in ("min", "max"):
        return reduce(xp.minimum if function == "min" else xp.maximum, operands)
    if function == "softplus":
        return xp.logaddexp(operands[0], 0.0)
    if xp is jnp:
        special = {"sqrt": _sqrt, "relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}
    else:
        special = {"relu": lambda u: np.maximum(u, 0.0), "sigmoid": lambda u: 1 / (1 + np.exp(-u))}
    library = special[function] if function in special else getattr(xp, _LIBRARY_NAMES.get(function, function))
    return library(operands[0])


_LIBRARY_NAMES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}


def _power(base: Node, exponent: Node, xp: Any, value: Callable[[Node], Any]) -> Any:
    if not is_constant(exponent):
        if base == Name("e"):
            return xp.exp(value(exponent))
        return xp.power(value(base), value(exponent))
    number = constant_value(exponent)
    if number == int(number):
        # An integer power is exact for negative bases too, and so are its derivatives.
        return value(base) ** int(number)
    if number == 0.5:
        return (_sqrt if xp is jnp else np.sqrt)(value(base))
    return xp.power(value(base), number)


def _stable_log(argument: Node, xp: Any, value: Callable[[Node], Any]) -> Any:
    """log cosh u, log(1 + exp u) and log sigmoid u without overflow; None for other logarithms."""
    if not isinstance(argument, Applied):
        return None
    function, parts = argument.function, argument.arguments
    if function == "cosh":
        u = value(parts[0])
        return xp.logaddexp(u, -u) - math.log(2)
    if function == "sigmoid":
        return -xp.logaddexp(-value(parts[0]), 0.0)
    if function == "+":
        for one, other in (parts, parts[::-1]):
            is_one = is_constant(one) and constant_value(one) == 1
            if is_one and isinstance(other, Applied) and other.function == "exp":
                return xp.logaddexp(value(other.arguments[0]), 0.0)
    return None


def _sqrt(u: Any) -> Any:
    """√u, with the derivative 0 at u = 0: a subgradient of a norm, where the chain rule gives 0·∞."""
    is_zero = u == 0
    return jnp.where(is_zero, 0.0, jnp.sqrt(jnp.where(is_zero, 1.0, u)))


def _where(node: Applied, values: Mapping[str, Any]) -> Any:
    names = tuple(dict.fromkeys(names_in(node)))
    condition, first, second = (
        partial(_branch, argument, names, argument is node.arguments[0]) for argument in node.arguments
    )
    return _piecewise(condition, first, second)(*(values[name] for name in names))


def _branch(node: Node, names: tuple[str, ...], is_condition: bool, *values: Any) -> Any:
    result = _value(node, dict(zip(names, values, strict=True)), jnp)
    return result if is_condition else jnp.asarray(result, jnp.result_type(*values))


def _piecewise(condition: Callable[..., Any], first: Callable[..., Any], second: Callable[..., Any]) -> Any:
    """`first` where the condition holds, else `second`: elementwise functions of the same arguments.

    Each partial derivative is again such a function, of the branches' derivatives. Reverse mode through
    `jnp.where` multiplies the derivative of the other branch by 0, which is NaN where that is infinite.
    """

    @jax.custom_jvp
    def value(*arguments: Any) -> Any:
        return jnp.where(condition(*arguments), first(*arguments), second(*arguments))

    def rule(arguments: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        result = value(*arguments)
        tangent = jnp.zeros_like(result)
        for k, along in enumerate(tangents):
            if type(along) is not jax.custom_derivatives.SymbolicZero:
                slopes = (partial(_derivative, branch, k) for branch in (first, second))
                tangent += _piecewise(condition, *slopes)(*arguments) * along
        return result, tangent

    value.defjvp(rule, symbolic_zeros=True)
    return value


def _derivative(function: Callable[..., Any], k: int, *arguments: Any) -> Any:
    """∂f/∂argument k of an elementwise function."""

    def along(argument: Any) -> Any:
        return function(*arguments[:k], argument, *arguments[k + 1 :])

    return jax.jvp(along, (arguments[k],), (jnp.ones_like(arguments[k]),))[1]
