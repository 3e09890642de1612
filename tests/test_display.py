"""Results in words."""

from dataclasses import dataclass

import numpy as np
import pytest

from landscapes import display
from landscapes.curvature import Trace
from landscapes.display import Display


@dataclass(frozen=True, eq=False, repr=False)
class Named(Display):
    text: str

    @property
    def summary(self) -> str:
        return self.text


def test_short_repr_is_one_line_of_at_most_200_characters():
    assert repr(Named("loss 2\n  to 1")) == "Named(loss 2 to 1)"
    long = repr(Named("ab " * 100))
    assert len(long) == 200
    assert long.endswith("…)")


def test_number_of_streamed_examples_is_never_cut_off():
    assert repr(Named("loss 2", examples=50_000)) == "Named(loss 2; mean over 50,000 examples in batches)"
    long = repr(Named("ab " * 100, examples=7))
    assert len(long) == 200
    assert long.endswith("…; mean over 7 examples in batches)")


def test_each_of_several_results_says_how_many_examples_entered():
    known = Named("known", examples=3)
    results = {"one": [Named("a"), (Named("b"),)], "other": known, "number": 2}
    result = display.with_examples(results, 11)
    assert [each.examples for each in (result["one"][0], *result["one"][1], result["other"])] == [11, 11, 3]
    assert result["number"] == 2
    assert [each.examples for each in display.with_examples(iter([Named("c")]), 5)] == [5]
    assert (
        repr(display.with_examples(Trace(2.0, 0.1, 9), 5))
        == "Trace(2 ± 0.1, 9 probes; mean over 5 examples in batches)"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (display.with_error(1.23456, 0.0021), "1.235 ± 0.002"),
        (display.with_error(1.23456, np.inf), "1.235, error unknown"),
        (display.finite_range([np.nan, 2.5, 0.1, np.inf]), "from 0.1 to 2.5"),
        (display.finite_range([3.0, np.nan]), "3 everywhere"),
        (display.finite_range([np.nan]), "nowhere finite"),
        (display.ends([2.31, 9.0, 0.12]), "from 2.31 to 0.12"),
        (display.ends([]), "without values"),
        (display.grid_shape((np.zeros(33), np.zeros(5))), "33 × 5"),
    ],
)
def test_numbers_have_words(text, expected):
    assert text == expected


def test_typeset_numbers_have_minus_signs_and_a_space_before_percent():
    text = display.typeset("at (-3.5, -.2), -7.2 ± 2e-05 on 95%, 2-3 of x-1, d=-1, logistic-2, 10^{-3}")
    assert text == "at (−3.5, −.2), −7.2 ± 2e-05 on 95 %, 2-3 of x-1, d=−1, logistic-2, 10^{−3}"
