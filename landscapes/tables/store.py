"""The tables in memory, by their hash."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from landscapes.tables.table import Reference, Table

MAX_RESULTS = 2  # of a table, the last used ones


@dataclass(eq=False)
class _Entry:
    table: Table
    owners: set[str] = field(default_factory=set)
    results: OrderedDict[Any, Any] = field(default_factory=OrderedDict)


class TableStore:
    """Tables that viewers have brought, never written to disk. Threads may share a store.

    A table stays until the last of its owners is released, or until an owner brings more than `owner_bytes` or all
    owners more than `total_bytes`; then the owner's oldest, or the oldest of all, goes first.
    """

    def __init__(self, owner_bytes: int = 128 * 2**20, total_bytes: int = 1024 * 2**20) -> None:
        self._owner_bytes = owner_bytes
        self._total_bytes = total_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, owner: str, table: Table) -> None:
        """Keep a table for an owner."""
        with self._lock:
            entry = self._entries.pop(table.digest, None) or _Entry(table)
            entry.owners.add(owner)
            self._entries[table.digest] = entry
            for kept in list(self._entries.values())[:-1]:
                if self._size(owner) > self._owner_bytes and owner in kept.owners:
                    self._leave(kept, owner)
                if self._size() > self._total_bytes:
                    self._entries.pop(kept.table.digest, None)

    def get(self, reference: Reference, owner: str | None = None) -> Table | None:
        """The table, or None if it is not here, or if this owner has not brought it."""
        with self._lock:
            entry = self._entries.get(reference.digest)
            return entry.table if entry is not None and (owner is None or owner in entry.owners) else None

    def tables(self, owner: str) -> list[Table]:
        """The tables of an owner, the newest last."""
        with self._lock:
            return [entry.table for entry in self._entries.values() if owner in entry.owners]

    def result(self, reference: Reference, key: Any, compute: Callable[[Table], Any]) -> Any:
        """What a function makes of a table, remembered under a key as long as the table is here.

        Raises:
            KeyError: if the table is not here.
        """
        with self._lock:
            entry = self._entries[reference.digest]
            if key in entry.results:
                entry.results.move_to_end(key)
                return entry.results[key]
        result = compute(entry.table)
        with self._lock:
            entry.results[key] = result
            while len(entry.results) > MAX_RESULTS:
                entry.results.popitem(last=False)
        return result

    def release(self, owner: str) -> list[str]:
        """Forget an owner. Returns the hashes of the tables that are gone with it."""
        with self._lock:
            gone = []
            for entry in list(self._entries.values()):
                if owner in entry.owners:
                    self._leave(entry, owner)
                    if not entry.owners:
                        gone.append(entry.table.digest)
            return gone

    def _leave(self, entry: _Entry, owner: str) -> None:
        entry.owners.discard(owner)
        if not entry.owners:
            self._entries.pop(entry.table.digest, None)

    def _size(self, owner: str | None = None) -> int:
        return sum(
            entry.table.nbytes for entry in self._entries.values() if owner is None or owner in entry.owners
        )


STORE = TableStore()
