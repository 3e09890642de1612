"""Files as tables: formats, separators, types, and one sentence where there is no table."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from pyarrow import parquet

from landscapes.tables import MAX_BYTES, read_table
from landscapes.tables.parquet_pages import unpacked_size
from tests.tables.files import HOMES, csv_of, homes_npz, homes_parquet, npz_of, parquet_of


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
    assert built.shown(4) == ["1990-05-01", "2001-01-01", "1975-12-31", ""]
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


def test_parquet_and_npz_hold_the_same_table():
    digests = [
        [(column.name, column.kind, column.shown(5)) for column in read_table(content).columns]
        for content in (homes_parquet(), homes_npz(), HOMES.replace("yes", "true").replace("no", "false").encode())
    ]
    assert digests[0] == digests[1] == digests[2]
    assert read_table(homes_parquet()).digest == read_table(homes_npz()).digest


def test_another_value_name_or_order_changes_the_hash():
    table = read_table(HOMES.encode())
    for old, new in (("90,4", "91,4"), ("city", "town"), ("Graz", "Gras")):
        assert read_table(HOMES.replace(old, new).encode()).digest != table.digest
    first, *rows = HOMES.splitlines()
    assert read_table("\n".join([first, *reversed(rows)]).encode()).digest != table.digest


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
    np.testing.assert_array_equal(read_table(b"a,b\n1.234,x\n2.345,y\n").columns[0].values, [1.234, 2.345])
    np.testing.assert_array_equal(read_table(b'a,b\n"1,234",x\n"2,345",y\n').columns[0].values, [1234, 2345])
    np.testing.assert_array_equal(read_table(b"a;b\n1,234;x\n2,345;y\n").columns[0].values, [1.234, 2.345])


def test_names_of_columns_are_made_different():
    table = read_table("a,a,,a (2), b\u0007\n c,d\n1,2,3,4,5,6\n".replace("\n c", " c").encode())
    assert [column.name for column in table.columns] == ["a", "a (2)", "column 3", "a (2) (2)", "b c", "d"]
    assert any("numbered: a, a (2)" in note for note in table.notes)
    assert [column.name for column in read_table(b"1,2\n3,4\n").columns] == ["column 1", "column 2"]
    assert read_table(b"1,2\n3,4\n").rows == 2


def test_quoted_newlines_and_latin_1():
    table = read_table(b'name,x\n"two\nlines",1\n"a ""b""; c",2\n')
    assert table.columns[0].labels == ('a "b"; c', "two\nlines")
    latin = read_table("stra\u00dfe,x\nM\u00fcller,1\nB\u00e4r,2\n".encode("latin-1"))
    assert latin.columns[0].name == "straße"
    assert latin.columns[0].labels == ("Bär", "Müller")
    assert any("Latin-1" in note for note in latin.notes)


def _zip(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return file.getvalue()


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
        (_zip(xl_xml=b"<xml/>"), "is a ZIP file without arrays"),
        (_zip(a_npy=b"no array", b_npy=b""), "has an array that cannot be read"),
        (homes_npz()[:-30], "is a damaged NPZ file"),
        (npz_of(a=np.array([{}, 1], object), b=np.zeros(2)), "reading it would run code"),
        (npz_of(a=np.zeros((2, 2, 2)), b=np.zeros(2)), "with 3 axes"),
        (npz_of(a=np.zeros(3), b=np.zeros(2)), "has arrays of 3 and of 2 rows"),
        (npz_of(a=np.zeros(20_001), b=np.zeros(20_001)), "has 20,001 rows"),
        (npz_of(a=np.zeros((20_000, 500))), "has more than 64 MB unpacked"),
        (npz_of(a=np.zeros(2, complex), b=np.zeros(2)), "of type complex128"),
        (npz_of(a=np.zeros((0, 2))), "has no rows"),
        (homes_parquet()[:-9], "is a damaged Parquet file"),
        (parquet_of({"a": [[1], [2]], "b": [1, 2]}), "no numbers, texts or dates: a"),
        (parquet_of({"a": np.zeros(10**7), "b": np.zeros(10**7)}), "has 10,000,000 rows"),
        (parquet_of({"a": ["x" * 80_000_000, "y"], "b": [1, 2]}), "has more than 64 MB unpacked"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_is_no_table_gets_one_sentence(content, sentence):
    with pytest.raises(ValueError, match=r"^data\.csv ") as error:
        read_table(content, "data.csv")
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_a_long_text_in_every_row_is_held_once():
    import pyarrow

    texts = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 20_000, pyarrow.int32()), ["z" * 1_000_000])
    table = read_table(parquet_of({"a": texts, "b": list(range(20_000))}, compression="zstd"))
    assert table.nbytes < 2_000_000
    assert table.columns[0].distinct == 1


def _varint(value: int) -> bytes:
    digits = []
    while value >= 128:
        digits.append(value & 127 | 128)
        value >>= 7
    return bytes([*digits, value])


def test_a_page_that_claims_more_than_its_footer_is_not_unpacked():
    content = parquet_of({"a": ["x" * 1_500_000, "y"], "b": [1, 2]}, compression="zstd")
    assert read_table(content).rows == 2
    # The dictionary's page holds both texts behind their lengths; Thrift writes the size twice as large.
    claimed = _varint(2 * (1_500_000 + 4 + 1 + 4))
    assert content.count(claimed) == 1
    with pytest.raises(ValueError, match="has more than 64 MB unpacked; leave out rows or columns"):
        read_table(content.replace(claimed, _varint(2 * 130_000_000)))


@pytest.mark.parametrize(
    "options", [{}, {"data_page_version": "2.0"}, {"row_group_size": 7, "data_page_size": 40}]
)
def test_sizes_of_pages_are_those_of_the_footer_without_headers(options):
    columns = {"a": np.arange(60) / 7, "b": ["xyz"[k % 3] for k in range(60)], "c": [None] * 60}
    content = parquet_of(columns, **options)
    facts = parquet.ParquetFile(io.BytesIO(content)).metadata
    for group in range(facts.num_row_groups):
        for k in range(facts.num_columns):
            chunk = facts.row_group(group).column(k)
            start = min(chunk.dictionary_page_offset or chunk.data_page_offset, chunk.data_page_offset)
            size, pages = unpacked_size(content, start, chunk.total_compressed_size, 1000)
            assert 10 * pages <= chunk.total_uncompressed_size - size <= 80 * pages
    with pytest.raises(ValueError, match="are damaged; save it again"):
        unpacked_size(content, 4, len(content), 1000)
