"""A bounded cache of results, shared by all viewers and keyed by text."""

from __future__ import annotations

import dataclasses
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any


class Cache(MutableMapping[str, Any]):
    """The most recently used results, at most `entries` of them and at most `size` bytes in all.

    It is a mapping, so that it also serves as the memory of a scene's steps. A result larger than `size` is not
    kept. Keys are text (a recipe's), never arrays: hashing large arrays by a sample of their entries
    returns another array's result.
    """

    def __init__(self, size: int, entries: int):
        self._size = size
        self._entries = entries
        self._results: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes held."""
        return self._used

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(list(self._results))

    def __getitem__(self, key: str) -> Any:
        with self._lock:
            self._results.move_to_end(key)
            return self._results[key][0]

    def __setitem__(self, key: str, result: Any) -> None:
        size = size_of(result)
        with self._lock:
            self._used -= self._results.pop(key, (None, 0))[1]
            if size > self._size:
                return
            self._results[key] = (result, size)
            self._used += size
            while self._used > self._size or len(self._results) > self._entries:
                self._used -= self._results.popitem(last=False)[1][1]

    def __delitem__(self, key: str) -> None:
        with self._lock:
            self._used -= self._results.pop(key)[1]


def size_of(value: Any) -> int:
    """Bytes of a result: its arrays and texts, through mappings, sequences and objects; shared parts count
    once."""
    visited: set[int] = set()
    total = 0
    pending = [value]
    while pending:
        item = pending.pop()
        if id(item) in visited:
            continue
        visited.add(id(item))
        if hasattr(item, "nbytes"):
            # A view of an array reports its own few entries and keeps the whole base alive.
            base = getattr(item, "base", None)
            if hasattr(base, "nbytes"):
                pending.append(base)
            else:
                total += int(item.nbytes)
            continue
        total += sys.getsizeof(item)
        if isinstance(item, Mapping):
            pending.extend(item.values())
        elif isinstance(item, list | tuple | set | frozenset):
            pending.extend(item)
        elif dataclasses.is_dataclass(item) and not isinstance(item, type):
            pending.extend(getattr(item, field.name) for field in dataclasses.fields(item))
        elif not callable(item) and hasattr(item, "__dict__"):
            pending.extend(vars(item).values())
    return total
