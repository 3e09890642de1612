"""Named arrays in an uncompressed .npz without pickle, complete as soon as the file has its name."""

from __future__ import annotations

import os
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

WRITING_SUFFIX = ".tmp"
"""Of a file that is not complete yet."""


def name_while_writing(path: Path) -> Path:
    """A hidden name beside the file, which no other process or thread uses."""
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}{WRITING_SUFFIX}")


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an .npz under another name and renames it, so that no reader and no crash sees a part of it. Several
    processes may write the same file; the last one stays."""
    writing = name_while_writing(path)
    try:
        with open(writing, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for name, array in arrays.items():
                    # The format does not know JAX's small floats, whose kind is "V".
                    known = array.astype(np.float32) if array.dtype.kind == "V" else array
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        np.lib.format.write_array(member, known, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(writing, path)
    except BaseException:
        writing.unlink(missing_ok=True)
        raise


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz; one that holds Python objects is a ValueError."""
    with zipfile.ZipFile(path) as archive:
        return {name.removesuffix(".npy"): _read_member(archive, name) for name in archive.namelist()}


def read_array(path: Path, name: str) -> np.ndarray | None:
    """One array of an .npz; None if it holds none of that name."""
    with zipfile.ZipFile(path) as archive:
        return _read_member(archive, f"{name}.npy") if f"{name}.npy" in archive.namelist() else None


def _read_member(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(name) as member:
        return np.lib.format.read_array(member, allow_pickle=False)
