"""Computes, while the worker is idle, the scenes that came from files, and pictures along other directions. A
changed knob needs the programs that are compiled for them, so that it does not wait for a compiler."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from functools import partial

from landscapes.views.worker.computation import Cancelled, Report, Work
from landscapes.views.worker.jobs import SERVICE, Service

SESSION = "ahead"
IDLE_SECONDS = 2.0  # without work before it begins, so that a page that has just opened is drawn first
POLL_SECONDS = 0.1  # between two looks whether the service is idle
MAX_OFFERS = 8  # the newest are kept; two pictures side by side make eight


class IdleWork:
    """Work that is done while a service is idle, the newest first. It stops at its next report when there is other
    work or a page runs, and begins again when the service is idle. Its results are not kept; a scene keeps its
    steps by itself.

    Args:
        idle_seconds: how long the service must have been idle, and no page must have run, before.
    """

    def __init__(self, service: Service, idle_seconds: float = IDLE_SECONDS):
        self._service = service
        self._idle_seconds = idle_seconds
        self._offers: OrderedDict[str, Work] = OrderedDict()
        self._lock = threading.Lock()
        self._is_offered = threading.Event()
        self._thread: threading.Thread | None = None
        self._page_ran = time.monotonic()

    def start(self) -> None:
        """Begin to work; offers until then wait."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="compile ahead", daemon=True)
            self._thread.start()

    def offer(self, key: str, work: Work) -> None:
        """Offer work, known by `key`."""
        with self._lock:
            self._offers[key] = work
            self._offers.move_to_end(key)
            while len(self._offers) > MAX_OFFERS:
                self._offers.popitem(last=False)
        self._is_offered.set()

    def postpone(self) -> None:
        """Stop the current work, because a page runs. It would take turns with it at Python's interpreter lock."""
        self._page_ran = time.monotonic()

    def _work(self) -> None:
        while self._is_offered.wait():
            self._wait_until_idle()
            with self._lock:
                key, work = self._offers.popitem()
                if not self._offers:
                    self._is_offered.clear()
            name, yielding_work = f"{SESSION} {key}", partial(self._give_way, work)
            try:
                job = self._service.submit(SESSION, name, yielding_work, slot=SESSION, retry=True)
            except RuntimeError:  # the service was shut down
                return
            job.wait()
            if job.state.status == "cancelled":
                with self._lock:
                    self._offers.setdefault(key, work)
                self._is_offered.set()

    def _wait_until_idle(self) -> None:
        idle_since = time.monotonic()
        while time.monotonic() - max(idle_since, self._page_ran) < self._idle_seconds:
            time.sleep(POLL_SECONDS)
            if not self._service.is_idle:
                idle_since = time.monotonic()

    def _give_way(self, work: Work, report: Report) -> None:
        began = time.monotonic()

        def report_unless_needed(fraction: float, partial: object = None, note: str = "") -> None:
            if self._service.is_contended or self._page_ran > began:
                raise Cancelled
            report(fraction)

        work(report_unless_needed)


IDLE_WORK = IdleWork(SERVICE)
