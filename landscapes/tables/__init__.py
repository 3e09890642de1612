"""Tables of one's own: reading, types, encoding as numbers, and the memory that holds them.

A CSV, Parquet or NPZ file becomes typed columns, and a plan says how each becomes inputs or a target. A
table is known by the hash of its content. It is held in memory for the tab that brought it and never written.
"""

from landscapes.tables.address import MAX_ADDRESS_LENGTH, MAX_ADDRESS_ROWS, pack, unpack
from landscapes.tables.encoding import MAX_ENCODED_COLUMNS, Encoded, Plan, encode, fill_missing, guess_target, plan
from landscapes.tables.reading import MAX_BYTES, MAX_ROWS, read_table
from landscapes.tables.store import STORE, TableStore
from landscapes.tables.table import Column, Reference, Table

__all__ = [
    "MAX_ADDRESS_LENGTH",
    "MAX_ADDRESS_ROWS",
    "MAX_BYTES",
    "MAX_ENCODED_COLUMNS",
    "MAX_ROWS",
    "STORE",
    "Column",
    "Encoded",
    "Plan",
    "Reference",
    "Table",
    "TableStore",
    "encode",
    "fill_missing",
    "guess_target",
    "pack",
    "plan",
    "read_table",
    "unpack",
]
