"""What a formula's text may be, and the sentence on every other text."""

import pytest

from landscapes.formulas.parsing import MAX_CHARACTERS, MAX_NAMES, parse
from landscapes.formulas.tree import Applied, Name, Number


def test_power_binds_like_in_mathematics():
    x = Name("x")
    assert parse("-x^2").tree == Applied("negative", (Applied("^", (x, Number(2))),))
    assert parse("x^-1").tree == Applied("^", (x, Applied("negative", (Number(1),))))
    assert parse("x**3").tree == parse("x^3").tree == parse(" x³ ").tree


def test_free_names_come_in_written_order():
    formula = parse("b*x + a_1*sin(b*y) + pi + e")
    assert formula.names == ("b", "a_1")
    assert parse("log(cosh(f-y))", ("f", "y")).names == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0 < x <= a", "0 < x and x <= a"),
        ("x ≤ 2·y", "x <= 2*y"),
        ("not x − y ≠ π", "not x - y != pi"),
    ],
)
def test_conditions_are_read_alike(one, other):
    assert parse(f"where({one}, x, y)").tree == parse(f"x if {other} else y").tree


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is no formula; write one of x or y"),
        ("3 + a", "does not contain x or y"),
        ("2x + y", r"write \* between 2 and x"),
        ("1e-3y", r"write \* between 1e-3 and y"),
        ("x(y+1)", r"'x' is no function; write x\*"),
        ("(x+1)(y-1)", r"write \* before the parenthesis"),
        ("cosine(x)", "'cosine' is no function; did you mean sin"),
        ("sin", r"sin is a function; write what it is of in parentheses"),
        ("sin(x, y)", "sin takes 1 argument; found 2"),
        ("max(x)", "max takes 2 to 8 arguments; found 1"),
        ("max(a=x, b=y)", "= at character 6 is not part of a formula"),
        ("x > 0", "'x > 0' is a condition and no number"),
        ("(x > 0)*y", "'x > 0' is a condition and no number"),
        ("where(x, 1, y)", "'x' is no condition; compare it"),
        ("x and y", "is a condition and no number|'x' is no condition"),
        ("|x|", r"write abs\(…\) for \|…\|"),
        ("x = 3", "= at character 3 is not part of a formula"),
        ("x # y", "'#' at character 3 is not part of a formula"),
        ("lambda: x", "':' at character 7 is not part of a formula"),
        ("lambda*x", "lambda is a word of Python; write lam"),
        ("__import__('os')", "is not part of a formula"),
        ("__import__(x)", "'__import__' is no function"),
        ("x.__class__", "has a point behind a name"),
        ("_a*x", "'_a' cannot be a name here"),
        ("averyverylongname*x", "at most 12 in all"),
        ("True*x", "'True' is not a number"),
        ("x % 2", "'x % 2' is not available"),
        ("x, y", "is more than one formula"),
        ("((x", r"a parenthesis is not closed; add \)"),
        ("x)", r"a parenthesis closes nothing; remove one \)"),
        ("x + ", "ends too early"),
        ("x y", "cannot be read at character 3, 'y'"),
        ("x^2 @", "'@' at character 5"),
        ("x*1e300", "'1e300' is too large"),
        ("x" + "+x" * 110, "more than 200 operations"),
        ("-" * 150 + "x", "nested more than 120 deep"),
        ("(" * 190 + "x" + ")" * 190, None),
        ("-" * 390 + "x", "nested"),
        ("x+" * 200 + "x", f"has 401 characters; shorten it to {MAX_CHARACTERS}"),
        ("x*a*b*c*d*g*h*k", f"are 7 free names; use at most {MAX_NAMES}"),
    ],
    ids=lambda text: str(text)[:20],
)
def test_wrong_text_gets_place_and_remedy(text, sentence):
    if sentence is None:
        assert parse(text).tree == Name("x")
        return
    with pytest.raises(ValueError, match=sentence) as error:
        parse(text)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


def test_taken_names_are_refused():
    with pytest.raises(ValueError, match="x_low is taken; choose another name"):
        parse("x_low*x", taken=("x_low",))
    with pytest.raises(ValueError, match="does not contain f"):
        parse("y^2", ("f", "y"), needs=("f",))
