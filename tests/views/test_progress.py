"""Cancel counts only for the work that was shown."""

from __future__ import annotations

from typing import Any

from landscapes.views.worker import progress


def test_cancel_counts_for_the_work_that_was_shown(monkeypatch):
    drawn: dict[str, Any] = {}
    state: dict[str, Any] = {"bar": {"cancel": "7 8"}}
    cancelled: list[str] = []
    monkeypatch.setattr(progress, "_component", lambda **kwargs: drawn.update(kwargs))
    monkeypatch.setattr(progress.st, "session_state", state)
    for work in ("7 8", "9"):
        progress.progress(
            1.5,
            "training",
            work=work,
            key="bar",
            on_cancel=lambda work=work: cancelled.append(work),
            follow="/news",
        )
        assert drawn["data"] == {"fraction": 1.0, "note": "training", "work": work, "follow": "/news"}
        drawn["on_cancel_change"]()
    assert cancelled == ["7 8"]
