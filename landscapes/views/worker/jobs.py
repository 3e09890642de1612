"""The worker: every computation of the app runs here, in turn, and never in a page's script thread.

A page submits work under a key (a recipe's text) and polls the `State` of the `Job` it gets back. Viewers who
ask for the same key share one computation; it stops when the last of them has gone. A running XLA call
cannot be interrupted, so work calls `report` every 100 ms or less, and there it is stopped.
"""

from __future__ import annotations

import itertools
import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from landscapes.views.worker.cache import Cache
from landscapes.views.worker.computation import Cancelled, Computation, State, Work

LOG = logging.getLogger("landscapes.jobs")


@dataclass(eq=False)
class Job:
    """One viewer's hold on a computation, which others may share. `refused`: the queue was full."""

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
        """What there is now; after `cancel`, what there was then."""
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
        """The place in the queue, from 1; 0 once it has started."""
        return self._service.position(self)

    def cancel(self, wait: float = 0.2) -> None:
        """Let go. The computation stops if nobody else waits for it; give it `wait` seconds to do so, so
        that the page drawn next already finds the worker free."""
        if self._service.leave(self):
            self._computation.ended.wait(wait)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the computation ended within `timeout` seconds. Not for a page's script thread."""
        return self._computation.ended.wait(timeout)


def has_viewer(session: str) -> bool:
    """Whether Streamlit still serves this session. The one thing that the worker asks of it."""
    from streamlit import runtime

    return runtime.exists() and runtime.get_instance().is_active_session(session)


class Service:
    """Runs work for all sessions on `workers` threads.

    Args:
        workers: how many computations run at once.
        capacity: how many may wait. Beyond it a job comes back failed, with one sentence.
        limit: seconds that a computation may run, counted from its start and not from its submission.
        cache: where results are kept by key.
        present: whether a session still has a viewer; asked `grace` seconds after `release`.
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
        # Re-entrant: a future that is done already calls `_finished` in the thread that adds the callback.
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._slots: dict[tuple[str, str], Job] = {}
        self._under_way: dict[str, Computation] = {}
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
            session: whose job it is. Sessions take turns.
            slot: a session has one job in each slot; another key cancels the one before.
        """
        with self._lock:
            held = self._slots.get((session, slot))
            anew = held is None or held.key != key or held.refused
            if held is not None and not anew and not (again and held.state.status in ("cancelled", "failed")):
                return held
            if held is not None:
                self.leave(held)
            job = self._slots[session, slot] = self._new_job(session, key, work, label)
            self._start()
            return job

    def vacate(self, session: str, slot: str) -> None:
        """Nobody looks at this slot any more: its job ends, if there is one."""
        with self._lock:
            if (job := self._slots.pop((session, slot), None)) is not None:
                self.leave(job)

    def release(self, session: str) -> None:
        """A tab was closed: cancel its jobs, unless it is back within the grace."""
        timer = threading.Timer(self._grace, self._release, (session,))
        timer.daemon = True
        timer.start()

    def shutdown(self) -> None:
        """Stop everything; nothing can be submitted afterwards."""
        with self._lock:
            for job in self._slots.values():
                self.leave(job)
            self._slots.clear()
        self._pool.shutdown(wait=False)

    @property
    def waiting(self) -> int:
        """How many computations wait for their turn."""
        return len(self._queue)

    def position(self, job: Job) -> int:
        """See `Job.position`."""
        with self._lock:
            mine = job._computation
            waits = job.active and mine in self._queue
            return sum(other.order <= mine.order for other in self._queue) if waits else 0

    def leave(self, job: Job) -> bool:
        """Take a viewer off. Whether a running computation is now left by all and about to stop."""
        with self._lock:
            computation = job._computation
            if not job.active:
                return False
            job._left = replace(computation.state, status="cancelled")
            computation.viewers.discard(job)
            if computation.viewers:
                return False
            computation.stop.set()
            del self._under_way[computation.key]
            if computation in self._running:
                return True
            self._queue.remove(computation)
            computation.end(job._left)
            return False

    def _release(self, session: str) -> None:
        if self._present(session):
            return
        with self._lock:
            for name in [name for name in self._slots if name[0] == session]:
                self.leave(self._slots.pop(name))

    def _new_job(self, session: str, key: str, work: Work, label: str) -> Job:
        number = next(self._numbers)
        join = partial(Job, str(number), key, label, session, self)
        if (result := self.cache.get(key)) is not None:
            return join(Computation.already(key, State("done", 1, 1.0, result=result)))
        order = (self._next_turn(session), number)
        computation = self._under_way.get(key)
        if computation is None:
            if len(self._queue) >= self._capacity:
                error = f"{self._capacity} computations are waiting already; try again in a minute."
                return join(Computation.already(key, State("failed", error=error)), refused=True)
            computation = self._under_way[key] = Computation(key, work, order)
            self._queue.append(computation)
        computation.order = min(computation.order, order)
        job = join(computation)
        computation.viewers.add(job)
        return job

    def _next_turn(self, session: str) -> int:
        """Fair queuing: a session's next computation comes one turn after its last, and never before what
        is served now, so that a session with many does not hold up those with few."""
        own = [c.order[0] for c in self._queue if any(job.session == session for job in c.viewers)]
        return max(self._turn, self._served.get(session, -1) + 1, *(turn + 1 for turn in own))

    def _start(self) -> None:
        while self._queue and len(self._running) < self._workers:
            computation = min(self._queue, key=lambda waiting: waiting.order)
            self._queue.remove(computation)
            self._running.add(computation)
            self._turn = max(self._turn, computation.order[0])
            self._served |= {job.session: computation.order[0] for job in computation.viewers}
            self._served = {name: turn for name, turn in self._served.items() if turn >= self._turn}
            computation.state = replace(computation.state, status="running")
            future = self._pool.submit(computation.run, self._limit)
            future.add_done_callback(partial(self._finished, computation))

    def _finished(self, computation: Computation, future: Future) -> None:
        was = computation.state
        error = future.exception()
        if error is None:
            result = future.result()
            state = State("done", was.version + 1, 1.0, result=result)
            if result is not None:
                self.cache[computation.key] = result
        elif isinstance(error, Cancelled) and not computation.expired:
            state = replace(was, status="cancelled")
        else:
            state = replace(was, status="failed", error=self._sentence(error))
        with self._lock:
            self._running.discard(computation)
            if self._under_way.get(computation.key) is computation:
                del self._under_way[computation.key]
            computation.end(state)
            self._start()

    def _sentence(self, error: BaseException) -> str:
        if isinstance(error, Cancelled):
            return f"This took longer than {self._limit:g} s and was stopped; choose fewer points or steps."
        # Errors meant for users are one sentence; those that JAX raises about shapes and jaxprs are not.
        if isinstance(error, ValueError) and "\n" not in str(error):
            LOG.info("refused: %s", error, exc_info=error)
            return str(error)
        incident = secrets.token_hex(4)
        LOG.error("incident %s", incident, exc_info=error)
        return f"The program failed, through no fault of yours. The server's log has it as incident {incident}."


SERVICE = Service()
