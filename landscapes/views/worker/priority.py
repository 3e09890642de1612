"""The priority of threads that compute, below those that answer viewers."""

from __future__ import annotations

import os
import sys
import threading

NICENESS = 10
"""Nice value of a computing thread: beside one that runs a page it gets a tenth of a processor."""
SWITCH_SECONDS = 0.0005
"""Seconds after which a thread that runs Python lets another one run Python; CPython's default is 0.005. The
run of a page lets go a hundred times (for each message, hash, lock and larger array), and each time waits so long
for every thread that is ahead of it."""


def switch_often() -> None:
    """Let the threads of this process take turns every `SWITCH_SECONDS`."""
    sys.setswitchinterval(SWITCH_SECONDS)


def yield_to_pages() -> None:
    """Lower the priority of this thread and of those that it starts, such as XLA's. Only Linux has priorities of
    single threads; elsewhere nothing changes."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
