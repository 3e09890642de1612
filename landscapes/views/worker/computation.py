"""One computation as the worker runs it and as pages see it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol


class Cancelled(Exception):
    """Raised by `report` in the worker when nobody waits for the work any more, or its time is up."""


class Report(Protocol):
    """`report(fraction, partial, note)`: publish progress; `partial` None keeps the last partial result, and the
    same object again is no new one.

    Raises:
        Cancelled: when the work is to stop.
    """

    def __call__(self, fraction: float, partial: Any = None, note: str = "") -> None: ...


Work = Callable[[Report], Any]


@dataclass(frozen=True, eq=False)
class State:
    """What a page shows of a computation: an immutable value, swapped whole. Read it once and draw that.

    Attributes:
        status: "cancelled" is the viewer's own doing, "failed" comes with an `error`.
        version: grows with every partial result and with the result.
        fraction: of the work done, 0 to 1.
        note: what is being done, in words.
        partial: the last partial result, None before the first. It stays when the work stops early.
        result: what the work returned.
        error: one sentence for the user.
    """

    status: Literal["queued", "running", "done", "cancelled", "failed"] = "queued"
    version: int = 0
    fraction: float = 0.0
    note: str = ""
    partial: Any = None
    result: Any = None
    error: str = ""

    @property
    def active(self) -> bool:
        return self.status in ("queued", "running")


@dataclass(eq=False)
class Computation:
    """Work with those who wait for it. Only the thread that runs it, or the service while none does, swaps
    `state`.

    Attributes:
        order: computations start in this order, (turn, arrival).
        viewers: the jobs that share it.
        stop: asks the work to end at its next report.
        ended: set when the state is final.
    """

    key: str
    work: Work | None
    order: tuple[int, int] = (0, 0)
    state: State = field(default_factory=State)
    viewers: set[Any] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    deadline: float = float("inf")
    expired: bool = False

    @classmethod
    def already(cls, key: str, state: State) -> Computation:
        """One that needs no work: its result was kept, or it was refused."""
        computation = cls(key, None)
        computation.end(state)
        return computation

    def run(self, limit: float) -> Any:
        """The work's result, with `limit` seconds from now to get it.

        Raises:
            Cancelled: when stopped or out of time; and whatever the work raises.
        """
        self.deadline = time.monotonic() + limit
        if self.stop.is_set():
            raise Cancelled
        assert self.work is not None
        return self.work(self.report)

    def report(self, fraction: float, partial: Any = None, note: str = "") -> None:
        """See `Report`."""
        if time.monotonic() > self.deadline:
            self.expired = True
        if self.expired or self.stop.is_set():
            raise Cancelled
        was = self.state
        fresh = partial is not None and partial is not was.partial
        news = {"partial": partial, "version": was.version + 1} if fresh else {}
        # Where steps overlap their fractions do, and a bar that runs backwards reads as a mistake.
        self.state = replace(was, fraction=min(max(float(fraction), was.fraction), 1.0), note=note, **news)

    def end(self, state: State) -> None:
        self.state = state
        self.work = None  # what it closes over is no longer needed
        self.viewers.clear()
        self.ended.set()
