"""A table from the bytes of a file: CSV, TSV, Parquet or NPZ. The content decides the format, not the name."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from landscapes.arguments import check_arguments
from landscapes.tables.npz import read_npz
from landscapes.tables.parquet import read_parquet
from landscapes.tables.table import Column, Table, column_names, file_name
from landscapes.tables.types import columns_of_texts, is_number

MAX_BYTES = 10 * 2**20  # of a file, 10 MiB
MAX_ROWS = 20_000  # of a table
MAX_COLUMNS = 257  # 256 inputs and a target
FILE_TYPES = ("csv", "tsv", "txt", "parquet", "npz")
SEPARATORS = ",;\t|"
SAMPLE_LETTERS, SAMPLE_RECORDS = 50_000, 30  # that decide the separator
FORMATS = {b"\x1f\x8b": "gzip", b"%PDF": "PDF", b"\xd0\xcf\x11\xe0": "Excel"}


@check_arguments
def read_table(content: bytes, name: str = "table") -> Table:
    """The table in a file.

    Args:
        content: the bytes of a CSV, TSV, Parquet or NPZ file.
        name: the name of the file, for sentences alone.

    Raises:
        ValueError: one sentence that says why there is no table, and the remedy.
    """
    name = file_name(name)
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"{name} has {len(content) / 2**20:.1f} MB; at most {MAX_BYTES // 2**20} MB can be read, "
            "so leave out rows or columns, or save it as Parquet"
        )
    try:
        if content.startswith(b"PK\x03\x04") or content.startswith(b"PK\x05\x06"):
            table = Table(name, *read_npz(content, MAX_ROWS, MAX_COLUMNS))
        elif content.startswith(b"PAR1"):
            table = Table(name, *read_parquet(content, MAX_ROWS, MAX_COLUMNS))
        else:
            table = Table(name, *_read_text(content))
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
    return table


def _read_text(content: bytes) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    text, notes = _decoded(content)
    if not text.strip():
        raise ValueError("is empty; save the table with a header and upload it again")
    separator = _separator(text)
    header: list[str] = []
    records: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for record in reader:
            if not any(cell.strip() for cell in record):
                continue
            if not header:
                header = record
                if len(header) > MAX_COLUMNS:
                    raise ValueError(_too_many_columns(len(header)))
                continue
            if len(record) != len(header):
                raise ValueError(
                    f"has {len(record)} values in line {reader.line_num} and {len(header)} in its first line; "
                    "give every line as many values"
                )
            records.append(record)
            if len(records) > MAX_ROWS:
                raise ValueError(f"has more than {MAX_ROWS:,} rows; upload a sample of them")
    except csv.Error as error:
        raise ValueError(
            f"cannot be read in line {reader.line_num} ({error}); close every quotation mark and save it as CSV"
        ) from None
    if len(header) < 2:
        raise ValueError(
            "has one column; a table needs a target and at least one other column, "
            "separated by commas, semicolons or tabs"
        )
    if all(is_number(cell) for cell in header):
        records, header = [header, *records], [""] * len(header)
        notes.append("The first line holds numbers, so the columns have no names.")
    if not records:
        raise ValueError("has a header and no rows; add rows below the header")
    names, repeated = column_names(header)
    if repeated:
        notes.append(f"Columns with equal names were numbered: {', '.join(repeated[:5])}.")
    cells: Sequence[tuple[str, ...]] = list(zip(*records, strict=True))
    columns, more = columns_of_texts(names, cells, prefers_comma=separator == ";")
    return columns, (*notes, *more)


def _decoded(content: bytes) -> tuple[str, list[str]]:
    for magic, kind in FORMATS.items():
        if content.startswith(magic):
            raise ValueError(f"is a {kind} file; save the table as CSV, TSV, Parquet or NPZ")
    notes: list[str] = []
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
        notes = ["The text is not UTF-8 and was read as Latin-1."]
    if "\0" in text:
        raise ValueError("is not a text file; save the table as CSV, TSV, Parquet or NPZ")
    return text, notes


def _separator(text: str) -> str:
    """The separator under which the most of the first records have as many values as the first record; of several
    the one with the most values."""
    sample = text[:SAMPLE_LETTERS]

    def score(separator: str) -> tuple[float, int]:
        counts: list[int] = []
        try:
            for record in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
                counts += [len(record)] if any(record) else []
                if len(counts) == SAMPLE_RECORDS:
                    break
        except csv.Error:
            return 0.0, 0
        if len(sample) < len(text) and len(counts) < SAMPLE_RECORDS:
            counts = counts[:-1] or counts  # the sample cuts its last record
        if not counts or counts[0] < 2:
            return 0.0, 0
        return sum(count == counts[0] for count in counts) / len(counts), counts[0]

    return max(SEPARATORS, key=score)


def _too_many_columns(count: int) -> str:
    return (
        f"has {count:,} columns; at most {MAX_COLUMNS} can be read ({MAX_COLUMNS - 1} inputs and a target), "
        "so leave out some"
    )
