"""Work that goes on abreast: a processor that one compiled call leaves idle can run another's."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

import jax

News = TypeVar("News")


def abreast(works: Mapping[str, Iterator[News]]) -> Generator[tuple[str, News], None, None]:
    """What each of the iterators yields, never None, under its name, as it comes; from each in its own order.

    The first yield of each is waited for in turn, so that what they share is compiled once. From then on as many
    of them as there are processors work at a time, each on a thread, and take turns. To be closed, like any
    generator that is left early: what is under way then ends at its next yield, and nothing after it is begun.

    JAX's switches are per thread; the iterators have to set theirs, but for the default device, which is the
    caller's here too.
    """
    device = jax.config.values["jax_default_device"]
    going = dict(works)
    for name, work in works.items():
        try:
            yield name, next(work)
        except StopIteration:
            del going[name]

    def step(work: Iterator[News]) -> News | None:
        with jax.default_device(device):
            return next(work, None)

    pool = ThreadPoolExecutor(max(1, min(len(going), os.cpu_count() or 1)), thread_name_prefix="abreast")
    try:
        under_way: dict[Future[News | None], str] = {pool.submit(step, work): name for name, work in going.items()}
        while under_way:
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                name, news = under_way.pop(done), done.result()
                if news is not None:
                    under_way[pool.submit(step, going[name])] = name
                    yield name, news
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
