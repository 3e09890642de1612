"""Iterators that work abreast: all of them are heard to the end, each in order, and none goes on when left."""

from contextlib import closing
from threading import Barrier, get_ident
from time import monotonic, sleep

import jax
import pytest

from landscapes.optimization import concurrency as module
from landscapes.optimization.concurrency import abreast


def counting(end, seen=None):
    for i in range(end):
        if seen is not None:
            seen.append(get_ident())
        yield i


def test_all_are_heard_to_their_end_and_in_order():
    heard = list(abreast({"three": counting(3), "none": counting(0), "seven": counting(7)}))
    assert [i for name, i in heard if name == "three"] == [*range(3)]
    assert [i for name, i in heard if name == "seven"] == [*range(7)]
    assert len(heard) == 10


def test_the_first_of_each_comes_in_turn_and_from_the_callers_thread():
    threads = {name: [] for name in "ab"}
    heard = list(abreast({name: counting(3, seen) for name, seen in threads.items()}))
    assert heard[:2] == [("a", 0), ("b", 0)]
    assert all(seen[0] == get_ident() and get_ident() not in seen[1:] for seen in threads.values())


def test_they_work_at_the_same_time(monkeypatch):
    monkeypatch.setattr(module.os, "cpu_count", lambda: 2)
    meeting = Barrier(2, timeout=20)

    def waiting():
        yield 0
        meeting.wait()  # passed only if both are here
        yield 1

    assert len(list(abreast({"a": waiting(), "b": waiting()}))) == 4


def test_whoever_leaves_ends_them_and_an_error_is_the_callers():
    count = 0

    def endless():
        nonlocal count
        while True:
            count += 1
            yield count
            sleep(0.001)

    with closing(abreast({"endless": endless()})) as heard:
        assert next(heard) == ("endless", 1)
        assert next(heard) == ("endless", 2)
    deadline, before = monotonic() + 20, -1
    while count != before and monotonic() < deadline:
        before = count
        sleep(0.05)
    assert count == before <= 4

    def failing():
        yield 0
        raise ValueError("no further")

    with pytest.raises(ValueError, match="no further"):
        list(abreast({"fails": failing(), "goes": counting(50)}))


def test_the_callers_default_device_is_theirs():
    def where():
        while True:
            yield [jax.config.values["jax_default_device"]]

    (device,) = jax.devices()
    with jax.default_device(device), closing(abreast({"where": where()})) as heard:
        assert [next(heard)[1] for _ in range(2)] == [[device], [device]]
    with closing(abreast({"where": where()})) as heard:
        assert [next(heard)[1] for _ in range(2)] == [[None], [None]]
