"""The priority of threads that compute, below those that answer viewers."""

from __future__ import annotations

import os
import sys
import threading

NICENESS = 10
"""Nice value of a computing thread: beside one that runs a page it gets a tenth of a processor."""


def yield_to_pages() -> None:
    """Lower the priority of this thread and of those that it starts, such as XLA's. Only Linux has priorities of
    single threads; elsewhere nothing changes."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
