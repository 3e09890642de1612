"""Arrays in an NPZ file, written and read without pickle and within a limit of memory."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")  # of a ZIP file, with and without members
MAX_HEADER_BYTES = 10_000  # of one array
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, KeyError)


def write_arrays(arrays: Mapping[str, np.ndarray], *, compressed: bool = True) -> bytes:
    """The bytes of an NPZ file.

    Args:
        compressed: False where the whole file is to be compressed.

    Raises:
        ValueError: for an array of Python objects, which only pickle could hold.
    """
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ValueError(f"{name} holds Python objects; give arrays of numbers")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                npy.write_array(member, array, allow_pickle=False)
    return file.getvalue()


def read_arrays(file: BinaryIO, title: str, max_bytes: int) -> dict[str, np.ndarray]:
    """The arrays of an NPZ file by name.

    Sizes are compared before anything is decompressed, and a header that claims more than its array has is
    refused.

    Raises:
        ValueError: if the file is no NPZ, is damaged, holds Python objects, or is larger than `max_bytes`.
    """
    start = file.read(4)
    file.seek(0)
    if start not in SIGNATURES:
        raise ValueError(f"{title} is no NPZ file; give one that landscapes.save wrote")
    try:
        with zipfile.ZipFile(file) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            if (total := sum(info.file_size for info in members)) > max_bytes:
                raise ValueError(
                    f"{title} holds {total / 2**20:,.0f} MB of arrays, more than the {max_bytes / 2**20:,.0f} MB "
                    "that are read; save fewer snapshots or a coarser grid"
                )
            return {info.filename.removesuffix(".npy"): _array(archive, info) for info in members}
    except DAMAGED:
        raise ValueError(f"{title} is damaged or incomplete; save or copy it again") from None


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    """
    Raises:
        EOFError: if the member is no array of numbers or text of the size that its header claims.
    """
    data = archive.read(info)
    member = io.BytesIO(data)
    try:
        read: Any = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[npy.read_magic(member)]
        shape, is_fortran, dtype = read(member, max_header_size=MAX_HEADER_BYTES)
        buffer = memoryview(data)[member.tell() :]
        if dtype.hasobject or len(buffer) != math.prod(shape) * dtype.itemsize:
            raise EOFError
        array = np.frombuffer(buffer, dtype) if len(buffer) else np.zeros(math.prod(shape), dtype)
        return array.reshape(shape[::-1]).T if is_fortran else array.reshape(shape)
    except (ValueError, KeyError, SyntaxError, TypeError) as error:
        raise EOFError from error
