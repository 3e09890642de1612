"""Presenter mode is turned on and off by its buttons."""

from streamlit.testing.v1 import AppTest


def script() -> None:
    from landscapes.views.controls import presenter

    (presenter.leave if presenter.on() else presenter.enter)()


def test_presenter_mode_is_entered_and_left():
    page = AppTest.from_function(script).run()
    assert [button.label for button in page.button] == ["Presenter mode"]
    page.button[0].click().run()
    assert [button.label for button in page.button] == ["Leave presenter mode"]
    page.button[0].click().run()
    assert [button.label for button in page.button] == ["Presenter mode"]
    assert not page.exception
