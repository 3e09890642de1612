"""A bounded cache of results, shared by all viewers and keyed by text."""

from __future__ import annotations

import dataclasses
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Entry:
    """A result, its bytes, and the sessions that have used it."""

    result: Any
    size: int
    users: set[str]


class Cache(MutableMapping[str, Any]):
    """The most recently used results, at most `entries` of them and at most `size` bytes in all.

    It is a mapping, so that it also serves as the memory of a scene's steps. A result larger than `size` is not
    kept. Keys are text (a recipe's), never arrays: hashing large arrays by a sample of their entries
    returns another array's result.
    """

    def __init__(self, size: int, entries: int):
        self._size = size
        self._entries = entries
        self._results: OrderedDict[str, Entry] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes held."""
        return self._used

    def of(self, session: str) -> SessionCache:
        """The same results, where each use is noted as one by this session."""
        return SessionCache(self, session)

    def forget(self, session: str) -> int:
        """Drop the results that no session but this one has used, and return their bytes. Results that were used
        without a session stay."""
        with self._lock:
            old_size = self._used
            for key, entry in list(self._results.items()):
                if session in entry.users:
                    entry.users.remove(session)
                    if not entry.users:
                        self._pop(key)
            return old_size - self._used

    def note(self, key: str, session: str) -> None:
        """Note that a session uses a result, if it is kept."""
        with self._lock:
            if (entry := self._results.get(key)) is not None:
                entry.users.add(session)

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(list(self._results))

    def __getitem__(self, key: str) -> Any:
        with self._lock:
            self._results.move_to_end(key)
            return self._results[key].result

    def __setitem__(self, key: str, result: Any) -> None:
        size = size_of(result)
        with self._lock:
            users = self._pop(key).users if key in self._results else set()
            if size > self._size:
                return
            self._results[key] = Entry(result, size, users)
            self._used += size
            while self._used > self._size or len(self._results) > self._entries:
                self._pop(next(iter(self._results)))

    def __delitem__(self, key: str) -> None:
        with self._lock:
            self._pop(key)

    def _pop(self, key: str) -> Entry:
        entry = self._results.pop(key)
        self._used -= entry.size
        return entry


@dataclass(frozen=True, eq=False)
class SessionCache(MutableMapping[str, Any]):
    """The view of one session on a cache."""

    cache: Cache
    session: str

    def __len__(self) -> int:
        return len(self.cache)

    def __iter__(self) -> Iterator[str]:
        return iter(self.cache)

    def __getitem__(self, key: str) -> Any:
        result = self.cache[key]
        self.cache.note(key, self.session)
        return result

    def __setitem__(self, key: str, result: Any) -> None:
        self.cache[key] = result
        self.cache.note(key, self.session)

    def __delitem__(self, key: str) -> None:
        del self.cache[key]


def size_of(value: Any) -> int:
    """Bytes of a result: its arrays and texts, through mappings, sequences and objects; shared parts count
    once."""
    seen_ids: set[int] = set()
    total = 0
    pending = [value]
    while pending:
        item = pending.pop()
        if id(item) in seen_ids:
            continue
        seen_ids.add(id(item))
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
