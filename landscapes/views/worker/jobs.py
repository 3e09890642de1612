"""The worker: every computation of the app runs here, in turn, and never in a page's script thread.

A page submits work under a key (a recipe's text) and reads the `State` of the `Job` it gets back. Viewers who
ask for the same key share one computation, which stops when the last of them leaves. A running XLA call cannot be
interrupted, so work calls `report` every 100 ms or less, and `report` stops it. A computation waits inside its
report while it is the turn of another one (`turns`).
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from landscapes.views.worker import memory
from landscapes.views.worker.cache import Cache
from landscapes.views.worker.computation import Cancelled, Computation, State, Work, failure_sentence
from landscapes.views.worker.job import Job
from landscapes.views.worker.priority import yield_to_pages
from landscapes.views.worker.turns import MAX_STARTED, Turns

MAX_RESULT_BYTES = 256 * 2**20  # of all cached results, 256 MiB


def has_viewer(session: str) -> bool:
    """Whether Streamlit still serves this session."""
    from streamlit import runtime

    return runtime.exists() and runtime.get_instance().is_active_session(session)


class Service:
    """Runs work for all sessions, `workers` computations at once.

    Args:
        workers: the number of computations that run at once. One more runs beside one that is being compiled.
        capacity: the number of computations that may wait. Any further job fails with one sentence.
        limit: time limit of a computation in seconds, without those in which others have their turn.
        cache: the results by key.
        present: whether a session still has a viewer; called `grace` seconds after `release`.
        keep: seconds from then until the results of a closed session are dropped.
        give_back: called after they are, and told whether no viewer is left.
        after: called after each computation, in its thread.
        clock: the time in seconds, by which turns are given.
    """

    def __init__(
        self,
        workers: int = 1,
        capacity: int = 256,
        *,
        limit: float = 120.0,
        cache: Cache | None = None,
        present: Callable[[str], bool] = has_viewer,
        grace: float = 2.0,
        keep: float = 60.0,
        give_back: Callable[[bool], None] = lambda is_last: None,
        after: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.cache = Cache(size=MAX_RESULT_BYTES, entries=512) if cache is None else cache
        self._capacity = capacity
        self._limit = limit
        self._present = present
        self._grace = grace
        self._keep = keep
        self._give_back = give_back
        self._after = after
        self._pool = ThreadPoolExecutor(
            MAX_STARTED + workers, thread_name_prefix="landscapes", initializer=yield_to_pages
        )
        self._clock = clock
        self._turns = Turns(workers, self._launch, clock)
        self._lock = self._turns.lock
        self._numbers = itertools.count(1)
        self._slots: dict[tuple[str, str], Job] = {}
        self._active: dict[str, Computation] = {}

    def submit(
        self,
        session: str,
        key: str,
        work: Work,
        *,
        label: str = "Computing",
        slot: str = "picture",
        retry: bool = False,
    ) -> Job:
        """Ask for the result of `work(report)`, known by `key`.

        Idempotent, so that a page may call it on every rerun: while the slot's job has this key, that job
        comes back, also after it was cancelled or failed (unless `retry`, or unless the queue was full). A
        result that is kept comes back at once, and a computation under way is joined.

        Args:
            session: the owner of the job. Sessions have equal shares of the worker's time.
            slot: a session has one job in each slot; another key cancels its last job.
        """
        with self._lock:
            previous = self._slots.get((session, slot))
            is_new = previous is None or previous.key != key or previous.refused
            if (
                previous is not None
                and not is_new
                and not (retry and previous.state.status in ("cancelled", "failed"))
            ):
                return previous
            if previous is not None:
                self.leave(previous)
            job = self._slots[session, slot] = self._new_job(session, key, work, label)
            self._turns.proceed()
            return job

    def cancel_slot(self, session: str, slot: str) -> None:
        """Cancel the job of this slot, if there is one."""
        with self._lock:
            if (job := self._slots.pop((session, slot), None)) is not None:
                self.leave(job)

    def release(
        self,
        session: str,
        forget: Callable[[], Iterable[str]] = tuple,
        drop: Callable[[], None] = lambda: None,
    ) -> None:
        """Cancel the jobs of a closed tab, unless the session is back within `grace` seconds. After `keep` further
        seconds drop the results that no other session has used.

        Args:
            forget: called when jobs are cancelled; results are dropped whose keys contain one of its texts.
            drop: called when results are dropped.
        """
        _later(self._grace, self._release, session, forget, drop)

    def shutdown(self) -> None:
        """Stop all computations. Nothing can be submitted afterwards."""
        with self._lock:
            for job in self._slots.values():
                self.leave(job)
            self._slots.clear()
        self._pool.shutdown(wait=False)

    def jobs(self, names: Collection[str]) -> list[Job]:
        """The jobs with these identifiers that are still in a slot, in the order of `names`."""
        with self._lock:
            found = {job.id: job for job in self._slots.values() if job.id in names}
        return [found[name] for name in names if name in found]

    @property
    def running(self) -> int:
        """The number of computations that have their turn."""
        return self._turns.running

    @property
    def waiting(self) -> int:
        """The number of computations that wait for their turn, started or not."""
        return self._turns.waiting

    @property
    def is_contended(self) -> bool:
        """Whether more than one computation wants to run."""
        return self.running + self.waiting > 1

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return not self.running and not self.waiting

    def position(self, job: Job) -> int:
        """See `Job.position`. Waiting pages ask for it several times a second, so that what waits begins beside a
        computation that is overdue."""
        self._turns.proceed()
        return self._turns.position(job._computation) if job.active else 0

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
            computation.sessions = {job.session}  # who pays for the time until it stops
            computation.stop.set()
            del self._active[computation.key]
            self._turns.withdraw(computation)
            if computation.started:
                return True
            computation.end(job._left)
            return False

    def _release(
        self, session: str, forget: Callable[[], Iterable[str]], drop: Callable[[], None] = lambda: None
    ) -> None:
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
        _later(self._keep, self._drop, session, drop)

    def _drop(self, session: str, drop: Callable[[], None]) -> None:
        if not self._present(session):
            self.cache.forget(session)
            drop()
            with self._lock:
                sessions = {session for session, _ in self._slots}
            self._give_back(not any(map(self._present, sessions)))

    def _new_job(self, session: str, key: str, work: Work, label: str) -> Job:
        number = next(self._numbers)
        # A page follows a job by its identifier, so nobody can guess that of another viewer's.
        join = partial(Job, secrets.token_hex(8), key, label, session, self)
        if (result := self.cache.of(session).get(key)) is not None:
            return join(Computation.without_work(key, State("done", 1, 1.0, result=result)))
        computation = self._active.get(key)
        if computation is None:
            if self.waiting >= self._capacity:
                error = f"{self._capacity} computations are waiting already; try again in a minute."
                return join(Computation.without_work(key, State("failed", error=error)), refused=True)
            computation = Computation(key, work, number, self._turns.give_way, self._clock)
            self._active[key] = computation
            self._turns.add(computation)
        job = join(computation)
        computation.viewers.add(job)
        computation.sessions = {viewer.session for viewer in computation.viewers}
        return job

    def _launch(self, computation: Computation) -> None:
        computation.state = replace(computation.state, status="running")
        future = self._pool.submit(computation.run, self._limit)
        future.add_done_callback(partial(self._finish, computation))

    def _finish(self, computation: Computation, future: Future) -> None:
        old_state = computation.state
        error = future.exception()
        if error is None:
            result = future.result()
            state = State("done", old_state.version + 1, 1.0, result=result)
            if result is not None:
                self.cache[computation.key] = result
                for session in computation.sessions:
                    self.cache.note(computation.key, session)
        elif isinstance(error, Cancelled) and not computation.expired:
            state = replace(old_state, status="cancelled")
        else:
            state = replace(old_state, status="failed", error=failure_sentence(error, self._limit))
        with self._lock:
            if self._active.get(computation.key) is computation:
                del self._active[computation.key]
            computation.end(state)
            self._turns.finish(computation)
        self._after()


def _later(seconds: float, function: Callable[..., None], *args: Any) -> None:
    timer = threading.Timer(seconds, function, args)
    timer.daemon = True
    timer.start()


SERVICE = Service(give_back=memory.give_back, after=memory.drop_programs)
