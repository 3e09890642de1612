"""The line that says what is computed, and the sentences of errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from landscapes.views.worker import progress
from landscapes.views.worker.watch import sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [("there is no model", "There is no model."), ("did you mean mlp?", "Did you mean mlp?"), ("Done.", "Done.")],
)
def test_a_sentence_has_a_capital_and_an_end(text, expected):
    assert sentence(text) == expected


def script(position: int, error: str, status: str, text: str) -> None:
    from types import SimpleNamespace

    from landscapes.views.worker.watch import _status

    state = SimpleNamespace(status=status)
    active = status in ("queued", "running")
    job = SimpleNamespace(
        active=active,
        error=error,
        label="ridge",
        note="training",
        position=position,
        fraction=0.25,
        id="7",
        state=state,
    )
    _status([job], text, "/progress.json?jobs=7")  # type: ignore[list-item]


def shown(position: int = 0, error: str = "", status: str = "running", text: str = "formula") -> Any:
    settings = {"position": position, "error": error, "status": status, "text": text}
    page = AppTest.from_function(script, kwargs=settings).run()
    assert not page.exception
    bars = [part.proto for part in page.get("bidi_component") if part.proto.component_name == progress.NAME]
    return [json.loads(bar.json) for bar in bars], page


def test_the_line_says_what_runs_waits_failed_or_was_cancelled():
    (bar,), _ = shown()
    follow = "/progress.json?jobs=7"
    assert bar == {"fraction": 0.25, "note": "Computing: ridge … training", "work": "7", "follow": follow}
    (bar,), _ = shown(position=3, status="queued")
    assert bar["note"] == "Waiting, place 3 in the queue: ridge"
    bars, page = shown(error="the loss is not finite", status="failed")
    assert not bars
    assert [text.value for text in page.warning] == ["The loss is not finite."]
    for status, line in (("done", "formula"), ("cancelled", "formula · cancelled, the last picture stays")):
        _, page = shown(status=status)
        assert [text.value for text in page.markdown] == [line]
    _, page = shown(status="cancelled", text="")  # before the first picture
    assert [text.value for text in page.markdown] == [
        "The computation was cancelled; change a setting to begin again"
    ]
