"""While another picture is computed, the texts of the old picture do not change."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from landscapes.scenes import scene as developing
from landscapes.views.pages import pictures, sectioned
from landscapes.views.worker import progress
from landscapes.views.worker.computation import Report
from landscapes.views.worker.jobs import Job, Service
from tests.views.pages import SMALL, is_working, stages, turn_to_address
from tests.views.pages import open_page as open_at
from tests.views.test_sectioned import turn_to

WEIGHTED = f"{SMALL}&directions=gaussian&weight.l2=0.02"


class SlowService(Service):
    """A worker that begins nothing while `closed`."""

    closed = False

    def __init__(self) -> None:
        super().__init__(present=lambda session: False, grace=0.0)
        self.opened = threading.Event()

    def close(self) -> None:
        self.opened.clear()
        self.closed = True

    def open(self) -> None:
        self.closed = False
        self.opened.set()

    def submit(self, session: str, key: str, work: Any, **kwargs: Any) -> Job:
        def held(report: Report) -> Any:
            while self.closed and not self.opened.wait(0.01):
                report(0.25, None, "training")
            return work(report)

        return super().submit(session, key, held, **kwargs)


@pytest.fixture
def worker(monkeypatch) -> Iterator[SlowService]:
    service = SlowService()
    for module in (pictures, sectioned):
        monkeypatch.setattr(module, "SERVICE", service)
    monkeypatch.setattr(
        developing, "spectrum", lambda *args, **kwargs: None
    )  # not tested in this file, and slow to compile
    yield service
    service.open()
    service.shutdown()


def open_page(query: str) -> AppTest:
    """A session at this address with its whole picture."""
    return settle(open_at(query, complete=False))


def settle(page: AppTest) -> AppTest:
    """The page when its jobs have ended, however busy the machine is."""
    while is_working(page):
        for job in list(pictures.SERVICE._slots.values()):
            assert job.wait(300)
        page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> list[str]:
    """All that a page says and draws beside its controls, but for the line on what is computed."""
    widgets: list[Any] = [text for kind in ("markdown", "caption", "table") for text in page.main.get(kind)]
    texts = [str(text.value) for text in widgets]
    # The notice on changed settings does not belong to the picture either.
    notice = page.session_state["notice"][0] if "notice" in page.session_state else ""
    line = [*formulas(page), notice]
    return [text for text in texts if text not in line] + figures(page)


def figures(page: AppTest) -> list[str]:
    """The pictures, as text without escapes and line breaks."""
    drawn = [json.loads(stage.partition("\n")[2]) for stage in stages(page)]
    return [json.dumps(figure, ensure_ascii=False).replace("<br>", " ") for figure in drawn]


def formulas(page: AppTest) -> list[str]:
    """The line of what is shown, which is absent while something is computed."""
    return [str(text.value) for text in page.main.markdown if "$" in str(text.value)]


def status_notes(page: AppTest) -> list[str]:
    """What the line says of what is computed."""
    shown = [part.proto for part in page.get("bidi_component")]
    return [json.loads(part.json)["note"] for part in shown if part.component_name == progress.NAME]


def is_dimmed(page: AppTest) -> bool:
    return any("opacity: 0.45" in part.proto.body for part in page.get("html"))


def change(page: AppTest, kind: str, key: str) -> AppTest:
    """Another value of one control, whatever it is."""
    widget: Any = next(each for each in page.sidebar.get(kind) if each.key == key)
    if kind in ("number_input", "slider"):
        up = widget.value + widget.step
        widget.set_value(up if widget.max is None or up <= widget.max else widget.value - widget.step)
    elif kind == "selectbox":
        # The tester takes a title for a name, which this list does not know.
        title = widget.options[(widget.index + 1) % len(widget.options)]
        widget.set_value("squared-error" if key == "drawn" else title)
    elif kind == "segmented_control":
        widget.set_value(next(option for option in widget.options if option != widget.value))
    else:
        widget.set_value(widget.value[:1])
    return page.run()


def controls(page: AppTest) -> list[tuple[str, str]]:
    kinds = ("number_input", "slider", "selectbox", "segmented_control", "multiselect")
    return [(kind, str(widget.key)) for kind in kinds for widget in page.sidebar.get(kind)]


def test_controls_keep_the_words_of_the_old_picture(worker):
    page = open_page(WEIGHTED)
    before, line = words(page), formulas(page)
    assert any("training cross-entropy + 0.02·L2" in text for text in before)
    widgets = [one for one in controls(page) if one[1] != "beside"]  # it adds a picture, and is tested below
    assert {key for _, key in widgets} >= {
        "kind",
        "objective",
        "data",
        "model",
        "steps",
        "split",
        "optimizers",
        "drawn",
    }
    for kind, key in widgets:
        worker.close()
        change(page, kind, key)
        assert status_notes(page), key
        assert is_dimmed(page), key
        assert words(page) == before, key
        assert not formulas(page), key
        turn_to_address(page, WEIGHTED)  # which ends what has not begun
        worker.open()
        assert (words(page), formulas(page)) == (before, line), key
        assert not is_dimmed(page), key


def test_the_status_line_names_the_computation(worker):
    page = open_page(WEIGHTED)
    before = words(page)
    worker.close()
    page.sidebar.selectbox(key="objective").set_value("hinge")
    page.run()
    assert "Computing: hinge loss + 0.02·L2 of softmax regression on Iris … training" in status_notes(page)[0]
    # The old picture keeps its own view.
    page.segmented_control(key="scale").set_value("log")
    page.segmented_control(key="picture").set_value("Contour")
    page.run()
    assert words(page) == before
    worker.open()
    settle(page)
    assert not is_dimmed(page)
    drawn = figures(page)[0]
    assert "training hinge loss + 0.02·L2 (log scale, log" in drawn
    assert "cross-entropy" not in drawn
    assert "Hinge loss + 0.02·L2, softmax regression (" in "".join(words(page))


def test_a_change_of_view_is_drawn_at_once(worker):
    page = open_page(WEIGHTED)
    worker.close()
    page.segmented_control(key="scale").set_value("log")
    page.run()
    assert not status_notes(page)
    assert "training cross-entropy + 0.02·L2 (log scale, log" in figures(page)[0]


def test_the_old_picture_keeps_its_words_after_cancel(worker):
    page = open_page(WEIGHTED)
    before, line = words(page), formulas(page)
    worker.close()
    page.sidebar.number_input(key="weight.cross-entropy.l2").set_value(3.0)
    page.run()
    for job in worker._slots.values():
        job.cancel()
    page.run()
    assert words(page) == before
    assert formulas(page) == [f"{line[0]} · cancelled, the last picture stays"]


def test_each_picture_of_a_pair_keeps_its_own_words(worker):
    page = open_page(f"{WEIGHTED}&beside=split:test")
    before = words(page)
    first, second = (figure for figure in figures(page) if '"cmin"' in figure)
    assert "training cross-entropy + 0.02·L2" in first
    assert "test cross-entropy + 0.02·L2" in second
    worker.close()
    change(page, "number_input", "weight.cross-entropy.l2")
    assert words(page) == before
    turn_to_address(page, f"{WEIGHTED}&beside=split:test")
    menu = page.sidebar.selectbox(key="beside")
    assert {"Second picture: none", "Second picture: error rate, same plane", "Second picture: L2 term"} <= {
        *menu.options
    }
    menu.set_value("drawn:error-rate")
    page.run()
    texts = words(page)
    assert not any("error rate" in text.lower() for text in texts)
    assert [figure for figure in texts if '"cmin"' in figure] == [first, second]
    assert [text for text in texts if "data: Iris, 30 test examples." in text] == [
        text for text in before if "data: Iris, 30 test examples." in text
    ]
    assert (
        sum("Cross-entropy + 0.02·L2 of softmax regression on Iris, test examples" in text for text in texts) == 1
    )


@pytest.mark.parametrize(("place", "section"), [("compare", "terms"), ("curvature", "planes")])
def test_a_section_keeps_the_words_of_its_result(worker, place, section):
    page = settle(turn_to(open_page(WEIGHTED), place))
    page.segmented_control(key=f"{place} section").set_value(section)
    settle(page.run())
    before = words(page)
    assert any("cross-entropy + 0.02·L2" in text for text in before)
    changes = [("number_input", "iris.examples"), ("multiselect", "optimizers"), ("selectbox", "objective")]
    for kind, key in changes:
        worker.close()
        change(page, kind, key)
        assert f"Computing: {section}, " in status_notes(page)[0]
        assert is_dimmed(page)
        assert words(page) == before
