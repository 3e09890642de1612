"""Tables as numbers, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from landscapes.tables import encode, fill_missing, guess_target, plan, read_table
from tests.tables.files import HOMES, csv_of

HOME_TABLE = read_table(HOMES.encode(), "homes.csv")
CITY, SIZE, ROOMS, GARDEN, BUILT, PRICE = range(1, 7)
NAN = np.nan


def test_every_column_by_hand():
    table = HOME_TABLE
    result = encode(table, PRICE, "values", plan(table, PRICE, "values", leave_out={BUILT}))
    assert result.inputs == ("city = Bern", "city = Graz", "city = Ulm", "size", "rooms", "garden")
    expected = [
        [1, 0, 0, 50, 2, 1],
        [0, 0, 1, 70, NAN, 0],
        [1, 0, 0, 65, 3, 0],
        [0, 1, 0, 90, 4, 1],
        [0, 0, 1, 40, 1, 0],
    ]
    np.testing.assert_array_equal(result.x, expected)
    np.testing.assert_array_equal(result.y, [[300.5], [410], [395.25], [520], [260]])
    assert result.classes == ()


def test_missing_inputs_are_flagged_or_their_rows_left_out():
    flagged = plan(HOME_TABLE, PRICE, "values", missing="indicator", leave_out={CITY, BUILT})
    result = encode(HOME_TABLE, PRICE, "values", flagged)
    assert result.inputs == ("size", "rooms", "rooms is missing", "garden")
    np.testing.assert_array_equal(result.x[:, 2], [0, 1, 0, 0, 0])
    kept = plan(HOME_TABLE, PRICE, "values", missing="drop", leave_out={BUILT})
    np.testing.assert_array_equal(kept.keep, [True, False, True, True, True])
    assert kept.left_out == {BUILT: "left out by choice"}
    # A gap in a row that is left out for its target needs no further column.
    table = read_table(b"a,b,y\n1,,\n2,5,3\n,6,4\n4,7,5\n5,8,7\n6,9,8\n", "gaps.csv")
    flagged = plan(table, 3, "values", missing="indicator")
    result = encode(table, 3, "values", flagged)
    assert result.inputs == ("a", "a is missing", "b")
    np.testing.assert_array_equal(result.x[:, 1], [0, 1, 0, 0, 0])


def test_classes_are_the_sorted_labels_of_the_rows_that_are_left():
    result = encode(
        HOME_TABLE, CITY, "classes", plan(HOME_TABLE, CITY, "classes", missing="drop", leave_out={BUILT})
    )
    assert result.classes == ("Bern", "Graz", "Ulm")
    np.testing.assert_array_equal(result.y, [0, 0, 1, 2])
    numbers = read_table(csv_of(["x", "y"], [(1, 10), (2, 9), (3, 10), (5, ""), (8, 9)]))
    result = encode(numbers, 2, "classes", plan(numbers, 2, "classes"))
    assert result.classes == ("9", "10")
    np.testing.assert_array_equal(result.y, [1, 0, 1, 0])


def test_numbers_read_as_categories():
    as_categories = plan(HOME_TABLE, PRICE, "values", as_categories={ROOMS}, leave_out={CITY, SIZE, GARDEN, BUILT})
    result = encode(HOME_TABLE, PRICE, "values", as_categories)
    assert result.inputs == ("rooms = 1", "rooms = 2", "rooms = 3", "rooms = 4")
    np.testing.assert_array_equal(result.x[0], [0, 1, 0, 0])
    assert np.isnan(result.x[1]).all()
    left_out = plan(HOME_TABLE, PRICE, "values", as_categories={ROOMS}, categories="leave out")
    assert left_out.left_out == {CITY: "a category", ROOMS: "a category"}


def test_missing_values_become_the_training_mean():
    train, test = fill_missing(np.array([[1.0, NAN], [NAN, NAN], [4.0, NAN]]), np.array([[NAN, 7.0], [9.0, NAN]]))
    np.testing.assert_array_equal(train, [[1, 0], [2.5, 0], [4, 0]])
    np.testing.assert_array_equal(test, [[2.5, 7], [9, 0]])


def test_columns_that_say_nothing_are_left_out():
    rows = [(k, "same", "", f"text {k}", k % 2) for k in range(120)]
    table = read_table(csv_of(["x", "constant", "empty", "name", "y"], rows))
    assert [column.kind for column in table.columns] == ["number", "category", "empty", "text", "number"]
    result = plan(table, 5, "classes")
    assert result.inputs == {1: 1}
    assert result.left_out == {2: "one value", 3: "no values", 4: "120 different texts"}


@pytest.mark.parametrize(
    ("target", "targets", "settings", "sentence"),
    [
        (2, "classes", {}, "the target constant is same in every row"),
        (3, "classes", {}, "the target empty has no values"),
        (4, "classes", {}, "the target name has 120 different values, more than 100 classes"),
        (1, "classes", {}, "or learn it as a number"),
        (4, "values", {}, "the target name holds texts"),
        (6, "classes", {}, "no column 6"),
        (5, "classes", {"leave_out": {1}}, "has no column left as an input"),
    ],
)
def test_a_target_that_cannot_be_gets_one_sentence(target, targets, settings, sentence):
    rows = [(k, "same", "", f"text {k}", k % 2) for k in range(120)]
    table = read_table(csv_of(["x", "constant", "empty", "name", "y"], rows))
    with pytest.raises(ValueError, match=sentence):
        plan(table, target, targets, **settings)


def test_limits_name_a_column_and_the_remedy():
    rows = [(*(f"{column}{k % 90}" for column in "abc"), k) for k in range(180)]
    table = read_table(csv_of(["a", "b", "c", "y"], rows))
    with pytest.raises(ValueError, match=r"take 270 columns after encoding, and at most 256 fit; leave out .* a,"):
        plan(table, 4, "values")
    assert plan(table, 4, "values", leave_out={1}).inputs == {2: 90, 3: 90}
    few = read_table(b"x,y,z\n1,1,\n2,2,\n3,3,5\n4,4,1\n")
    with pytest.raises(ValueError, match=r"has 2 usable rows; at least 4 are needed, .* fill in missing values"):
        plan(few, 2, "values", missing="drop")
    one = read_table(b"x,y,z\n" + b"1,0,\n" * 3 + b"2,1,5\n3,1,6\n4,1,7\n5,1,8\n")
    with pytest.raises(ValueError, match="the target y has one class in the rows left"):
        plan(one, 2, "classes", missing="drop")


def test_the_guessed_target_is_the_last_that_can_be_one():
    assert guess_target(HOME_TABLE) == (PRICE, "values")
    assert guess_target(HOME_TABLE, "classes") == (PRICE, "classes")
    labels = read_table(
        csv_of(["x", "label", "when", "note"], [(k, "ab"[k % 2], "2020-01-01", "") for k in range(4)])
    )
    assert guess_target(labels) == (2, "classes")
    assert guess_target(labels, "values") == (1, "values")
    digits = read_table(csv_of(["x", "digit"], [(k / 7, k % 10) for k in range(40)]))
    assert guess_target(digits) == (2, "classes")


def test_few_whole_numbers_are_guessed_to_be_classes():
    for distinct, expected in ((20, "classes"), (21, "values")):
        table = read_table(csv_of(["x", "y"], [(0.5 * k, k % distinct) for k in range(60)]))
        assert guess_target(table) == (2, expected)
    assert guess_target(read_table(csv_of(["x", "y"], [(k, k % 3 + 0.5) for k in range(9)]))) == (2, "values")
