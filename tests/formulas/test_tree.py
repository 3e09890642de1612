"""The tree of a formula."""

from landscapes.formulas.parsing import parse
from landscapes.formulas.tree import ALIASES, FUNCTIONS, Applied, Name, Number, is_constant, names_in


def test_names_come_in_written_order_without_constants():
    tree = parse("b*x + e^(pi*b) + a*y").tree
    assert list(names_in(tree)) == ["b", "x", "b", "a", "y"]
    assert not is_constant(tree)
    assert is_constant(Applied("*", (Name("pi"), Number(2.0))))


def test_comparisons_and_connectives_are_conditions():
    one = Applied("<", (Name("x"), Number(1.0)))
    assert (one.kind, Applied("not", (one,)).kind, Applied("+", (Name("x"), Number(1.0))).kind) == (
        "condition",
        "condition",
        "number",
    )


def test_an_alias_names_a_function_and_is_none_itself():
    assert {*ALIASES.values()} <= FUNCTIONS.keys()
    assert not ALIASES.keys() & FUNCTIONS.keys()
