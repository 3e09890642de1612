"""Gradients and Hessians of formulas as formulas."""

import jax
import numpy as np
import pytest

from landscapes.formulas.derivatives import derivatives
from landscapes.formulas.numerics import evaluate_plainly
from landscapes.formulas.parsing import parse
from tests.formulas.test_numerics import POINTS, SMOOTH, all_derivatives, as_function


@pytest.mark.parametrize("text", SMOOTH)
def test_symbolic_and_automatic_derivatives_agree(text):
    import sympy

    result = derivatives(parse(text))
    assert result.gradient is not None
    assert result.hessian is not None
    x, y = (sympy.Symbol(name, real=True) for name in "xy")

    def at(point, expression):
        return float(expression.subs({x: point[0], y: point[1]}).doit())

    with jax.enable_x64(True):
        values, gradients, hessians = all_derivatives(as_function(text))(POINTS[:2])
    plain = evaluate_plainly(parse(text).tree, {"x": POINTS[:2, 0], "y": POINTS[:2, 1]})
    np.testing.assert_allclose(values, plain, rtol=1e-12, atol=1e-12)
    for point, gradient, hessian in zip(POINTS[:2], gradients, hessians, strict=True):
        np.testing.assert_allclose(gradient, [at(point, each) for each in result.gradient], rtol=1e-9, atol=1e-11)
        expected = [[at(point, each) for each in row] for row in result.hessian]
        np.testing.assert_allclose(hessian, expected, rtol=1e-9, atol=1e-11)


def test_derivatives_too_long_to_read_are_left_out():
    long = derivatives(parse("*".join(f"(x-{k})" for k in range(40))))
    assert long.gradient is None
    assert long.gradient_latex == ""
    for text in ("max(x, y, x*y, x+y, x-y, 1)", "where(x < y/0, x, y)", "abs(" * 9 + "x-y" + ")" * 9):
        assert derivatives(parse(text)).gradient_latex == ""
    short = derivatives(parse("x^2 + 0.5*a*y^2"))
    assert short.gradient_latex == r"\begin{pmatrix} 2 x \\[4pt] a y \end{pmatrix}"
    assert short.hessian_latex == r"\begin{pmatrix} 2 & 0 \\[4pt] 0 & a \end{pmatrix}"
