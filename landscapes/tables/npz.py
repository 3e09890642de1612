"""The columns of an NPZ file: its arrays, whose first axis runs over the rows."""

from __future__ import annotations

import io
import lzma
import math
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np

from landscapes.tables.table import Column, column_names
from landscapes.tables.types import column_of_days, column_of_numbers, columns_of_texts

MAX_UNPACKED_BYTES = 64 * 2**20  # of all arrays, 64 MiB
MAX_ARRAYS = 300  # in a file
MAX_HEADER_BYTES = 10_000  # of an array, NumPy's own limit
BROKEN = "is a damaged NPZ file; save it again with np.savez"
# What zipfile raises for a damaged archive, an unknown compression or a password.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, ValueError,
    KeyError, IndexError, OverflowError, MemoryError,
)  # fmt: skip
REMEDY = "save columns of equal length with np.savez"


def read_npz(content: bytes, max_rows: int, max_columns: int) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns and one sentence on each decision about them. An array with two axes gives one column for each
    of its columns.

    Raises:
        ValueError: as the end of a sentence that begins with the file's name. Arrays of objects are refused
            because reading them runs code.
    """
    names: list[str] = []
    arrays: list[np.ndarray] = []
    for name, array in _arrays(content, max_rows):
        if array.ndim not in (1, 2):
            raise ValueError(f"has an array {name} with {array.ndim} axes; {REMEDY}, or give it two axes")
        if arrays and len(array) != len(arrays[0]):
            raise ValueError(f"has arrays of {len(arrays[0]):,} and of {len(array):,} rows; {REMEDY}")
        parts = [array] if array.ndim == 1 else list(array.T)
        names += [name] if array.ndim == 1 else [f"{name} {k}" for k in range(1, len(parts) + 1)]
        arrays += parts
        if len(arrays) > max_columns:
            raise ValueError(f"has more than {max_columns} columns; leave out some")
    if len(arrays) < 2:
        raise ValueError(f"has fewer than two columns; {REMEDY}, a target among them")
    if not len(arrays[0]):
        raise ValueError("has no rows; save arrays with at least one row each")
    names, repeated = column_names(names)
    notes = [f"Columns with equal names were numbered: {', '.join(repeated[:5])}."] if repeated else []
    columns = []
    for name, array in zip(names, arrays, strict=True):
        column, more = _column(name, array)
        columns.append(column)
        notes += more
    return tuple(columns), tuple(notes)


def _arrays(content: bytes, max_rows: int) -> Iterator[tuple[str, np.ndarray]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
    except UNREADABLE:
        raise ValueError(BROKEN) from None
    if not members:
        raise ValueError("is a ZIP file without arrays; save the table as CSV, TSV, Parquet or NPZ")
    if len(members) > MAX_ARRAYS:
        raise ValueError(f"has {len(members):,} arrays; save at most {MAX_ARRAYS}, or one array with two axes")
    # The size is checked before anything is unpacked, and no more than this size is read.
    if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise ValueError(f"has more than {MAX_UNPACKED_BYTES >> 20} MB unpacked; leave out rows or columns")
    for member in members:
        name = member.filename.removesuffix(".npy")
        try:
            with archive.open(member) as file:
                raw = file.read(member.file_size)
        except UNREADABLE:
            raise ValueError(BROKEN) from None
        shape, fortran_order, dtype, start = _header(raw)
        if dtype.hasobject:
            raise ValueError(
                f"has an array {name} of Python objects, and reading it would run code; "
                "save numbers or texts of a fixed length"
            )
        if dtype.kind not in "biufUSM":
            raise ValueError(f"has an array {name} of type {dtype}; save numbers, texts or dates")
        if len(shape) and shape[0] > max_rows:
            raise ValueError(f"has {shape[0]:,} rows; at most {max_rows:,} can be read, so save a sample of them")
        if math.prod(shape) * dtype.itemsize != len(raw) - start:
            raise ValueError(BROKEN)
        flat = np.frombuffer(raw, dtype, offset=start) if dtype.itemsize else np.zeros(math.prod(shape), "S1")
        yield name, flat.reshape(shape, order="F" if fortran_order else "C")


def _header(raw: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Shape, order and type of an array, and where its values begin."""
    file = io.BytesIO(raw)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            version = np.lib.format.read_magic(file)
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, fortran_order, dtype = read(file, max_header_size=MAX_HEADER_BYTES)
    except (*UNREADABLE, TypeError, SyntaxError, AttributeError, tokenize.TokenError):
        raise ValueError("has an array that cannot be read; save it again with np.savez") from None
    if any(length < 0 for length in shape):
        raise ValueError("has an array of negative length; save it again with np.savez")
    return shape, fortran_order, dtype, file.tell()


def _column(name: str, array: np.ndarray) -> tuple[Column, list[str]]:
    if array.dtype.kind in "US":
        columns, notes = columns_of_texts([name], [_texts(array)])
        return columns[0], list(notes)
    if array.dtype.kind == "M":
        seconds = array.astype("datetime64[s]")
        days = np.where(np.isnat(seconds), np.nan, seconds.astype(np.int64) / 86_400)
        return column_of_days(name, days), []
    if array.dtype.kind == "b":
        return Column(name, "boolean", array.astype(np.float64), ("false", "true")), []
    with np.errstate(over="ignore", invalid="ignore"):
        return column_of_numbers(name, array.astype(np.float64))


def _texts(array: np.ndarray) -> list[str]:
    """The values of an array of texts. Letters that do not exist are replaced."""
    if array.dtype.kind == "S":
        return [value.decode("utf-8", "replace") for value in array.tolist()]
    width = array.dtype.itemsize // 4
    letters = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    size = 4 * width
    pieces = (letters[k : k + size] for k in range(0, len(letters), size)) if size else ("",) * len(array)
    return [
        piece if isinstance(piece, str) else piece.decode("utf-32-le", "replace").rstrip("\0") for piece in pieces
    ]
