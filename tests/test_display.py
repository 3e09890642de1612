"""Results in words."""

import numpy as np
import pytest

from landscapes import display
from landscapes.display import Display


class Named(Display):
    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def summary(self) -> str:
        return self.text


def test_short_repr_is_one_line_of_at_most_200_characters():
    assert repr(Named("loss 2\n  to 1")) == "Named(loss 2 to 1)"
    long = repr(Named("ab " * 100))
    assert len(long) == 200
    assert long.endswith("…)")


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
