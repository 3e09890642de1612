"""The sizes that the pages of a Parquet file claim to unpack to.

The footer of a file states sizes too, but a reader allocates what each page's own header says. The headers are
structs in Thrift's compact protocol, of which this module reads two fields and skips the others.
"""

from __future__ import annotations

UNCOMPRESSED_SIZE, COMPRESSED_SIZE = 2, 3  # numbers of fields of a page header
MAX_DEPTH = 8  # of nested structures in a page header
DAMAGED = "the pages of the Parquet file are damaged; save it again"


def unpacked_size(content: bytes, start: int, length: int, max_pages: int) -> tuple[int, int]:
    """Bytes that the pages of a column chunk unpack to, and how many pages there are.

    Raises:
        ValueError: if a header cannot be read, or there are more pages.
    """
    position, end, total, pages = start, start + length, 0, 0
    if not 0 <= start <= end <= len(content):
        raise ValueError(DAMAGED)
    while position < end:
        pages += 1
        if pages > max_pages:
            raise ValueError(DAMAGED)
        fields: dict[int, int] = {}
        position = _skip_struct(content, position, 0, fields)
        sizes = fields.get(UNCOMPRESSED_SIZE, -1), fields.get(COMPRESSED_SIZE, -1)
        if min(sizes) < 0:
            raise ValueError(DAMAGED)
        total += sizes[0]
        position += sizes[1]
    return total, pages


def _skip_struct(content: bytes, position: int, depth: int, fields: dict[int, int]) -> int:
    """The position behind a struct. `fields` receives its whole numbers."""
    if depth > MAX_DEPTH:
        raise ValueError(DAMAGED)
    number = 0
    while (head := _byte(content, position)) != 0:
        position += 1
        kind, delta = head & 15, head >> 4
        if delta:
            number += delta
        else:
            value, position = _varint(content, position)
            number = _signed(value)
        if kind in (4, 5, 6):
            value, position = _varint(content, position)
            fields[number] = _signed(value)
        else:
            position = _skip(content, position, kind, depth)
    return position + 1


def _skip(content: bytes, position: int, kind: int, depth: int) -> int:
    """The position behind a value of this kind."""
    if kind in (1, 2):  # true and false are kinds of their own
        return position
    if kind == 3:
        return position + 1
    if kind in (4, 5, 6):
        return _varint(content, position)[1]
    if kind == 7:
        return position + 8
    if kind == 8:
        length, position = _varint(content, position)
        return position + length
    if kind in (9, 10):
        head = _byte(content, position)
        count, position = head >> 4, position + 1
        if count == 15:
            count, position = _varint(content, position)
        if count > len(content):
            raise ValueError(DAMAGED)
        for _ in range(count):
            # In a list true and false take a byte.
            position = position + 1 if head & 15 in (1, 2) else _skip(content, position, head & 15, depth + 1)
            _byte(content, position - 1)
        return position
    if kind == 12:
        return _skip_struct(content, position, depth + 1, {})
    raise ValueError(DAMAGED)


def _byte(content: bytes, position: int) -> int:
    if not 0 <= position < len(content):
        raise ValueError(DAMAGED)
    return content[position]


def _varint(content: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = _byte(content, position)
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
    raise ValueError(DAMAGED)


def _signed(value: int) -> int:
    """A number from its zigzag code."""
    return (value >> 1) ^ -(value & 1)
