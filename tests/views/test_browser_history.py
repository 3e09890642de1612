"""An address that the viewer went back to is told from one that the page wrote."""

from types import SimpleNamespace
from typing import Any

import pytest

from landscapes.views.controls import browser_history
from landscapes.views.controls.browser_history import WRITTEN_ADDRESS

WROTE = {"seed": ["2"]}


@pytest.mark.parametrize(
    ("written", "address", "widget", "first", "travelled"),
    [
        (WROTE, {"seed": ["1"]}, 5, False, True),
        (WROTE, WROTE, 5, False, False),
        (None, {"seed": ["1"]}, 5, False, False),
        (None, {"seed": ["1"]}, 5, True, True),  # a link from a page without a recipe to a picture
        (None, {}, 5, True, False),
        (WROTE, {"seed": ["1"]}, 6, False, False),  # a widget has changed: the address is only late
        (WROTE, {}, 5, True, False),  # a link between the pages
        (WROTE, {}, 5, False, True),
    ],
)
def test_viewer_travelled_where_only_the_address_changed(monkeypatch, written, address, widget, first, travelled):
    state: dict[str, Any] = {WRITTEN_ADDRESS: written, "settings": {"steps": 5, "gone": 1}, "steps": widget}
    monkeypatch.setattr(browser_history, "st", SimpleNamespace(session_state=state))
    monkeypatch.setattr(browser_history, "current", lambda: address)
    monkeypatch.setattr(browser_history.widgets, "is_first_run", lambda: first)
    assert browser_history.has_navigated() == travelled
    browser_history.remember()
    assert state[WRITTEN_ADDRESS] == address
    browser_history.forget()
    assert state[WRITTEN_ADDRESS] is None


def test_poll_with_the_address_that_a_click_left_is_late(monkeypatch):
    state: dict[str, Any] = {WRITTEN_ADDRESS: WROTE, "settings": {}}
    address, now = dict(WROTE), [10.0]
    monkeypatch.setattr(browser_history, "st", SimpleNamespace(session_state=state))
    monkeypatch.setattr(browser_history, "current", lambda: dict(address))
    monkeypatch.setattr(browser_history, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(browser_history.widgets, "is_first_run", lambda: False)
    browser_history.leave()
    assert not browser_history.has_navigated()
    state[WRITTEN_ADDRESS] = {
        "seed": ["3"]
    }  # the click opened another picture, and the browser has not seen it yet
    now[0] += 0.3
    assert not browser_history.has_navigated()
    now[0] += browser_history.LATE_SECONDS
    assert browser_history.has_navigated()
    now[0] -= browser_history.LATE_SECONDS
    address["seed"] = ["1"]  # an address before that
    assert browser_history.has_navigated()
