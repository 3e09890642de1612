"""A thread that computes has a lower priority than the one that started it, which keeps its own."""

import os
import sys
import threading

from landscapes.views.worker.jobs import Service
from landscapes.views.worker.priority import NICENESS


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_the_worker_computes_below_the_pages():
    before = niceness()
    service = Service(present=lambda session: True)
    job = service.submit("ada", "priority", lambda report: niceness())
    assert job.wait(10)
    service.shutdown()
    assert job.result == (max(before, NICENESS) if sys.platform == "linux" else before)
    assert niceness() == before
