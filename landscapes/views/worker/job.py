"""A viewer's request for a computation, which a page follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from landscapes.views.worker.computation import Computation, State


class JobService(Protocol):
    """The part of the service that its jobs use."""

    def position(self, job: Job) -> int: ...

    def leave(self, job: Job) -> bool: ...


@dataclass(eq=False)
class Job:
    """One viewer's request for a computation, which other viewers may share. `refused`: the queue was full."""

    id: str
    key: str
    label: str
    session: str
    _service: JobService
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
