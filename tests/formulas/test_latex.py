"""Formulas in LaTeX."""

import pytest

from landscapes.formulas.latex import latex
from landscapes.formulas.parsing import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(1-x)^2 + a*(y-x^2)^2", r"\left(1 - x\right)^{2} + a \left(y - x^{2}\right)^{2}"),
        ("x-(y-1)", r"x - \left(y - 1\right)"),
        ("x*-2", r"x \left(-2\right)"),
        ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
        ("(-x)^(1/2)", r"\sqrt{-x}"),
        ("sin(pi*x)^2", r"\sin^{2}\left(\pi\,x\right)"),
        ("2*3*lam_1*abs(x)", r"2 \cdot 3\,\lambda_{1}\,\left|x\right|"),
        ("1.5e-7*exp(-x)", r"1.5 \cdot 10^{-7} e^{-x}"),
        (
            "where(0<x<1 or not y>2, x, 0)",
            r"\begin{cases} x & \text{if } \left(0 < x < 1\right) \text{ or } \text{not }\left(y > 2\right) \\ "
            r"0 & \text{otherwise} \end{cases}",
        ),
    ],
)
def test_latex_keeps_written_form(text, expected):
    assert latex(parse(text).tree) == expected
