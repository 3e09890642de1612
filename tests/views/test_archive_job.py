"""The ZIP file of all formats, made by the worker: progress by file, Cancel, and the download."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from landscapes.exports.settings import ExportSettings
from landscapes.views.controls import archive_job
from landscapes.views.worker import progress
from tests.views.pages import settle


@dataclass(frozen=True)
class Picture:
    """The part of a bundle that the job changes."""

    settings: ExportSettings | None = None


def script() -> None:
    import streamlit as st

    from landscapes.exports import EXPORTS
    from landscapes.exports.settings import ExportSettings
    from landscapes.views.controls import archive_job
    from tests.views.test_archive_job import Picture

    kind = st.radio("Picture", ["bowl", "saddle", "ridge"], key="kind")
    settings = ExportSettings(dpi=72)
    archive_job.draw_button(EXPORTS["everything"], Picture, kind, f"{kind}_of_two", settings)  # type: ignore[arg-type]
    archive_job.draw()


class Encoder:
    """In place of `exports.folder.everything`: makes the second of two files when it may go on."""

    def __init__(self) -> None:
        self.may_go_on, self.began = threading.Event(), threading.Event()
        self.settings: list[Any] = []

    def __call__(self, bundle: Picture, report: Callable[[float, str], None]) -> bytes:
        self.settings.append(bundle.settings)
        report(0.5, "bowl_of_two.panels.pdf")
        self.began.set()
        assert self.may_go_on.wait(30)
        report(0.75, "bowl_of_two.mp4")
        return bytes(2_100_000)


@pytest.fixture
def encoder(monkeypatch) -> Iterator[Encoder]:
    found = Encoder()
    monkeypatch.setattr(archive_job, "everything", found)
    yield found
    found.may_go_on.set()


def press(page: AppTest, encoder: Encoder) -> AppTest:
    page.button(key="export everything").click().run()
    assert encoder.began.wait(30)
    return page.run()


def bars(page: AppTest) -> list[dict[str, Any]]:
    shown = [part.proto for part in page.get("bidi_component")]
    return [json.loads(each.json) for each in shown if each.component_name == progress.NAME]


def downloads(page: AppTest) -> list[str]:
    return [each.proto.label for each in page.get("download_button")]


def test_file_is_made_while_the_page_stays_usable_and_is_then_offered(encoder):
    page = AppTest.from_function(script, default_timeout=60).run()
    assert (bars(page), downloads(page)) == ([], [])
    press(page, encoder)
    (bar,) = bars(page)
    assert (bar["note"], bar["fraction"]) == ("Writing *.panels.pdf", 0.5)
    assert page.button(key="export everything").disabled
    page.radio(key="kind").set_value("saddle").run()
    assert bars(page)[0]["note"] == "Writing *.panels.pdf"
    encoder.may_go_on.set()
    settle(page)
    # It is named for what it shows, and the page shows another picture by now.
    assert downloads(page) == ["Save bowl_of_two.zip (2.1 MB)"]
    assert not page.button(key="export everything").disabled
    assert encoder.settings == [ExportSettings(dpi=72)]


def test_cancelled_file_is_not_offered_and_is_made_when_asked_again(encoder):
    page = AppTest.from_function(script, default_timeout=60).run()
    page.radio(key="kind").set_value("saddle").run()
    press(page, encoder)
    job = page.session_state[archive_job.STATE].job
    job.cancel(wait=0)  # as the button of the progress bar does
    encoder.may_go_on.set()
    page.run()
    assert (bars(page), downloads(page)) == ([], [])
    page.button(key="export everything").click().run()
    assert downloads(settle(page)) == ["Save saddle_of_two.zip (2.1 MB)"]
    assert len(encoder.settings) == 2


def test_fault_is_one_sentence(encoder, monkeypatch):
    def fail(bundle: Picture, report: Callable[[float, str], None]) -> bytes:
        raise ValueError("the picture has no surface")

    monkeypatch.setattr(archive_job, "everything", fail)
    page = AppTest.from_function(script, default_timeout=60).run()
    page.radio(key="kind").set_value("ridge").run()
    page.button(key="export everything").click().run()
    settle(page)
    assert [each.value for each in page.warning] == ["The picture has no surface."]
