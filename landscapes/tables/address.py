"""Small tables as text for an address, and back."""

from __future__ import annotations

import base64
import binascii
import json
import math
import zlib
from typing import Any

import numpy as np

from landscapes.arguments import check_arguments
from landscapes.tables.reading import MAX_COLUMNS
from landscapes.tables.table import MAX_LABELS, Column, Reference, Table, column_names, file_name
from landscapes.tables.types import MAX_DAYS, MAX_NUMBER

MAX_ADDRESS_ROWS = 200  # of a table that an address holds
MAX_ADDRESS_LENGTH = 6_000  # characters; programs that pass addresses on may cut longer ones
MAX_UNPACKED_BYTES = 500_000  # of such a table, so that no short address fills the memory
KINDS = ("number", "date", "boolean", "category", "text", "empty")


@check_arguments
def pack(table: Table) -> str:
    """The content of a table as text, whose characters stand for themselves in an address.

    Raises:
        ValueError: if the table is too large for an address.
    """
    if table.rows > MAX_ADDRESS_ROWS:
        raise ValueError(
            f"{table.name} has {table.rows:,} rows, and an address holds at most {MAX_ADDRESS_ROWS}; "
            "send the file with the address"
        )
    content = [[column.name, column.kind, column.labels, _plain(column)] for column in table.columns]
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    if len(packed) > MAX_ADDRESS_LENGTH:
        raise ValueError(
            f"{table.name} takes {len(packed):,} characters, and an address holds at most "
            f"{MAX_ADDRESS_LENGTH:,}; send the file with the address"
        )
    return packed


@check_arguments
def unpack(text: str, reference: Reference) -> Table:
    """The table of such a text.

    Args:
        reference: its name, and the hash that its content must have.

    Raises:
        ValueError: if the text was changed.
    """
    fault = f"the table in the address is damaged; upload {reference.description}"
    if len(text) > MAX_ADDRESS_LENGTH:
        raise ValueError(fault)
    try:
        # `decompress` returns at most this many bytes, however much the text unpacks to.
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(
            base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True), MAX_UNPACKED_BYTES
        )
        columns = [_column(each) for each in json.loads(raw)]
        table = Table(file_name(reference.name), tuple(columns))
        if not 2 <= len(columns) <= MAX_COLUMNS or not 1 <= table.rows <= MAX_ADDRESS_ROWS:
            raise ValueError
        if any(len(column.values) != table.rows for column in columns):
            raise ValueError
        names = [column.name for column in columns]
        if column_names(names)[0] != names or table.reference != reference:
            raise ValueError
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, zlib.error, binascii.Error):
        raise ValueError(fault) from None
    return table


def _plain(column: Column) -> list[Any]:
    """The values as JSON: whole numbers without a point, null where a value is missing."""
    return [
        None if math.isnan(value) else int(value) if value == int(value) and abs(value) < 1e15 else value
        for value in column.values.tolist()
    ]


def _column(entry: Any) -> Column:
    name, kind, labels, cells = entry
    if kind not in KINDS or not isinstance(name, str) or not isinstance(cells, list):
        raise ValueError
    if not all(isinstance(label, str) for label in labels) or any(isinstance(cell, bool | str) for cell in cells):
        raise ValueError
    values = np.array([math.nan if cell is None else float(cell) for cell in cells])
    present = values[~np.isnan(values)]
    if kind in ("category", "text", "boolean"):
        expected = sorted(labels) if kind != "boolean" else list(labels)
        size = 2 if kind == "boolean" else len(labels)
        indices = set(present.tolist())
        if list(labels) != expected or len(set(labels)) != len(labels) or not indices <= set(range(size)):
            raise ValueError
        if (kind == "boolean" and len(labels) != 2) or (kind == "category" and len(labels) > MAX_LABELS):
            raise ValueError
    elif labels or not (np.abs(present) <= (MAX_DAYS if kind == "date" else MAX_NUMBER)).all():
        raise ValueError
    return Column(name, kind, values, tuple(labels))
