"""Iterators that work at the same time, on threads: one compiled call seldom keeps every processor busy."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

import jax

Item = TypeVar("Item")


def interleave(iterators: Mapping[str, Iterator[Item]]) -> Generator[tuple[str, Item], None, None]:
    """Yields (name, item) for every item of every iterator, as it comes; the order within an iterator is kept.
    No item may be None.

    The first item of each iterator is computed in turn, on the caller's thread, so that a shared program is
    compiled once. After that, as many iterators as there are processors compute their next item at a time. Close
    the generator when leaving it early: running calls then end at their next item, and no other call begins.

    JAX's configuration is local to a thread. The default device of the caller is set here; the iterators have to
    set the rest themselves.
    """
    device = jax.config.values["jax_default_device"]
    remaining = dict(iterators)
    for name, iterator in iterators.items():
        try:
            yield name, next(iterator)
        except StopIteration:
            del remaining[name]

    def advance(iterator: Iterator[Item]) -> Item | None:
        with jax.default_device(device):
            return next(iterator, None)

    pool = ThreadPoolExecutor(max(1, min(len(remaining), os.cpu_count() or 1)), thread_name_prefix="interleave")
    try:
        running: dict[Future[Item | None], str] = {
            pool.submit(advance, iterator): name for name, iterator in remaining.items()
        }
        while running:
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                name, item = running.pop(done), done.result()
                if item is not None:
                    running[pool.submit(advance, remaining[name])] = name
                    yield name, item
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
