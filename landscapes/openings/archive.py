"""A tree of JSON and the arrays beside it as few bytes.

The JSON is compressed with `dictionary.txt`, which holds phrases that the JSON of all scenes has in common. Every
array is written as the residuals of a prediction (`residuals`), and those of all arrays are compressed together.
"""

from __future__ import annotations

import json
import lzma
import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from landscapes.openings import residuals
from landscapes.storage.tree_encoding import EXTENSION_TYPES

DICTIONARY = Path(__file__).with_name("dictionary.txt").read_bytes()  # a changed one makes all files unreadable
DAMAGED = (lzma.LZMAError, zlib.error, struct.error, EOFError)
LENGTH = struct.Struct("<I")  # of the compressed JSON, before it
# Bits of the byte before that predict a byte. Which number is best depends on the scene.
CONTEXTS = (0, 3)


def pack(tree: Any, arrays: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of a tree that `storage.tree_encoding.encode` made, and of its arrays. Every bit is kept."""
    tree = json.loads(json.dumps(tree, allow_nan=False))
    parts = []
    for node in _nodes(tree):
        node["method"], rest = residuals.encode(residuals.to_integers(_real(arrays[node["array"]])))
        node["bytes"], data = residuals.to_bytes(rest)
        parts.append(data)
    compressor = zlib.compressobj(9, zdict=DICTIONARY)
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    header = compressor.compress(text.encode()) + compressor.flush()
    body = b"".join(parts)
    return LENGTH.pack(len(header)) + header + min((_compressed(body, each) for each in CONTEXTS), key=len)


def unpack(data: bytes, max_bytes: int) -> tuple[Any, dict[str, np.ndarray]]:
    """The tree and its arrays.

    Raises:
        ValueError: if the arrays would take more than `max_bytes`.
        One of `DAMAGED`: if the bytes are not those of `pack`.
    """
    (length,) = LENGTH.unpack_from(data)
    decompressor = zlib.decompressobj(zdict=DICTIONARY)
    text = decompressor.decompress(data[LENGTH.size : LENGTH.size + length], max_bytes)
    tree = json.loads(text)
    nodes = list(_nodes(tree))
    shapes = [_shape(node) for node in nodes]
    if 8 * sum(map(math.prod, shapes)) > max_bytes:
        raise ValueError("the arrays are too large")
    body = memoryview(lzma.decompress(data[LENGTH.size + length :]))
    arrays = {}
    for node, shape in zip(nodes, shapes, strict=True):
        count = math.prod(shape)
        rest = residuals.from_bytes(body[: count * node["bytes"]], node["bytes"], count)
        body = body[count * node["bytes"] :]
        arrays[node["array"]] = _array(residuals.decode(node["method"], rest, shape), node["dtype"])
    return tree, arrays


def _compressed(body: bytes, context: int) -> bytes:
    preset = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": context, "lp": 0, "pb": 0}
    return lzma.compress(body, check=lzma.CHECK_CRC32, filters=[preset])


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """The arrays of a tree, in its order."""
    if isinstance(tree, dict) and "array" in tree:
        yield tree
    elif isinstance(tree, dict | list):
        for each in tree.values() if isinstance(tree, dict) else tree:
            yield from _nodes(each)


def _real(array: np.ndarray) -> np.ndarray:
    """Complex numbers as pairs of real ones."""
    return np.stack([np.real(array), np.imag(array)], axis=-1) if array.dtype.kind == "c" else array


def _shape(node: Mapping[str, Any]) -> tuple[int, ...]:
    return (*node["shape"], 2) if node["dtype"].startswith("complex") else tuple(node["shape"])


def _array(integers: np.ndarray, dtype: str) -> np.ndarray:
    if dtype.startswith("complex"):
        pairs = residuals.from_integers(integers, f"float{int(dtype.removeprefix('complex')) // 2}")
        return np.ascontiguousarray(pairs).view(dtype)[..., 0]
    return residuals.from_integers(integers, np.dtype(EXTENSION_TYPES.get(dtype, dtype)).name)
