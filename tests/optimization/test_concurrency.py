"""Interleaved iterators: every item arrives, in order, and closing the generator stops all of them."""

from contextlib import closing
from threading import Barrier, get_ident
from time import monotonic, sleep

import jax
import pytest

from landscapes.optimization import concurrency as module
from landscapes.optimization.concurrency import interleave


def counting(end, threads=None):
    for i in range(end):
        if threads is not None:
            threads.append(get_ident())
        yield i


def test_every_item_arrives_and_in_order():
    items = list(interleave({"three": counting(3), "none": counting(0), "seven": counting(7)}))
    assert [i for name, i in items if name == "three"] == [*range(3)]
    assert [i for name, i in items if name == "seven"] == [*range(7)]
    assert len(items) == 10


def test_first_items_come_in_turn_on_the_callers_thread():
    threads = {name: [] for name in "ab"}
    items = list(interleave({name: counting(3, own) for name, own in threads.items()}))
    assert items[:2] == [("a", 0), ("b", 0)]
    assert all(own[0] == get_ident() and get_ident() not in own[1:] for own in threads.values())


def test_iterators_work_at_the_same_time(monkeypatch):
    monkeypatch.setattr(module.os, "cpu_count", lambda: 2)
    meeting = Barrier(2, timeout=20)

    def waiting():
        yield 0
        meeting.wait()  # passed only if both are here
        yield 1

    assert len(list(interleave({"a": waiting(), "b": waiting()}))) == 4


def test_closing_stops_iterators_and_errors_reach_the_caller():
    count = 0

    def endless():
        nonlocal count
        while True:
            count += 1
            yield count
            sleep(0.001)

    with closing(interleave({"endless": endless()})) as items:
        assert next(items) == ("endless", 1)
        assert next(items) == ("endless", 2)
    deadline, before = monotonic() + 20, -1
    while count != before and monotonic() < deadline:
        before = count
        sleep(0.05)
    assert count == before <= 4

    def failing():
        yield 0
        raise ValueError("no further")

    with pytest.raises(ValueError, match="no further"):
        list(interleave({"fails": failing(), "goes": counting(50)}))


def test_iterators_use_the_callers_default_device():
    def devices():
        while True:
            yield [jax.config.values["jax_default_device"]]

    (device,) = jax.devices()
    with jax.default_device(device), closing(interleave({"device": devices()})) as items:
        assert [next(items)[1] for _ in range(2)] == [[device], [device]]
    with closing(interleave({"device": devices()})) as items:
        assert [next(items)[1] for _ in range(2)] == [[None], [None]]
