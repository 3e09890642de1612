"""Plain values as text and back."""

import pytest

from landscapes.recipes.serialization import as_type_of, pair, text_of, value_of


@pytest.mark.parametrize("value", [True, False, 3, -7, 0.25, 1e-8, "relu", "3d"])
def test_a_value_survives_its_text(value):
    result = value_of(text_of(value))
    assert (result, type(result)) == (value, type(value))


def test_a_value_takes_the_type_of_its_default():
    assert (as_type_of("steps", "30", 1), type(as_type_of("steps", "30", 1))) == (30, int)
    assert (as_type_of("extent", 2, 1.0), type(as_type_of("extent", 2, 1.0))) == (2.0, float)
    assert as_type_of("view", 3, "3d") == "3"


@pytest.mark.parametrize(
    ("value", "default", "sentence"),
    [
        (True, 1.0, "extent = 'True' is not a number"),
        ("wide", 1.0, "extent = 'wide' is not a number; give a number such as 0.01"),
        (2.5, 7, "extent = 2.5 is not a whole number; give one such as 7"),
        (float("nan"), 7, "extent = nan is not a whole number"),
        (2.0**60, 7, "is not a whole number"),
    ],
)
def test_another_value_is_refused(value, default, sentence):
    with pytest.raises(ValueError, match=sentence):
        as_type_of("extent", value, default)


def test_a_second_picture_is_a_key_and_a_value():
    assert pair("split:test:more") == ("split", "test:more")
    with pytest.raises(ValueError, match="beside = 'split' is not a setting; write it as key:value"):
        pair("split")
