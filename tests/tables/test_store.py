"""The memory of tables: bounds, owners and threads."""

from __future__ import annotations

import threading

import pytest

from landscapes.tables import TableStore, read_table
from tests.tables.files import HOMES, csv_of


def _table(k: int, rows: int = 100):
    return read_table(csv_of(["x", "y"], [(row + k, row % 7) for row in range(rows)]))


def test_a_table_is_gone_with_its_last_owner():
    store, table = TableStore(), _table(0)
    store.add("ada", table)
    store.add("bob", read_table(csv_of(["x", "y"], [(row, row % 7) for row in range(100)]), "copy.csv"))
    assert store.get(table.reference) is table
    assert store.get(table.reference, "ada") is not None
    assert store.get(table.reference, "eve") is None
    assert store.release("ada") == []
    assert store.get(table.reference, "ada") is None
    assert store.tables("bob")
    assert store.release("bob") == [table.digest]
    assert store.get(table.reference) is None
    assert store.release("bob") == []


def test_bytes_are_bounded_per_owner_and_in_all():
    size = _table(0).nbytes
    store = TableStore(owner_bytes=2 * size, total_bytes=3 * size)
    tables = [_table(k) for k in range(5)]
    for table in tables[:3]:
        store.add("ada", table)
    assert store.tables("ada") == tables[1:3]
    for table in tables[3:]:
        store.add("bob", table)
    assert store.tables("ada") == tables[2:3]
    assert store.tables("bob") == tables[3:]
    store.add("bob", tables[3])
    assert store.tables("bob") == [tables[4], tables[3]]


def test_results_are_remembered_with_their_table():
    store, table, calls = TableStore(), _table(0), []
    store.add("ada", table)
    for key in ("a", "a", "b", "a", "c", "b"):
        assert store.result(table.reference, key, lambda result, key=key: calls.append(key) or result.rows) == 100
    assert calls == ["a", "b", "c", "b"]
    store.release("ada")
    with pytest.raises(KeyError):
        store.result(table.reference, "a", lambda result: result.rows)


def test_threads_share_a_store():
    store, faults = TableStore(owner_bytes=5_000, total_bytes=9_000), []
    tables = [_table(k, 60) for k in range(6)]

    def work(owner: str) -> None:
        try:
            for k in range(300):
                store.add(owner, tables[k % 6])
                store.get(tables[(k + 1) % 6].reference)
                store.tables(owner)
                if k % 50 == 0:
                    store.release(owner)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert sum(table.nbytes for name in "abc" for table in store.tables(name)) <= 3 * 9_000


def test_values_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        read_table(HOMES.encode()).columns[1].values[0] = 1
