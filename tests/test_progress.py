"""Long work shows a bar on the terminal where no callback is given, and nowhere else."""

import inspect
import io
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

from landscapes import progress
from landscapes.arguments import check_arguments
from landscapes.plane import span
from landscapes.slices import evaluate, refine
from tests.problems import skewed

WINGS = ("optimization", "slices", "curvature", "directions", "connectivity", "tradeoffs", "games", "scenes")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch) -> Terminal:
    """A terminal whose bars show at once, in a process without pages and notebooks."""
    screen = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=screen, modules={}))
    monkeypatch.setattr(progress, "DELAY_SECONDS", 0.0)
    return screen


@check_arguments
def work(steps: int, *, progress=None) -> int:
    for step in range(steps):
        if progress is not None:
            progress((step + 1) / steps, None)
    return steps


@check_arguments
def nested(*, progress=None) -> int:
    return work(3)


@check_arguments
def levels(count: int, *, progress=None):
    def results():
        for level in range(count):
            if progress is not None:
                progress(0.25 * (level + 1), level)
            yield level

    return results()


@check_arguments
def failing(*, progress=None) -> None:
    assert progress is not None
    progress(0.5, None)
    raise ValueError("stopped")


def test_work_shows_bar_with_its_name_and_removes_it(terminal):
    assert work(4) == 4
    assert "work:" in terminal.getvalue()
    assert terminal.getvalue().rpartition("\r")[2].strip() == ""


def test_time_left_is_that_at_the_speed_since_the_first_report():
    assert progress.remaining_time(0.1, 100.0, 0.1, 100.0) == ""
    assert progress.remaining_time(0.1, 100.0, 0.1, 160.0) == ""  # a second report without progress
    assert progress.remaining_time(0.1, 100.0, 0.2, 101.5) == ""
    assert progress.remaining_time(0.1, 100.0, 0.3, 104.0) == "00:14 left"


def test_bar_promises_no_time_after_one_report(terminal, monkeypatch):
    times, shown = iter([50.0, 50.5, 53.0, 53.0]), []
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(times)))
    bar = progress._bar("work")
    monkeypatch.setattr(bar, "set_postfix_str", lambda text, refresh: shown.append(text))
    monkeypatch.setattr(progress, "_bar", lambda title: bar)
    assert work(4) == 4
    assert shown == ["", "", "00:01 left", "00:00 left"]


def test_bar_of_iterator_follows_its_levels(terminal):
    assert list(levels(4)) == [0, 1, 2, 3]
    assert "levels:   0%" in terminal.getvalue()
    assert terminal.getvalue().rpartition("\r")[2].strip() == ""


def test_callback_takes_the_place_of_the_bar(terminal):
    fractions = []
    work(2, progress=lambda fraction, _: fractions.append(fraction))
    assert (fractions, terminal.getvalue()) == ([0.5, 1.0], "")


def test_work_within_work_shows_no_bar_of_its_own(terminal):
    nested()
    assert "nested:" in terminal.getvalue()
    assert "work:" not in terminal.getvalue()
    work(2)
    assert "work:" in terminal.getvalue()


def test_failing_work_closes_its_bar(terminal):
    with pytest.raises(ValueError, match="stopped"):
        failing()
    assert terminal.getvalue().rpartition("\r")[2].strip() == ""
    work(2)
    assert "work:" in terminal.getvalue()


def test_short_work_shows_nothing(terminal, monkeypatch):
    monkeypatch.setattr(progress, "DELAY_SECONDS", 1000.0)
    work(3)
    assert terminal.getvalue().strip() == ""


@pytest.mark.parametrize(
    ("stream", "modules", "is_shown"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"streamlit"}, False),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"ipykernel"}, True),
        (None, {}, False),
    ],
    ids=["terminal", "app", "file", "notebook", "no stream"],
)
def test_bars_are_for_terminals_and_notebooks(monkeypatch, stream, modules, is_shown):
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream, modules=modules))
    assert progress.is_visible() is is_shown


def test_work_without_terminal_gets_no_callback(terminal, monkeypatch):
    monkeypatch.setattr(progress, "is_visible", lambda: False)
    with pytest.raises(AssertionError):
        failing()
    assert terminal.getvalue() == ""


def test_surfaces_report_to_the_terminal(terminal):
    problem = skewed()
    plane = span(problem.params, np.eye(2))
    grid = evaluate(problem, plane, [np.linspace(-1, 1, 3), np.linspace(0, 1, 5)])
    assert grid.evaluated.all()
    assert "evaluate:" in terminal.getvalue()
    *_, finest = refine(problem, plane, 1.0, max_level=9)
    assert finest.evaluated.all()
    assert "refine:" in terminal.getvalue()


@pytest.mark.parametrize("wing", WINGS)
def test_every_public_function_with_progress_shows_it(wing):
    module = import_module(f"landscapes.{wing}")
    functions = [value for name in module.__all__ if inspect.isfunction(value := getattr(module, name))]
    long = [each for each in functions if "progress" in inspect.signature(each).parameters]
    assert [each.__name__ for each in long if not hasattr(each, "__wrapped__")] == []
