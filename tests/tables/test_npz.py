"""NPZ files as tables."""

import io
import zipfile

import numpy as np
import pytest

from landscapes.tables import read_table
from landscapes.tables.npz import read_npz
from tests.tables.files import homes_npz, npz_of


def test_a_matrix_gives_one_column_for_each_of_its_columns():
    content = npz_of(a=np.array([[1, 2], [3, 4], [5, 6]], np.int8, order="F"), b=np.array([True, False, True]))
    columns, notes = read_npz(content, max_rows=3, max_columns=3)
    assert [(column.name, column.kind) for column in columns] == [
        ("a 1", "number"),
        ("a 2", "number"),
        ("b", "boolean"),
    ]
    for column, values in zip(columns, ([1, 3, 5], [2, 4, 6], [1, 0, 1]), strict=True):
        np.testing.assert_array_equal(column.values, values)
    assert notes == ()
    with pytest.raises(ValueError, match="has more than 2 columns; leave out some"):
        read_npz(content, max_rows=3, max_columns=2)
    with pytest.raises(ValueError, match="has 3 rows; at most 2 can be read"):
        read_npz(content, max_rows=2, max_columns=3)


def test_texts_of_both_kinds_are_categories():
    content = npz_of(a=np.array([b"Ulm", b"Graz"]), b=np.array(["\u00e4", "z"], ">U4"))
    first, second = read_npz(content, max_rows=2, max_columns=2)[0]
    assert (first.labels, list(first.values)) == (("Graz", "Ulm"), [1, 0])
    assert (second.labels, list(second.values)) == (("z", "\u00e4"), [1, 0])


def test_times_of_a_day_are_parts_of_it():
    times = np.array(["1970-01-02T12", "1969-12-31T18", "NaT"], "datetime64[h]")
    (column, _), _ = read_npz(npz_of(a=times, b=np.arange(3)), max_rows=3, max_columns=2)
    assert column.kind == "date"
    np.testing.assert_array_equal(column.values, [1.5, -0.25, np.nan])


def _zip(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
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
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_is_no_table_gets_one_sentence(content, sentence):
    with pytest.raises(ValueError, match=r"^data\.npz ") as error:
        read_table(content, "data.npz")
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
