"""The sizes of a Parquet file's pages, read before anything is unpacked."""

import io

import numpy as np
import pytest
from pyarrow import parquet

from landscapes.tables import read_table
from landscapes.tables.parquet_pages import unpacked_size
from tests.tables.files import parquet_of


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
