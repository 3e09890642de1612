"""The priority of threads that compute, below those that answer viewers."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import nullcontext

from streamlit import config

NICENESS = 10
"""Nice value of a computing thread: beside one that runs a page it gets a tenth of a processor."""
SWITCH_SECONDS = 0.0005
"""Seconds after which a thread that runs Python lets another one run Python; CPython's default is 0.005. The
run of a page lets go a hundred times (for each message, hash, lock and larger array), and each time waits so long
for every thread that is ahead of it."""


def switch_often() -> None:
    """Let the threads of this process take turns every `SWITCH_SECONDS`."""
    sys.setswitchinterval(SWITCH_SECONDS)


def read_options_without_lock() -> None:
    """Let threads read Streamlit's options at the same time.

    Streamlit guards its dictionary of options by one lock, which the run of a page takes for each message that it
    sends, and a thread that has to pause while it holds the lock stops all others. Reading a dictionary needs
    none, and the options of a server do not change."""
    config._config_lock = nullcontext()  # pyright: ignore[reportAttributeAccessIssue]


def yield_to_pages() -> None:
    """Lower the priority of this thread and of those that it starts, such as XLA's. Only Linux has priorities of
    single threads; elsewhere nothing changes."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
