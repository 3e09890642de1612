"""The type of a column, from the texts of its cells."""

import numpy as np
import pytest

from landscapes.tables import read_table
from tests.tables.files import csv_of


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1,234.5", "12", "-7"], "number", [1234.5, 12, -7]),
        (["1.234,5", "12", "-7,25"], "number", [1234.5, 12, -7.25]),
        (["1 234", "12", "5"], "number", [1234, 12, 5]),
        (["1’234’567.5", "12", "5"], "number", [1234567.5, 12, 5]),
        (["1e-3", "+2E2", ".5"], "number", [1e-3, 200, 0.5]),
        (["inf", "-Infinity", "5"], "number", [np.nan, np.nan, 5]),
        (["1e31", "1e30", "5"], "number", [np.nan, 1e30, 5]),
        (["31.12.1970", "1.1.1971", "02.01.1970"], "date", [364, 365, 1]),
        (["1/2/1970", "12/31/1970", "1/1/1970"], "date", [1, 364, 0]),
        (["31/12/1970", "1/2/1970", "1/1/1970"], "date", [364, 31, 0]),
        (["1970-01-02T12:00:00", "1970-01-01T00:00:00+24:00", "1970-01-01 00:00"], "category", None),
        (["1970-01-02T12:00:00", "1970-01-01T12:00:00+12:00", "1970-01-01 00:00"], "date", [1.5, 0, 0]),
        (["1970-02-30", "1970-01-01", "1970-01-02"], "category", None),
        (["1_000", "2", "3"], "category", None),
        (["0x1F", "2", "3"], "category", None),
        (["T", "f", "t"], "boolean", [1, 0, 1]),
        (["NA", " - ", "null"], "empty", [np.nan] * 3),
        (["007", "1", "1.0"], "number", [7, 1, 1]),
    ],
)
def test_the_type_of_a_column(cells, kind, values):
    table = read_table(
        csv_of(["row", "x"], list(zip("abc", cells, strict=True)), ";" if "," in cells[0] else "\t")
    )
    column = table.columns[1]
    if cells[0] == "1,234.5":
        column = read_table(csv_of(["row", "x"], [(k, f'"{cell}"') for k, cell in enumerate(cells)])).columns[1]
    assert column.kind == kind
    if values is not None:
        np.testing.assert_array_equal(column.values, values)


def test_a_decimal_comma_decides_for_the_whole_file():
    table = read_table(b"a;b;c\n1,5;1.234;x\n2,5;2.345;y\n")
    np.testing.assert_array_equal(table.columns[1].values, [1234, 2345])
    assert any("decimal comma in a, b" in note for note in table.notes)
    table = read_table(b"a;b\n1,5;1.234\n2,5;17\n")  # only one of the numbers has a point
    np.testing.assert_array_equal(table.columns[1].values, [1234, 17])
    np.testing.assert_array_equal(read_table(b"a,b\n1.234,x\n2.345,y\n").columns[0].values, [1.234, 2.345])
    np.testing.assert_array_equal(read_table(b'a,b\n"1,234",x\n"2,345",y\n').columns[0].values, [1234, 2345])
    np.testing.assert_array_equal(read_table(b"a;b\n1,234;x\n2,345;y\n").columns[0].values, [1.234, 2.345])
