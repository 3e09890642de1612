"""A progress bar learns of its jobs' results without a run of the page."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request
from starlette.routing import Match
from streamlit import config

from landscapes.views.worker import news_route
from landscapes.views.worker.jobs import Service


class Steps:
    """Work whose next step begins when it is released."""

    def __init__(self) -> None:
        self.released = threading.Semaphore(0)

    def __call__(self, report) -> str:
        self.released.acquire(timeout=10)
        report(0.25, None, "training")
        self.released.acquire(timeout=10)
        report(0.75, "a coarse surface", "refining")
        self.released.acquire(timeout=10)
        return "the picture"


@pytest.fixture
def service(monkeypatch) -> Iterator[Service]:
    service = Service(present=lambda session: True)
    monkeypatch.setattr(news_route, "SERVICE", service)
    yield service
    service.shutdown()


def ask(path: str) -> dict:
    address = urlsplit(path)
    scope = {"type": "http", "method": "GET", "path": address.path, "headers": []}
    request = Request({**scope, "query_string": address.query.encode()})
    # In a thread of its own: a worker that ran browser tests before has an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(lambda: asyncio.run(news_route.news_route().endpoint(request))).result()
    assert answer.headers["cache-control"] == "no-store"
    return json.loads(answer.body)


def test_an_answer_waits_for_a_result_and_has_the_progress_meanwhile(service):
    steps = Steps()
    job = service.submit("ada", "ridge", steps, label="ridge")
    path = news_route.url([job])
    steps.released.release()
    until(lambda: job.fraction == 0.25)
    assert ask(path) == {"fraction": 0.25, "note": "Computing: ridge … training", "isNew": False}
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(ask, path)
        steps.released.release()
        assert answer.result() == {"fraction": 0.75, "note": "Computing: ridge … refining", "isNew": True}
    path = news_route.url([job])
    steps.released.release()
    assert job.wait(10)
    assert ask(path) == {"fraction": 1.0, "note": "", "isNew": True}
    assert not ask(news_route.url([job]))["isNew"]


def test_a_job_that_waits_tells_its_place_and_one_that_left_is_news(service):
    first, second, third = Steps(), Steps(), Steps()
    ahead = service.submit("ada", "first", first, label="ridge")
    waiting = service.submit("bob", "second", second, label="lasso")
    last = service.submit("cleo", "third", third, label="hinge")
    path = news_route.url([waiting, last])
    assert news_route.note([waiting]) == "Waiting, place 1 in the queue: lasso"
    assert ask(path) == {"fraction": 0.0, "note": "Waiting, place 1 in the queue: lasso", "isNew": False}
    waiting.cancel()
    news = ask(path)
    assert news["isNew"]
    assert news["note"].endswith("hinge")  # the first one that is active
    service.cancel_slot("cleo", "picture")
    assert ask(news_route.url([last]))["isNew"]
    ahead.cancel()
    for steps in (first, second, third):
        steps.released.release(3)


def test_jobs_are_found_by_names_that_nobody_guesses(service):
    steps = Steps()
    jobs = [service.submit(name, name, steps) for name in ("ada", "bob")]
    assert service.jobs([jobs[1].id, "x", jobs[0].id]) == [jobs[1], jobs[0]]
    assert all(len(job.id) == 16 for job in jobs)
    for job in jobs:
        job.cancel(wait=0)
    steps.released.release(6)


@pytest.mark.parametrize(("path", "prefix"), [("", ""), ("/deep/lab/", "/deep/lab")])
def test_news_are_served_under_the_base_path(path, prefix):
    config.set_option("server.baseUrlPath", path)
    try:
        address = urlsplit(news_route.url([]))
    finally:
        config.set_option("server.baseUrlPath", "")
    assert address.path == f"{prefix}/progress.json"
    scope = {"type": "http", "method": "GET", "path": address.path}
    assert news_route.news_route().matches(scope)[0] == Match.FULL


def until(condition) -> None:
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()
