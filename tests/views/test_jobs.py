"""The worker service with plain threads: without Streamlit and JAX, waiting only on events."""

import gc
import logging
import threading
import time
import weakref
from dataclasses import dataclass

import numpy as np
import pytest

from landscapes.views.worker.cache import Cache
from landscapes.views.worker.jobs import Cancelled, Service, has_viewer

TIMEOUT_SECONDS = 5.0  # no test waits this long unless it fails


class Held:
    """Work that publishes one partial result, then reports until it is let go or stopped."""

    def __init__(self, result: object = "result"):
        self.result = result
        self.started = threading.Event()
        self.let_go = threading.Event()
        self.calls = 0
        self.stopped = threading.Event()

    def __call__(self, report):
        self.calls += 1
        report(0.25, "coarse", "level 1")
        report(0.25, "coarse", "level 1")  # the same object again is not a new result
        self.started.set()
        try:
            while not self.let_go.wait(0.002):
                report(0.5)
        except Cancelled:
            self.stopped.set()
            raise
        return self.result


@pytest.fixture
def service():
    made = Service(capacity=3, present=lambda session: False, grace=0.0, cache=Cache(10**6, 8))
    yield made
    made.shutdown()


def test_a_result_follows_its_partial_results(service):
    work = Held()
    job = service.submit("ada", "key", work, label="Evaluating")
    assert work.started.wait(TIMEOUT_SECONDS)
    state = job.state
    assert (state.status, state.partial, job.active, job.position) == ("running", "coarse", True, 0)
    assert job.version == 1
    assert job.fraction in (0.25, 0.5)
    assert job.label == "Evaluating"
    work.let_go.set()
    assert job.wait(TIMEOUT_SECONDS)
    assert (job.result, job.version, job.fraction, job.active) == ("result", 2, 1.0, False)
    assert state.partial == "coarse", "a state that a page has read does not change under it"


def test_cancel_stops_the_work_and_keeps_the_last_picture(service):
    work = Held()
    job = service.submit("ada", "key", work)
    assert work.started.wait(TIMEOUT_SECONDS)
    job.cancel(wait=TIMEOUT_SECONDS)
    assert work.stopped.is_set()
    assert job.state.status == "cancelled"
    assert job.partial == "coarse"
    assert service.submit("ada", "key", work) is job, "a rerun of the page does not start it again"
    assert work.calls == 1
    again = service.submit("ada", "key", Held(), retry=True)
    assert again is not job
    assert again.active


def test_the_same_key_is_computed_once_for_all_viewers(service):
    work = Held()
    jobs = [service.submit(f"student {i}", "lesson", work) for i in range(30)]
    assert work.started.wait(TIMEOUT_SECONDS)
    jobs[0].cancel(wait=0.0)
    assert not jobs[0].active
    assert not work.stopped.is_set(), "one who leaves takes nothing from the others"
    work.let_go.set()
    assert all(job.wait(TIMEOUT_SECONDS) for job in jobs)
    assert {job.result for job in jobs[1:]} == {"result"}
    assert jobs[0].result is None
    late = service.submit("late", "lesson", work)
    assert late.result == "result"
    assert not late.active
    assert work.calls == 1


def test_the_last_viewer_to_leave_stops_the_work(service):
    work = Held()
    jobs = [service.submit(name, "lesson", work) for name in ("ada", "bob")]
    assert work.started.wait(TIMEOUT_SECONDS)
    for job in jobs:
        job.cancel(wait=TIMEOUT_SECONDS)
    assert work.stopped.is_set()


def test_a_new_key_in_the_slot_cancels_the_old_one(service):
    old, new, offset = Held("old"), Held("new"), Held("aside")
    first = service.submit("ada", "1", old)
    assert old.started.wait(TIMEOUT_SECONDS)
    second_job = service.submit("ada", "2", offset, slot="spectrum")
    second = service.submit("ada", "3", new)
    assert old.stopped.wait(TIMEOUT_SECONDS)
    assert not first.active
    offset.let_go.set()
    new.let_go.set()
    assert second.wait(TIMEOUT_SECONDS)
    assert second_job.wait(TIMEOUT_SECONDS)
    assert (second.result, second_job.result) == ("new", "aside")


def test_sessions_take_turns(service):
    first, order = Held(), []
    service.submit("ada", "0", first)
    assert first.started.wait(TIMEOUT_SECONDS)

    def note(name):
        return lambda report: order.append(name) or name

    greedy = [service.submit("ada", f"ada {i}", note(f"ada {i}"), slot=str(i)) for i in range(2)]
    other = service.submit("bob", "bob 0", note("bob 0"))
    assert [job.position for job in (other, *greedy)] == [1, 2, 3]
    first.let_go.set()
    assert all(job.wait(TIMEOUT_SECONDS) for job in (*greedy, other))
    assert order == ["bob 0", "ada 0", "ada 1"]


def test_cancelled_jobs_cost_no_turn(service):
    first, order = Held(), []
    service.submit("eve", "0", first)
    assert first.started.wait(TIMEOUT_SECONDS)
    for i in range(20):
        last = service.submit("ada", f"ada {i}", lambda report: order.append("ada"))
    other = service.submit("bob", "bob", lambda report: order.append("bob"))
    first.let_go.set()
    assert last.wait(TIMEOUT_SECONDS)
    assert other.wait(TIMEOUT_SECONDS)
    assert order == ["ada", "bob"]


