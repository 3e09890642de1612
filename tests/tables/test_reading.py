"""Files as tables: formats, separators, types, and one sentence where there is no table."""

from __future__ import annotations

import numpy as np
import pytest

from landscapes.tables import MAX_BYTES, read_table
from tests.tables.files import HOMES, csv_of


def test_types_and_values_of_a_csv_file():
    table = read_table(HOMES.encode(), "/tmp/../homes.csv")
    assert table.name == "homes.csv"
    kinds = [(column.name, column.kind) for column in table.columns]
    assert kinds == [
        ("city", "category"),
        ("size", "number"),
        ("rooms", "number"),
        ("garden", "boolean"),
        ("built", "date"),
        ("price", "number"),
    ]
    city, size, rooms, garden, built, price = table.columns
    assert city.labels == ("Bern", "Graz", "Ulm")
    np.testing.assert_array_equal(city.values, [0, 2, 0, 1, 2])
    np.testing.assert_array_equal(size.values, [50, 70, 65, 90, 40])
    np.testing.assert_array_equal(rooms.values, [2, np.nan, 3, 4, 1])
    np.testing.assert_array_equal(garden.values, [1, 0, 0, 1, 0])
    days = np.array(["1990-05-01", "2001-01-01", "1975-12-31", "NaT", "2010-06-15"], "datetime64[D]")
    np.testing.assert_array_equal(built.values, np.where(np.isnat(days), np.nan, days.astype(float)))
    assert built.first_texts(4) == ["1990-05-01", "2001-01-01", "1975-12-31", ""]
    np.testing.assert_array_equal(price.values, [300.5, 410, 395.25, 520, 260])


@pytest.mark.parametrize(
    "content",
    [
        HOMES.replace(",", "\t").encode(),
        HOMES.replace(",", ";").replace(".", ",").encode(),
        ("\ufeff" + HOMES).encode(),
        HOMES.encode("utf-16"),
        HOMES.replace("\n", "\r\n").encode(),
        HOMES.replace("\n", "\n\n").encode() + b"\n \n",
        HOMES.replace("yes", "YES").replace("70,,", "70, n/a ,").encode(),
    ],
    ids=["tabs", "decimal commas", "byte order mark", "UTF-16", "CRLF", "blank lines", "words for missing"],
)
def test_the_hash_is_that_of_the_content(content):
    assert read_table(content, "other name.txt").digest == read_table(HOMES.encode(), "homes.csv").digest


def test_quoted_newlines_and_latin_1():
    table = read_table(b'name,x\n"two\nlines",1\n"a ""b""; c",2\n')
    assert table.columns[0].labels == ('a "b"; c', "two\nlines")
    latin = read_table("stra\u00dfe,x\nM\u00fcller,1\nB\u00e4r,2\n".encode("latin-1"))
    assert latin.columns[0].name == "straße"
    assert latin.columns[0].labels == ("Bär", "Müller")
    assert any("Latin-1" in note for note in latin.notes)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b" \n \n", "is empty"),
        (b"a,b\n", "has a header and no rows"),
        (b"a\n1\n", "has one column"),
        (b"a,b\n1,2\n1,2,3\n", "has 3 values in line 3 and 2 in its first line"),
        (b'a,b\n"1,2\n', "close every quotation mark"),
        (b"a,b\n\0\0,1\n", "is not a text file"),
        (b"\x1f\x8b\x08data", "is a gzip file"),
        (b"%PDF-1.4", "is a PDF file"),
        (b"a" * (MAX_BYTES + 1), "has 10.0 MB; at most 10 MB"),
        (csv_of(["a", "b"], [(1, 2)] * 20_001), "has more than 20,000 rows"),
        (csv_of([f"c{k}" for k in range(258)], [range(258)]), "has 258 columns; at most 257"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_is_no_table_gets_one_sentence(content, sentence):
    with pytest.raises(ValueError, match=r"^data\.csv ") as error:
        read_table(content, "data.csv")
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("separator", "values"), [("\t", [1234, 5678]), (";", [1.234, 5.678]), (",", [1234, 5678])]
)
def test_only_semicolons_speak_for_decimal_commas(separator, values):
    """The numbers can be read either way."""
    lines = [["name", "n"], ["x", '"1,234"'], ["y", '"5,678"']]
    table = read_table("\n".join(separator.join(line) for line in lines).encode())
    np.testing.assert_array_equal(table.columns[1].values, values)


def test_the_record_that_ends_the_sample_does_not_decide_the_separator():
    """Every record has a semicolon, and the 21st is cut before its second comma."""
    record = f"1;2,{'w' * 2400},3\n"
    table = read_table(f"p;q,r,s\n{record * 25}".encode())
    assert [column.name for column in table.columns] == ["p;q", "r", "s"]
