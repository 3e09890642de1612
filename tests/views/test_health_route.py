"""The health of the server: counts and bytes under any base path."""

import json
import threading

import numpy as np
import pytest
from starlette.requests import Request
from starlette.routing import Match

from landscapes import __version__
from landscapes.views import health_route
from landscapes.views.server import ROUTES
from landscapes.views.worker import memory
from landscapes.views.worker.cache import Cache
from landscapes.views.worker.jobs import Service


@pytest.mark.parametrize("path", ["/healthz", "/lab/healthz", "/deep/lab/healthz"])
def test_health_is_served_under_any_base_path(path):
    result = [
        route
        for route in ROUTES
        if route.matches({"type": "http", "method": "GET", "path": path})[0] == Match.FULL
    ]
    assert [route.endpoint for route in result] == [health_route._health]


def test_health_counts_what_runs_what_waits_and_what_is_kept():
    service = Service(cache=Cache(size=10**6, entries=9), present=lambda session: True)
    service.cache["one"] = np.zeros(1000)
    service.cache["other"] = np.zeros(500)
    started, free = threading.Event(), threading.Event()

    def work(report):
        started.set()
        free.wait(10)

    jobs = [service.submit(viewer, viewer, work) for viewer in ("ada", "ben", "eve")]
    started.wait(10)
    result = health_route.health(service)
    free.set()
    for job in jobs:
        job.wait(10)
    service.shutdown()
    counts = {name: result[name] for name in ("version", "running", "waiting", "results")}
    assert counts == {"version": __version__, "running": 1, "waiting": 2, "results": 2}
    assert 12_000 <= int(result["result_bytes"]) < 20_000
    after = health_route.health(service)
    assert (after["running"], after["waiting"]) == (0, 0)


def test_answer_is_json_that_nobody_keeps():
    answer = health_route._health(Request({"type": "http", "headers": []}))
    assert answer.headers["cache-control"] == "no-store"
    body = json.loads(bytes(answer.body))
    assert {"sessions", "running", "waiting", "results", "result_bytes", "programs"} <= set(body)
    if memory.resident_bytes() is not None:
        assert body["resident_bytes"] > 10_000_000
