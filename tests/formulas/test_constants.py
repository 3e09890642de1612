"""The bounds on the constants of a formula."""

import pytest

from landscapes.formulas import parse
from landscapes.formulas.constants import check_numbers, shorten
from landscapes.formulas.tree import Applied, Name, Number


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x^1000", "the exponent 1000 is too large; use at most 100"),
        ("x*9^9^9^9", r"9\^9\^9 is too large; the largest number is"),
        ("x/0 + 1/0", "1 / 0 is too large"),
        ("x*sqrt(-2)", "is not a number; stay inside the function's domain"),
    ],
)
def test_a_constant_out_of_bounds_gets_one_sentence(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        parse(text)


def test_bounds_themselves_are_allowed():
    x = Name("x")
    check_numbers(Applied("^", (x, Number(100.0))))
    check_numbers(Applied("*", (x, Applied("^", (Number(10.0), Number(15.0))))))
    with pytest.raises(ValueError, match=r"the exponent -101 is too large; use at most 100"):
        check_numbers(Applied("+", (x, Applied("^", (x, Number(-101.0))))))


def test_long_constants_are_cut():
    assert shorten("12345", 5) == "12345"
    assert shorten("123456", 5) == "1234…"
