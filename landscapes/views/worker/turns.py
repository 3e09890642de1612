"""Which computations run now, and which wait for their turn, by the rules of `shares`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from landscapes.views.worker.computation import Computation
from landscapes.views.worker.shares import Shares, slice_seconds

# Computations that have started and not ended. One that waits for its turn keeps its arrays, for the eigenvalues
# of a large network some tens of megabytes.
MAX_STARTED = 32
# A computation that has not reported for this long is being compiled, mostly on one processor. Then another one
# may run beside it.
OVERDUE_SECONDS = 1.0
MAX_OVERDUE = 1  # computations beside which another one runs


class Turns:
    """Gives turns to computations. One that has started waits inside its report while others have theirs.

    Args:
        workers: the number of computations that run at once. One more runs beside one that is overdue.
        launch: begins to run a computation, and returns at once.
        clock: the time in seconds.
    """

    def __init__(
        self, workers: int, launch: Callable[[Computation], None], clock: Callable[[], float] = time.monotonic
    ):
        # Re-entrant, because a launched computation may be over before `launch` returns.
        self.lock = threading.RLock()
        self._workers = workers
        self._launch = launch
        self._clock = clock
        self._shares = Shares()
        self._waiting: list[Computation] = []  # started or not
        self._running: set[Computation] = set()

    @property
    def running(self) -> int:
        """The number of computations that have their turn."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """The number of computations that wait for their turn, started or not."""
        return len(self._waiting)

    def add(self, computation: Computation) -> None:
        """Let a new computation wait for its first turn."""
        with self.lock:
            self._waiting.append(computation)

    def withdraw(self, computation: Computation) -> None:
        """Take the waiting away from a computation that is to stop. It needs no turn for that."""
        with self.lock:
            if computation in self._waiting:
                self._waiting.remove(computation)
            computation.resume.set()

    def finish(self, computation: Computation) -> None:
        """End the turn of a computation that is over."""
        with self.lock:
            self._charge(self._clock())
            self._running.discard(computation)
            self.proceed()

    def position(self, computation: Computation) -> int:
        """The place among those that wait for their first turn or their next one, from 1; 0 if it has started."""
        with self.lock:
            if computation.started or computation not in self._waiting:
                return 0
            now = self._clock()
            rank = self._rank(computation, now)
            return sum(self._rank(other, now) <= rank for other in self._waiting)

    def proceed(self) -> None:
        """Give free places to the computations whose turn it is."""
        with self.lock:
            now = self._clock()
            self._charge(now)
            while self._waiting and self._places(now) > 0:
                started = sum(each.started for each in self._waiting) + len(self._running)
                candidates = [each for each in self._waiting if each.started or started < MAX_STARTED]
                if not candidates:
                    return
                computation = min(candidates, key=lambda each: self._rank(each, now))
                self._waiting.remove(computation)
                self._running.add(computation)
                computation.since = computation.charged = computation.reported = now
                if computation.started:
                    computation.resume.set()
                else:
                    computation.started = True
                    self._launch(computation)

    def give_way(self, computation: Computation) -> None:
        """Called by a running computation at each report. It waits here while it is the turn of others."""
        with self.lock:
            now = self._clock()
            computation.reported = now
            is_surplus = self._places(now) < 0
            is_over = now - computation.since >= slice_seconds(computation.has_picture)
            if computation.stop.is_set() or not (is_surplus or (is_over and self._waiting)):
                return
            self._charge(now)
            self._running.discard(computation)
            self._waiting.append(computation)
            computation.resume.clear()
            self.proceed()
        computation.resume.wait()

    def _charge(self, now: float) -> None:
        for computation in self._running:
            self._shares.charge(computation.sessions, now - computation.charged, now)
            computation.charged = now

    def _places(self, now: float) -> int:
        overdue = sum(now - computation.reported > OVERDUE_SECONDS for computation in self._running)
        return self._workers + min(overdue, MAX_OVERDUE) - len(self._running)

    def _rank(self, computation: Computation, now: float) -> tuple[float, int]:
        return self._shares.rank(computation.sessions, computation.arrival, computation.has_picture, now)
