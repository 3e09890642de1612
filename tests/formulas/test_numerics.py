"""A formula's value and its derivatives under JAX."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.formulas.numerics import evaluate, evaluate_plainly
from landscapes.formulas.parsing import parse
from landscapes.objectives import FUNCTIONS

POINTS = np.array([[0.3, -1.7], [1.1, 0.4], [-2.0, 2.5], [0.9, 1.6]])

WRITTEN = {
    "rosenbrock": ("(a-x)^2 + b*(y-x^2)^2", {"a": 0.7, "b": 30.0}),
    "himmelblau": ("(x^2+y-11)^2 + (x+y^2-7)^2", {}),
    "ackley": ("20 + e - 20*exp(-0.2*sqrt((x^2+y^2)/2)) - exp((cos(2*pi*x)+cos(2*pi*y))/2)", {}),
    "beale": ("(1.5-x*(1-y))^2 + (2.25-x*(1-y^2))^2 + (2.625-x*(1-y^3))^2", {}),
    "monkey-saddle": ("x^3 - 3*x*y^2", {}),
}
# Every function once, where it is smooth.
SMOOTH = (
    "abs(x)*y + cbrt(x^2+1) - sign(y)*log1p(x^2)",
    "log(x^2+1) + log2(y^2+2)/log10(x^2+3) - expm1(-y)",
    "asin(x/9)*acos(y/9) + atan(x*y) + tan(x/9)",
    "sinh(x)/cosh(y) + tanh(x-y) + asinh(x) + acosh(y^2+2) + atanh(x/9)",
    "relu(x) + sigmoid(x*y) + softplus(x-2*y) + log(cosh(x+y)) + log(1+exp(x)) + log(sigmoid(y))",
    "min(x, y, 3) + max(0, 1-y*x) + (x if x > y else y^2)",
    "2^x + e^(y/3) + (x^2+1)^y + x^-3 + (y^2)^1.5",
    "where(x > 0 and y < 2 or not x <= 1, x^2*y, sin(y))",
)


def as_function(text):
    formula = parse(text)
    return lambda xy, **values: evaluate(formula.tree, {"x": xy[0], "y": xy[1], **values})


def all_derivatives(function):
    return jax.jit(jax.vmap(lambda xy: (function(xy), jax.grad(function)(xy), jax.hessian(function)(xy))))


@pytest.mark.parametrize("name", WRITTEN)
def test_written_functions_equal_built_in_ones(name):
    text, knobs = WRITTEN[name]
    with jax.enable_x64(True):
        own, built_in = (
            all_derivatives(partial(function, **knobs))(POINTS)
            for function in (as_function(text), FUNCTIONS[name].f)
        )
        for ours, theirs in zip(own, built_in, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-11)


def test_derivative_of_where_ignores_branch_not_taken():
    """At x = 0 the slope of log is infinite and at −1 it has no value; the branch taken is x² there."""
    function = as_function("where(x > 0, log(x) + y*sqrt(x), x^2*y)")
    points = np.array([[-1.0, 2.0], [0.0, 2.0], [4.0, 1.0]])
    expected = [[[2 * y, 2 * x], [2 * x, 0]] for x, y in points[:2]]
    expected += [[[-1 / 16 - 1 / 32, 1 / 4], [1 / 4, 0]]]
    for hessian in (jax.hessian(function), jax.jacrev(jax.grad(function))):
        with jax.enable_x64(True):
            gradients, hessians = (jax.jit(jax.vmap(each))(points) for each in (jax.grad(function), hessian))
        np.testing.assert_allclose(gradients, [[-4, 1], [0, 0], [0.5, 2]], rtol=1e-12)
        np.testing.assert_allclose(hessians, expected, rtol=1e-12)


def test_derivative_of_a_mean_of_where_ignores_branch_not_taken():
    tree = parse("where(f > 0, sqrt(f)*a, y^2*f)", ("f", "y")).tree
    f, y = jnp.array([[4.0], [0.0], [-1.0]]), jnp.array([[1.0], [2.0], [3.0]])
    total = jax.jit(jax.grad(lambda f, a: jnp.sum(evaluate(tree, {"f": f, "y": y, "a": a})), argnums=(0, 1)))
    gradient = total(f, 3.0)
    np.testing.assert_allclose(gradient[0], [[0.75], [4.0], [9.0]], rtol=1e-6)
    np.testing.assert_allclose(gradient[1], 2.0, rtol=1e-6)


def test_norm_has_a_subgradient_at_its_tip():
    function = as_function("sqrt(x^2 + y^2)")
    np.testing.assert_array_equal(jax.jit(jax.grad(function))(jnp.zeros(2)), [0, 0])
    np.testing.assert_allclose(jax.jit(jax.grad(function))(jnp.array([3.0, 4.0])), [0.6, 0.8], rtol=1e-6)


def test_values_outside_a_domain_are_nan():
    values = jax.vmap(as_function("log(x) + sqrt(y)"))(jnp.array([[-1.0, 1.0], [1.0, -1.0], [1.0, 4.0]]))
    np.testing.assert_array_equal(values, [np.nan, np.nan, 2.0])


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_formulas_keep_the_precision(dtype):
    with jax.enable_x64(dtype == jnp.float64):
        xy = jnp.array([0.5, 2.0], dtype)
        for text in (*SMOOTH, "where(x > 0, 1, 0)*y", "x^0.5 + pi*sqrt(2)"):
            assert jax.eval_shape(as_function(text), xy).dtype == dtype


def test_stable_forms_do_not_overflow():
    f = jnp.array([500.0, -500.0], jnp.float32)
    for text, expected in (
        ("log(cosh(f))", [500 - np.log(2)] * 2),
        ("log(1 + exp(f))", [500, 0]),
        ("log(sigmoid(f))", [0, -500]),
    ):
        tree = parse(text, ("f", "y")).tree
        np.testing.assert_allclose(evaluate(tree, {"f": f}), expected, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(evaluate_plainly(tree, {"f": np.asarray(f)}), expected, rtol=1e-6, atol=1e-6)


def test_powers_of_e_are_exponentials():
    tree = parse("e^(x*y)").tree
    at = {"x": np.array([0.3, -1.2]), "y": np.array([1.5, 0.4])}
    np.testing.assert_allclose(evaluate_plainly(tree, at), np.exp(at["x"] * at["y"]), rtol=1e-14)
    np.testing.assert_allclose(evaluate(tree, at), np.exp(at["x"] * at["y"]), rtol=1e-6)


def test_plain_values_are_those_of_the_functions():
    """In NumPy, on both sides of each kink."""
    functions = {
        "relu": lambda u: max(u, 0.0),
        "sigmoid": lambda u: 1 / (1 + np.exp(-u)),
        "softplus": lambda u: np.log(1 + np.exp(u)),
        "cbrt": np.cbrt,
        "abs": abs,
        "sign": np.sign,
        "asinh": np.arcsinh,
        "atan": np.arctan,
        "expm1": lambda u: np.exp(u) - 1,
    }
    for u in (-1.7, 0.4):
        for name, function in functions.items():
            np.testing.assert_allclose(
                evaluate_plainly(parse(f"{name}(x)").tree, {"x": u}), function(u), rtol=1e-12
            )
        for text, value in (("min(x, 0.1, 2)", min(u, 0.1)), ("max(-1, x, 0.1)", max(u, 0.1)), ("2-x-1", 1 - u)):
            np.testing.assert_allclose(evaluate_plainly(parse(text).tree, {"x": u}), value, rtol=1e-12)
