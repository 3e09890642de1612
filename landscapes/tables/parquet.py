"""The columns of a Parquet file."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from landscapes.tables.parquet_pages import unpacked_size
from landscapes.tables.table import Column, column_names
from landscapes.tables.types import column_of_days, column_of_numbers, columns_of_texts

MAX_UNPACKED_BYTES = 64 * 2**20  # of all pages, 64 MiB
BATCH_ROWS = 5_000  # read at once, between two checks of the size
MAX_PAGES = 100_000  # whose headers are read before anything is unpacked
BROKEN = "is a damaged Parquet file; save it again, or save the table as CSV"


def read_parquet(content: bytes, max_rows: int, max_columns: int) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns and one sentence on each decision about them.

    Raises:
        ValueError: as the end of a sentence that begins with the file's name.
    """
    try:
        import pyarrow
        import pyarrow.parquet
        from pyarrow import types
    except ImportError:
        raise ValueError("needs pyarrow; run pip install pyarrow, or save the table as CSV") from None
    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content))
        texts = [
            each.name
            for each in file.schema_arrow
            if types.is_string(each.type) or types.is_large_string(each.type)
        ]
        # One long text may stand in every row, so each different text is read once.
        file = pyarrow.parquet.ParquetFile(io.BytesIO(content), read_dictionary=texts)
        facts, schema = file.metadata, file.schema_arrow
        sizes = [facts.row_group(k).total_byte_size for k in range(facts.num_row_groups)]
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError):
        raise ValueError(BROKEN) from None
    # The sizes are checked before anything is unpacked.
    if facts.num_rows > max_rows:
        raise ValueError(
            f"has {facts.num_rows:,} rows; at most {max_rows:,} can be read, so save a sample of them"
        )
    if len(schema) > max_columns:
        raise ValueError(f"has {len(schema):,} columns; at most {max_columns} can be read, so leave out some")
    if len(schema) < 2:
        raise ValueError("has fewer than two columns; a table needs a target and at least one other column")
    if facts.num_rows < 1:
        raise ValueError("has no rows; save a table with rows")
    if min(sizes, default=0) < 0:
        raise ValueError(BROKEN)
    if max(sum(sizes), _size_of_pages(content, facts)) > MAX_UNPACKED_BYTES:
        raise ValueError(f"has more than {MAX_UNPACKED_BYTES >> 20} MB unpacked; leave out rows or columns")
    strange = [f"{field.name} ({field.type})" for field in schema if not _is_readable(field.type)]
    if strange:
        raise ValueError(
            f"has columns that are no numbers, texts or dates: {', '.join(strange[:3])}; leave them out"
        )
    try:
        batches, size, rows = [], 0, 0
        for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
            size, rows = size + batch.nbytes, rows + len(batch)
            if size > MAX_UNPACKED_BYTES or rows > max_rows:
                raise ValueError(
                    f"has more than {MAX_UNPACKED_BYTES >> 20} MB unpacked; leave out rows or columns"
                )
            batch.validate(full=True)  # a damaged file may point outside its own values
            batches.append(batch)
        if not rows:
            raise ValueError(BROKEN)
        table = pyarrow.Table.from_batches(batches).unify_dictionaries()
        arrays = [column.combine_chunks() for column in table.columns]
        names, repeated = column_names([str(name) for name in table.column_names])
    except (pyarrow.ArrowException, OSError, OverflowError, UnicodeDecodeError, MemoryError):
        raise ValueError(BROKEN) from None
    notes = [f"Columns with equal names were numbered: {', '.join(repeated[:5])}."] if repeated else []
    columns = []
    for name, array in zip(names, arrays, strict=True):
        column, more = _column(name, array)
        columns.append(column)
        notes += more
    return tuple(columns), tuple(notes)


def _size_of_pages(content: bytes, facts: Any) -> int:
    """Bytes that all pages unpack to by their own headers, up to the first chunk with more than may be."""
    total, left = 0, MAX_PAGES
    try:
        for group in range(facts.num_row_groups):
            for k in range(facts.num_columns):
                chunk = facts.row_group(group).column(k)
                first = chunk.dictionary_page_offset or chunk.data_page_offset
                size, pages = unpacked_size(
                    content, min(first, chunk.data_page_offset), chunk.total_compressed_size, left
                )
                total, left = total + size, left - pages
                if total > MAX_UNPACKED_BYTES:
                    return total
    except (ValueError, OSError):
        raise ValueError(BROKEN) from None
    return total


def _is_readable(kind: Any) -> bool:
    from pyarrow import types

    value = kind.value_type if types.is_dictionary(kind) else kind
    return any(
        check(value)
        for check in (
            types.is_boolean,
            types.is_integer,
            types.is_floating,
            types.is_decimal,
            types.is_string,
            types.is_large_string,
            types.is_date,
            types.is_timestamp,
            types.is_null,
        )
    )


def _column(name: str, array: Any) -> tuple[Column, list[str]]:
    import pyarrow
    from pyarrow import types

    try:
        if types.is_dictionary(array.type):
            words = ["" if word is None else str(word) for word in array.dictionary.to_pylist()]
            texts = ["" if index is None else words[index] for index in array.indices.to_pylist()]
            columns, notes = columns_of_texts([name], [texts])
            return columns[0], list(notes)
        if types.is_null(array.type):
            return Column(name, "empty", np.full(len(array), np.nan)), []
        if types.is_date(array.type) or types.is_timestamp(array.type):
            seconds = array.cast(pyarrow.timestamp("s"), safe=False) if not types.is_date(array.type) else array
            moments = seconds.to_numpy(zero_copy_only=False).astype("datetime64[s]")
            days = np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / 86_400)
            return column_of_days(name, days), []
        is_boolean = types.is_boolean(array.type)
        values = np.array(array.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    except (pyarrow.ArrowException, OverflowError, UnicodeDecodeError, ValueError):
        raise ValueError(f"has a column {name} that cannot be read; leave it out") from None
    if is_boolean and np.isfinite(values).any():
        return Column(name, "boolean", values, ("false", "true")), []
    return column_of_numbers(name, values)
