"""The hash of a table's content, and the names of its columns and files."""

import numpy as np
import pytest

from landscapes.tables import read_table
from landscapes.tables.table import Column, Reference, file_name, text_of
from tests.tables.files import HOMES


def test_another_value_name_or_order_changes_the_hash():
    table = read_table(HOMES.encode())
    for old, new in (("90,4", "91,4"), ("city", "town"), ("Graz", "Gras")):
        assert read_table(HOMES.replace(old, new).encode()).digest != table.digest
    first, *rows = HOMES.splitlines()
    assert read_table("\n".join([first, *reversed(rows)]).encode()).digest != table.digest


def test_names_of_columns_are_made_different():
    table = read_table("a,a,,a (2), b\u0007\n c,d\n1,2,3,4,5,6\n".replace("\n c", " c").encode())
    assert [column.name for column in table.columns] == ["a", "a (2)", "column 3", "a (2) (2)", "b c", "d"]
    assert any("numbered: a, a (2)" in note for note in table.notes)
    assert [column.name for column in read_table(b"1,2\n3,4\n").columns] == ["column 1", "column 2"]
    assert read_table(b"1,2\n3,4\n").rows == 2


def test_a_reference_is_read_back():
    reference = read_table(HOMES.encode(), "homes.csv").reference
    assert Reference.parse(str(reference)) == reference
    assert str(reference).endswith(".5x6.homes.csv")
    assert read_table(HOMES.encode(), "![x](y)&z?.csv").reference.name == "__x_(y)_z_.csv"
    for text in ("", "homes.csv", "12.5x6.homes.csv", "z" * 24 + ".5x6.homes.csv"):
        with pytest.raises(ValueError, match="names no table; upload a table"):
            Reference.parse(text)


def test_names_of_files_have_no_folder_and_no_markup():
    assert file_name("C:\\data\\homes [1].csv") == "homes _1_.csv"
    assert file_name("../x/" + "y" * 80 + ".csv") == "y" * 56 + ".csv"
    assert file_name("/tmp/") == "table"


def test_values_are_shown_as_they_were_read():
    nan = np.nan
    days = Column("day", "date", np.array([19_723.0, 19_723.5, nan, -1.0]), ())
    assert days.first_texts(3) == ["2024-01-01", "2024-01-01T12:00:00", ""]
    assert text_of(days, -1.0) == "1969-12-31"
    towns = Column("town", "category", np.array([1.0, 0.0, nan, 1.0]), ("Graz", "Y" * 99))
    assert [len(text) for text in towns.first_texts(4)] == [60, 4, 0, 60]
    assert towns.distinct == 2
    np.testing.assert_array_equal(towns.is_missing, [False, False, True, False])
    assert [text_of(Column("x", "number", np.zeros(1), ()), value) for value in (0.1, -3.0, 1e15)] == [
        "0.1",
        "-3",
        "1e+15",
    ]


def test_values_are_read_only_and_labels_count_in_memory():
    table = read_table(HOMES.encode())
    assert not any(column.values.flags.writeable for column in table.columns)
    assert table.nbytes == 8 * table.rows * len(table.columns) + sum(
        60 + len(label) for column in table.columns for label in column.labels
    )
    assert any(column.labels for column in table.columns)
