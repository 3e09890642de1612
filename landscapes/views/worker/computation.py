"""A computation of the worker, and its state that pages read."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

LOG = logging.getLogger("landscapes.jobs")


class Cancelled(Exception):
    """Raised by `report` in the worker when no viewer waits for the work any more, or when its time limit is
    over."""


class Report(Protocol):
    """`report(fraction, partial, note)` publishes progress. The last partial result stays if `partial` is None or
    the same object.

    Raises:
        Cancelled: when the work is to stop.
    """

    def __call__(self, fraction: float, partial: Any = None, note: str = "") -> None: ...


Work = Callable[[Report], Any]


@dataclass(frozen=True, eq=False)
class State:
    """The state of a computation. It is immutable and replaced as one value: a page reads it once and draws that.

    Attributes:
        status: "cancelled" means that the viewer cancelled; "failed" comes with an `error`.
        version: grows with every partial result and with the result.
        fraction: share of the work that is done, 0 to 1.
        note: the current step in words.
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
    """Work and the jobs that wait for it. Only the thread that runs it replaces `state`, or the service before and
    after the run.

    Attributes:
        arrival: number of the job that asked for it first.
        give_way: called at each report; returns when it is this computation's turn, or when it is to stop.
        viewers: the jobs that share it.
        sessions: those of its viewers, or that of the last one who left.
        started: whether it has begun to run.
        since, charged, reported: when its turn began, up to when its time is charged, and its last report.
        resume: set while it has its turn, or is to stop.
        stop: asks the work to end at its next report.
        ended: set when the state is final.
        clock: the time in seconds. The time in `give_way` does not count for the limit.
    """

    key: str
    work: Work | None
    arrival: int = 0
    give_way: Callable[[Computation], None] = lambda computation: None
    clock: Callable[[], float] = time.monotonic
    state: State = field(default_factory=State)
    viewers: set[Any] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    started: bool = False
    since: float = 0.0
    charged: float = 0.0
    reported: float = 0.0
    resume: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    deadline: float = float("inf")
    expired: bool = False

    @property
    def has_picture(self) -> bool:
        """Whether there is something to draw."""
        return self.state.partial is not None

    @classmethod
    def without_work(cls, key: str, state: State) -> Computation:
        """A computation without work, because its result is cached or it was refused."""
        computation = cls(key, None)
        computation.end(state)
        return computation

    def run(self, limit: float) -> Any:
        """The work's result, with `limit` seconds from now to get it.

        Raises:
            Cancelled: when stopped or out of time; and whatever the work raises.
        """
        self.deadline = self.clock() + limit
        if self.stop.is_set():
            raise Cancelled
        assert self.work is not None
        return self.work(self.report)

    def report(self, fraction: float, partial: Any = None, note: str = "") -> None:
        """See `Report`."""
        if self.clock() > self.deadline:
            self.expired = True
        if self.expired or self.stop.is_set():
            raise Cancelled
        old_state = self.state
        is_new = partial is not None and partial is not old_state.partial
        changes = {"partial": partial, "version": old_state.version + 1} if is_new else {}
        # The fractions of overlapping steps may decrease. The bar does not move backwards.
        self.state = replace(
            old_state, fraction=min(max(float(fraction), old_state.fraction), 1.0), note=note, **changes
        )
        before_others = self.clock()
        self.give_way(self)
        self.deadline += self.clock() - before_others
        if self.stop.is_set():
            raise Cancelled

    def end(self, state: State) -> None:
        self.state = state
        self.work = None  # frees what it closes over
        self.viewers.clear()
        self.ended.set()


def failure_sentence(error: BaseException, limit: float) -> str:
    """The sentence that a viewer gets about a failed computation. `limit` is its time limit in seconds."""
    if isinstance(error, Cancelled):
        return f"This took longer than {limit:g} s and was stopped; choose fewer points or steps."
    # Errors for users are one sentence. JAX's errors about shapes and jaxprs have several lines.
    if isinstance(error, ValueError) and "\n" not in str(error):
        LOG.info("refused: %s", error, exc_info=error)
        return str(error)
    incident = secrets.token_hex(4)
    LOG.error("incident %s", incident, exc_info=error)
    return f"The program failed, through no fault of yours. The server's log has it as incident {incident}."
