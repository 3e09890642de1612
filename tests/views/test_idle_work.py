"""Work that is done while the worker is idle, and stops for other work."""

import threading
from types import SimpleNamespace

import pytest

from landscapes.views.worker import idle_work
from landscapes.views.worker.idle_work import MAX_OFFERS, SESSION, IdleWork
from landscapes.views.worker.jobs import Service

SOON = 10.0


@pytest.fixture
def service():
    service = Service(present=lambda session: False, grace=0.0)
    yield service
    service.shutdown()


@pytest.fixture
def ahead(service):
    return IdleWork(service, idle_seconds=0.0)


def test_offers_wait_for_the_start_and_run_newest_first(ahead):
    done, order = threading.Event(), []
    for name in range(MAX_OFFERS + 1):
        ahead.offer(str(name), lambda report, name=name: (order.append(name), name == 1 and done.set()))
    assert order == []
    ahead.start()
    assert done.wait(SOON)
    assert order == list(range(MAX_OFFERS, 0, -1))  # the oldest was dropped


def test_work_gives_way_and_begins_again(service, ahead):
    began, order, finished = threading.Semaphore(0), [], threading.Event()

    def work(report):
        order.append("ahead")
        began.release()
        while "other" not in order:
            report(0.5)
            threading.Event().wait(0.001)
        finished.set()

    ahead.offer("work", work)
    ahead.start()
    assert began.acquire(timeout=SOON)
    other = service.submit("ada", "other", lambda report: order.append("other"))
    assert other.wait(SOON)
    assert finished.wait(SOON)
    assert order == ["ahead", "other", "ahead"]


def test_work_stops_while_a_page_runs_and_begins_again(service, ahead):
    began, attempts, finished = threading.Semaphore(0), [], threading.Event()

    def work(report):
        attempts.append(len(attempts))
        began.release()
        while len(attempts) < 2:
            report(0.5)
            threading.Event().wait(0.001)
        finished.set()

    ahead.offer("work", work)
    ahead.start()
    assert began.acquire(timeout=SOON)
    ahead.postpone()
    assert finished.wait(SOON)
    assert attempts == [0, 1]


def test_work_waits_until_no_page_has_run_for_a_while(service, monkeypatch):
    clock, pages = [0.0], [0.7, 1.9, 3.5]  # seconds: page runs leave no pause of two seconds before 3.5

    def sleep(seconds: float) -> None:
        clock[0] += seconds
        if pages and clock[0] >= pages[0]:
            pages.pop(0)
            ahead.postpone()

    monkeypatch.setattr(idle_work, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep))
    ahead, done, began = IdleWork(service, idle_seconds=2.0), threading.Event(), []
    ahead.offer("work", lambda report: (began.append(clock[0]), done.set()))
    ahead.start()
    assert done.wait(SOON)
    assert began == [pytest.approx(5.5, abs=0.2)]


def test_work_waits_until_the_service_is_idle(service, ahead):
    running, release, done = threading.Event(), threading.Event(), threading.Event()
    job = service.submit("ada", "long", lambda report: (running.set(), release.wait(SOON)))
    assert running.wait(SOON)
    assert not service.is_idle
    ahead.offer("work", lambda report: done.set())
    release.set()
    assert job.wait(SOON)
    ahead.start()
    assert done.wait(SOON)


def test_results_are_not_kept(service, ahead):
    done = threading.Event()
    ahead.offer("work", lambda report: (report(0.5, "partial"), done.set(), "result")[-1])
    ahead.start()
    assert done.wait(SOON)
    job = service._slots[SESSION, SESSION]
    assert job.wait(SOON)
    assert (job.partial, job.result) == (None, None)
    assert len(service.cache) == 0
