"""Parquet files as tables."""

from datetime import datetime, timedelta, timezone

import numpy as np
import pyarrow
import pytest

from landscapes.tables import read_table
from tests.tables.files import HOMES, homes_npz, homes_parquet, parquet_of


def test_parquet_and_npz_hold_the_same_table():
    digests = [
        [(column.name, column.kind, column.first_texts(5)) for column in read_table(content).columns]
        for content in (homes_parquet(), homes_npz(), HOMES.replace("yes", "true").replace("no", "false").encode())
    ]
    assert digests[0] == digests[1] == digests[2]
    assert read_table(homes_parquet()).digest == read_table(homes_npz()).digest


def test_times_of_a_day_are_parts_of_it_in_utc():
    noon = datetime(1970, 1, 2, 12)
    abroad = pyarrow.array([noon.replace(tzinfo=timezone(timedelta(hours=6))), None])
    table = read_table(parquet_of({"a": [noon, None], "b": abroad, "c": [noon.date(), None]}))
    assert [column.kind for column in table.columns] == ["date"] * 3
    values = [column.values for column in table.columns]
    np.testing.assert_array_equal(values, [[1.5, np.nan], [1.25, np.nan], [1, np.nan]])


def test_texts_of_a_dictionary_are_sorted_and_may_be_missing():
    texts = pyarrow.DictionaryArray.from_arrays(pyarrow.array([1, None, 0, 2]), ["b", "a", "c"])
    column = read_table(parquet_of({"t": texts, "n": [1, 2, 3, 4]})).columns[0]
    assert column.first_texts(4) == ["a", "", "b", "c"]
    assert column.labels == ("a", "b", "c")


def test_a_long_text_in_every_row_is_held_once():
    texts = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 20_000, pyarrow.int32()), ["z" * 1_000_000])
    table = read_table(parquet_of({"a": texts, "b": list(range(20_000))}, compression="zstd"))
    assert table.nbytes < 2_000_000
    assert table.columns[0].distinct == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (homes_parquet()[:-9], "is a damaged Parquet file"),
        (parquet_of({"a": [[1], [2]], "b": [1, 2]}), "no numbers, texts or dates: a"),
        (parquet_of({"a": np.zeros(10**7), "b": np.zeros(10**7)}), "has 10,000,000 rows"),
        (parquet_of({"a": ["x" * 80_000_000, "y"], "b": [1, 2]}), "has more than 64 MB unpacked"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_is_no_table_gets_one_sentence(content, sentence):
    with pytest.raises(ValueError, match=r"^data\.parquet ") as error:
        read_table(content, "data.parquet")
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
