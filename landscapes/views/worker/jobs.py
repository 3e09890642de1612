"""The worker: every computation of the app runs here, in turn, and never in a page's script thread.

A page submits work under a key (a recipe's text) and polls the `State` of the `Job` it gets back. Viewers who
ask for the same key share one computation, which stops when the last of them leaves. A running XLA call cannot be
interrupted, so work calls `report` every 100 ms or less, and `report` stops it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from landscapes.views.worker.cache import Cache
from landscapes.views.worker.computation import Cancelled, Computation, State, Work, failure_sentence


@dataclass(eq=False)
class Job:
    """One viewer's request for a computation, which other viewers may share. `refused`: the queue was full."""

    id: str
    key: str
    label: str
    session: str
    _service: Service
    _computation: Computation
    refused: bool = False
    _left: State | None = None

    @property
    def state(self) -> State:
        """The current state; after `cancel`, the state at that time."""
        return self._left or self._computation.state

    @property
    def version(self) -> int:
        return self.state.version

    @property
    def fraction(self) -> float:
        return self.state.fraction

    @property
    def note(self) -> str:
        return self.state.note

    @property
    def partial(self) -> Any:
        return self.state.partial

    @property
    def result(self) -> Any:
        return self.state.result

    @property
    def error(self) -> str:
        return self.state.error

    @property
    def active(self) -> bool:
        return self.state.active

    @property
    def position(self) -> int:
        """The position in the queue, from 1; 0 once the computation has started."""
        return self._service.position(self)

    def cancel(self, wait: float = 0.2) -> None:
        """Cancel this job. The computation stops if no other viewer waits for it. Wait up to `wait` seconds for
        the stop, so that the worker is free when the page is drawn next."""
        if self._service.leave(self):
            self._computation.ended.wait(wait)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the computation ended within `timeout` seconds. Not for a page's script thread."""
        return self._computation.ended.wait(timeout)


def has_viewer(session: str) -> bool:
    """Whether Streamlit still serves this session."""
    from streamlit import runtime

    return runtime.exists() and runtime.get_instance().is_active_session(session)