def test_a_full_queue_refuses_and_later_accepts(service):
    first = Held()
    running = service.submit("ada", "0", first)
    assert first.started.wait(TIMEOUT_SECONDS)
    waiting = [service.submit(f"student {i}", f"{i + 1}", Held(i)) for i in range(3)]
    refused = service.submit("late", "9", Held())
    assert refused.error == "3 computations are waiting already; try again in a minute."
    assert not refused.active
    assert refused.wait(0)
    joined = service.submit("later", "1", Held())
    assert joined.position == 1, "to join one that is queued takes no place"
    waiting[2].cancel()
    assert waiting[2].state.status == "cancelled"
    assert service.submit("late", "9", Held()).active
    running.cancel()


def test_a_value_error_is_shown_as_its_sentence(service):
    def work(report):
        raise ValueError("learning_rate = -1 is out of range; give a number above 0")

    job = service.submit("ada", "key", work)
    assert job.wait(TIMEOUT_SECONDS)
    assert job.error == "learning_rate = -1 is out of range; give a number above 0"
    assert job.state.status == "failed"
    assert service.submit("ada", "key", work) is job


@pytest.mark.parametrize("error", [TypeError("dot_general requires"), ValueError("shapes:\n(3,) (4,)")])
def test_any_other_error_is_logged_as_incident(service, caplog, error):
    def work(report):
        report(0.5, "coarse")
        raise error

    with caplog.at_level(logging.ERROR):
        job = service.submit("ada", "key", work)
        assert job.wait(TIMEOUT_SECONDS)
    incident = job.error.rstrip(".").split()[-1]
    assert len(incident) == 8
    assert str(error) not in job.error
    assert "\n" not in job.error
    assert incident in caplog.text
    assert type(error).__name__ in caplog.text
    assert "in work" in caplog.text
    assert job.partial == "coarse"
    assert service.submit("ada", "next", lambda report: 1).wait(TIMEOUT_SECONDS), "the worker lives on"


def test_the_time_limit_counts_from_the_start_of_the_run():
    def fast_work(report):
        report(0.5)
        return "result"

    service = Service(limit=0.3, cache=Cache(10**6, 8))
    first = service.submit("ada", "1", Held())
    second = service.submit("bob", "2", fast_work)
    assert first.wait(TIMEOUT_SECONDS)
    assert first.error == "This took longer than 0.3 s and was stopped; choose fewer points or steps."
    assert second.wait(TIMEOUT_SECONDS)
    assert second.result == "result", "its wait in the queue was longer than its limit, and does not count"
    service.shutdown()


def test_a_closed_tab_cancels_its_jobs_and_no_others():
    present_sessions = {"bob"}
    service = Service(present=lambda session: session in present_sessions, grace=0.0)
    work, others, back = Held(), Held(), Held()
    job = service.submit("ada", "1", work)
    assert work.started.wait(TIMEOUT_SECONDS)
    shared = service.submit("bob", "2", others)
    queued = service.submit("ada", "2", others, slot="second")
    stays = service.submit("bob", "3", back, slot="second")
    service.release("bob")
    service.release("ada")
    assert work.stopped.wait(TIMEOUT_SECONDS)
    assert job.wait(TIMEOUT_SECONDS)
    assert others.started.wait(TIMEOUT_SECONDS)
    assert not job.active
    assert not queued.active
    assert shared.active
    assert stays.active, "a session that is back within the grace keeps its jobs"
    service.shutdown()


def test_a_closed_tab_gives_its_results_back():
    present_sessions, dropped, last = {"bob"}, threading.Semaphore(0), []
    service = Service(
        present=lambda session: session in present_sessions,
        grace=0.0,
        keep=0.0,
        give_back=lambda is_last: (last.append(is_last), dropped.release())[-1],
    )
    for name, key in (("ada", "own"), ("ada", "shared"), ("bob", "shared")):
        assert service.submit(name, key, lambda report: "result", slot=key).wait(TIMEOUT_SECONDS)
    service.release("bob", drop=lambda: present_sessions.add("never"))
    service.release("ada", drop=lambda: present_sessions.add("dropped"))
    assert dropped.acquire(timeout=TIMEOUT_SECONDS)
    assert set(service.cache) == {"shared"}
    assert present_sessions == {"bob", "dropped"}
    present_sessions.clear()
    service.release("bob")
    assert dropped.acquire(timeout=TIMEOUT_SECONDS)
    assert (len(service.cache), last) == (0, [False, True])
    service.shutdown()


def test_no_session_has_a_viewer_without_streamlit():
    assert not has_viewer("any")


def test_an_evicted_result_is_garbage_collected():
    @dataclass(eq=False)
    class Result:
        grid: np.ndarray

    service = Service(present=lambda session: False, cache=Cache(10**6, 2))
    job = service.submit("ada", "0", lambda report: Result(np.zeros(5)))
    assert job.wait(TIMEOUT_SECONDS)
    held = weakref.ref(job.result)
    for i in range(1, 4):
        job = service.submit("ada", str(i), lambda report: Result(np.zeros(5)))
        assert job.wait(TIMEOUT_SECONDS)
    # The worker thread drops its last reference just after it wakes the waiting threads.
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while held() is not None and time.monotonic() < deadline:
        gc.collect()
    assert held() is None
    assert len(service.cache) == 2
    service.shutdown()
