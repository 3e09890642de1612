"""A thread that computes has a lower priority than the one that started it, which keeps its own."""

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit import config

from landscapes.views import server
from landscapes.views.worker.jobs import Service
from landscapes.views.worker.priority import NICENESS, SWITCH_SECONDS


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


def test_threads_of_a_server_take_turns_often_and_read_options_together(monkeypatch):
    """The lifespan of a server sets the interval for its process, and removes a lock."""
    before = sys.getswitchinterval()
    monkeypatch.setattr(config, "_config_lock", threading.RLock())
    monkeypatch.setattr(server.warm, "start", lambda *recipes: None)
    monkeypatch.setattr(server.SERVICE, "shutdown", lambda: None)

    async def start() -> None:
        async with server.lifespan(server.application()):
            assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
            with ThreadPoolExecutor(1) as thread, config._config_lock:
                assert thread.submit(config.get_option, "theme.base").result(5) is None

    try:
        asyncio.run(start())
    finally:
        sys.setswitchinterval(before)