class Service:
    """Runs work for all sessions on `workers` threads.

    Args:
        workers: the number of computations that run at once.
        capacity: the number of computations that may wait. Any further job fails with one sentence.
        limit: time limit of a computation in seconds from its start.
        cache: the results by key.
        present: whether a session still has a viewer; called `grace` seconds after `release`.
    """

    def __init__(
        self,
        workers: int = 1,
        capacity: int = 64,
        *,
        limit: float = 120.0,
        cache: Cache | None = None,
        present: Callable[[str], bool] = has_viewer,
        grace: float = 2.0,
    ):
        self.cache = Cache(size=512 * 2**20, entries=512) if cache is None else cache
        self._workers = workers
        self._capacity = capacity
        self._limit = limit
        self._present = present
        self._grace = grace
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="landscapes")
        # Re-entrant, because a future that is already done calls `_finish` in the thread that adds the callback.
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._slots: dict[tuple[str, str], Job] = {}
        self._active: dict[str, Computation] = {}
        self._queue: list[Computation] = []
        self._running: set[Computation] = set()
        self._turn = 0
        self._served: dict[str, int] = {}

    def submit(
        self,
        session: str,
        key: str,
        work: Work,
        *,
        label: str = "Computing",
        slot: str = "picture",
        again: bool = False,
    ) -> Job:
        """Ask for the result of `work(report)`, known by `key`.

        Idempotent, so that a page may call it on every rerun: while the slot's job has this key, that job
        comes back, also after it was cancelled or failed (unless `again`, or unless the queue was full). A
        result that is kept comes back at once, and a computation under way is joined.

        Args:
            session: the owner of the job. Sessions take turns.
            slot: a session has one job in each slot; another key cancels its last job.
        """
        with self._lock:
            previous = self._slots.get((session, slot))
            is_new = previous is None or previous.key != key or previous.refused
            if (
                previous is not None
                and not is_new
                and not (again and previous.state.status in ("cancelled", "failed"))
            ):
                return previous
            if previous is not None:
                self.leave(previous)
            job = self._slots[session, slot] = self._new_job(session, key, work, label)
            self._start()
            return job

    def vacate(self, session: str, slot: str) -> None:
        """Cancel the job of this slot, if there is one."""
        with self._lock:
            if (job := self._slots.pop((session, slot), None)) is not None:
                self.leave(job)

    def release(self, session: str, forget: Callable[[], Iterable[str]] = tuple) -> None:
        """Cancel the jobs of a closed tab, unless the session is back within `grace` seconds.

        Args:
            forget: called then; results are dropped whose keys contain one of the texts that it returns.
        """
        timer = threading.Timer(self._grace, self._release, (session, forget))
        timer.daemon = True
        timer.start()

    def shutdown(self) -> None:
        """Stop all computations. Nothing can be submitted afterwards."""
        with self._lock:
            for job in self._slots.values():
                self.leave(job)
            self._slots.clear()
        self._pool.shutdown(wait=False)

    @property
    def running(self) -> int:
        """The number of computations that have started and not ended."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """The number of computations in the queue."""
        return len(self._queue)

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return not self._running and not self._queue

    def position(self, job: Job) -> int:
        """See `Job.position`."""
        with self._lock:
            computation = job._computation
            is_waiting = job.active and computation in self._queue
            return sum(other.order <= computation.order for other in self._queue) if is_waiting else 0

    def leave(self, job: Job) -> bool:
        """Remove a viewer from its computation. True if no viewer is left and the running computation will
        stop."""
        with self._lock:
            computation = job._computation
            if not job.active:
                return False
            job._left = replace(computation.state, status="cancelled")
            computation.viewers.discard(job)
            if computation.viewers:
                return False
            computation.stop.set()
            del self._active[computation.key]
            if computation in self._running:
                return True
            self._queue.remove(computation)
            computation.end(job._left)
            return False

    def _release(self, session: str, forget: Callable[[], Iterable[str]]) -> None:
        if self._present(session):
            return
        computations = []
        with self._lock:
            for name in [name for name in self._slots if name[0] == session]:
                job = self._slots.pop(name)
                if self.leave(job):
                    computations.append(job._computation)
        for computation in computations:  # its last step may still put a result into the cache
            computation.ended.wait(self._limit)
        for text in forget():
            for key in [key for key in self.cache if text in key]:
                self.cache.pop(key, None)

    def _new_job(self, session: str, key: str, work: Work, label: str) -> Job:
        number = next(self._numbers)
        join = partial(Job, str(number), key, label, session, self)
        if (result := self.cache.get(key)) is not None:
            return join(Computation.without_work(key, State("done", 1, 1.0, result=result)))
        order = (self._next_turn(session), number)
        computation = self._active.get(key)
        if computation is None:
            if len(self._queue) >= self._capacity:
                error = f"{self._capacity} computations are waiting already; try again in a minute."
                return join(Computation.without_work(key, State("failed", error=error)), refused=True)
            computation = self._active[key] = Computation(key, work, order)
            self._queue.append(computation)
        computation.order = min(computation.order, order)
        job = join(computation)
        computation.viewers.add(job)
        return job

    def _next_turn(self, session: str) -> int:
        """The turn of a session's next computation: one after its last, and not before the turn that is served
        now. So a session with many computations does not delay the others (fair queuing)."""
        turns = [c.order[0] for c in self._queue if any(job.session == session for job in c.viewers)]
        return max(self._turn, self._served.get(session, -1) + 1, *(turn + 1 for turn in turns))

    def _start(self) -> None:
        while self._queue and len(self._running) < self._workers:
            computation = min(self._queue, key=lambda queued: queued.order)
            self._queue.remove(computation)
            self._running.add(computation)
            self._turn = max(self._turn, computation.order[0])
            self._served |= {job.session: computation.order[0] for job in computation.viewers}
            self._served = {name: turn for name, turn in self._served.items() if turn >= self._turn}
            computation.state = replace(computation.state, status="running")
            future = self._pool.submit(computation.run, self._limit)
            future.add_done_callback(partial(self._finish, computation))

    def _finish(self, computation: Computation, future: Future) -> None:
        before = computation.state
        error = future.exception()
        if error is None:
            result = future.result()
            state = State("done", before.version + 1, 1.0, result=result)
            if result is not None:
                self.cache[computation.key] = result
        elif isinstance(error, Cancelled) and not computation.expired:
            state = replace(before, status="cancelled")
        else:
            state = replace(before, status="failed", error=failure_sentence(error, self._limit))
        with self._lock:
            self._running.discard(computation)
            if self._active.get(computation.key) is computation:
                del self._active[computation.key]
            computation.end(state)
            self._start()


SERVICE = Service()
