"""Turns of computations on real threads, under a clock that only the work moves. One computation runs at a time,
so that the order is certain."""

import threading

import pytest

from landscapes.views.worker import turns
from landscapes.views.worker.cache import Cache
from landscapes.views.worker.computation import Cancelled
from landscapes.views.worker.jobs import Service
from landscapes.views.worker.shares import SLICE_SECONDS

TIMEOUT_SECONDS = 5.0  # no test waits this long unless it fails


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def service(clock):
    service = Service(present=lambda session: False, cache=Cache(10**6, 8), clock=clock, limit=1.1)
    yield service
    service.shutdown()


@pytest.fixture
def held(service):
    """Work that keeps the worker until the event is set."""
    started, let_go = threading.Event(), threading.Event()
    service.submit("eve", "held", lambda report: (started.set(), let_go.wait(TIMEOUT_SECONDS)))
    assert started.wait(TIMEOUT_SECONDS)
    yield let_go
    let_go.set()


def steps(name, clock, order, count=4, picture: str | None = "coarse", during=None):
    """Work of `count` steps that take one slice each. The picture is there after the first."""

    def work(report):
        for k in range(count):
            order.append(name)
            clock.now += SLICE_SECONDS
            if during is not None and k == 1:
                during()
            report(k / count, picture)
        return name

    return work


def test_refinements_of_two_viewers_alternate(service, clock, held):
    order = []
    jobs = [service.submit(name, name, steps(name, clock, order)) for name in ("ada", "bob")]
    assert [job.position for job in jobs] == [1, 2]
    held.set()
    assert all(job.wait(TIMEOUT_SECONDS) for job in jobs)
    assert order == ["ada", "bob"] * 4
    assert [job.result for job in jobs] == ["ada", "bob"], "2 s passed; each took 1 s of its limit of 1.1 s"


def test_a_first_picture_interrupts_a_refinement_and_is_not_interrupted(service, clock):
    order, others = [], []

    def ask():
        for name in ("bob", "eve"):
            others.append(service.submit(name, name, steps(name, clock, order, 3, picture=None)))

    first = service.submit("ada", "ada", steps("ada", clock, order, 4, during=ask))
    assert first.wait(TIMEOUT_SECONDS)
    assert all(job.wait(TIMEOUT_SECONDS) for job in others)
    assert order == ["ada"] * 2 + ["bob"] * 3 + ["eve"] * 3 + ["ada"] * 2


def test_a_computation_that_waits_for_its_turn_is_cancelled_at_once(service, clock):
    began, let_go, stopped, others = threading.Event(), threading.Event(), threading.Event(), []

    def hold(report):
        began.set()
        let_go.wait(TIMEOUT_SECONDS)

    def work(report):
        others.append(service.submit("bob", "bob", hold))
        clock.now += SLICE_SECONDS
        try:
            report(0.5, "coarse")
        except Cancelled:
            stopped.set()
            raise

    job = service.submit("ada", "ada", work)
    assert began.wait(TIMEOUT_SECONDS)
    assert (job.state.status, job.partial, job.position, service.waiting) == ("running", "coarse", 0, 1)
    job.cancel(wait=TIMEOUT_SECONDS)
    assert stopped.is_set()
    assert (service.running, service.waiting, job.state.status) == (1, 0, "cancelled")
    let_go.set()
    assert others[0].wait(TIMEOUT_SECONDS)


def test_one_computation_runs_beside_one_that_does_not_report(service, clock):
    started, compiled, order = threading.Event(), threading.Event(), []

    def compile_long(report):
        started.set()
        compiled.wait(TIMEOUT_SECONDS)
        report(0.5)
        order.append("ada")

    slow = service.submit("ada", "ada", compile_long)
    assert started.wait(TIMEOUT_SECONDS)

    def ask_and_release(report):
        order.append("bob")
        later.append(service.submit("eve", "eve", lambda report: order.append("eve")))
        assert later[0].position == 1, "a third one waits"
        compiled.set()

    later = []
    waiting = service.submit("bob", "bob", ask_and_release)
    assert (service.running, service.waiting) == (1, 1)
    clock.now += 1.05 * turns.OVERDUE_SECONDS
    assert waiting.position == 0, "to ask for the place starts what may run"
    assert all(job.wait(TIMEOUT_SECONDS) for job in (waiting, slow))
    assert later[0].wait(TIMEOUT_SECONDS)
    assert order[0] == "bob"
    assert sorted(order) == ["ada", "bob", "eve"]


def test_a_started_computation_goes_on_where_no_more_may_start(service, clock, monkeypatch, held):
    monkeypatch.setattr(turns, "MAX_STARTED", 1)
    order = []
    jobs = [service.submit(name, name, steps(name, clock, order, 2)) for name in ("ada", "bob")]
    held.set()
    assert all(job.wait(TIMEOUT_SECONDS) for job in jobs)
    assert order == ["ada", "ada", "bob", "bob"]
