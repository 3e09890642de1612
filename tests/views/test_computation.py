"""The state of a computation, as its reports change it."""

import pytest

from landscapes.views.worker.computation import Cancelled, Computation, State


def test_reports_never_move_the_bar_backwards_and_count_new_results():
    computation, first, second = Computation("key", None), object(), object()
    computation.report(0.5, first, "one")
    computation.report(0.25, None, "two")
    assert (computation.state.fraction, computation.state.note) == (0.5, "two")
    assert (computation.state.partial, computation.state.version) == (first, 1)
    computation.report(3.0, first)  # the same result again, and more than everything
    assert (computation.state.fraction, computation.state.version) == (1.0, 1)
    computation.report(0.0, second)
    assert (computation.state.partial, computation.state.version) == (second, 2)


def test_work_stops_at_its_next_report():
    computation = Computation("key", lambda report: report(0.5))
    computation.stop.set()
    for attempt in (lambda: computation.report(0.1), lambda: computation.run(10.0)):
        with pytest.raises(Cancelled):
            attempt()
    assert not computation.expired
    late = Computation("key", lambda report: report(0.5))
    with pytest.raises(Cancelled):
        late.run(-1.0)
    assert late.expired


def test_an_ended_computation_keeps_its_state_and_frees_its_work():
    computation = Computation.without_work("key", State("done", result=7))
    assert computation.ended.is_set()
    assert (computation.state.result, computation.state.active, computation.work) == (7, False, None)
