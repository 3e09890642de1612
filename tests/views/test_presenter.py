"""Presenter mode is turned on and off by its buttons, and asks the question of a lesson first."""

import json

from streamlit.testing.v1 import AppTest

from landscapes.lessons import LESSONS
from tests.views.pages import open_page, settle, stages


def script() -> None:
    from landscapes.views.controls import presenter

    (presenter.leave if presenter.is_on() else presenter.enter)()


def test_presenter_mode_is_entered_and_left():
    page = AppTest.from_function(script).run()
    assert [button.label for button in page.button] == ["Presenter mode"]
    page.button[0].click().run()
    assert [button.label for button in page.button] == ["Leave presenter mode"]
    page.button[0].click().run()
    assert [button.label for button in page.button] == ["Presenter mode"]
    assert not page.exception


def headers(page) -> list[str]:
    return [header.value for header in page.header]


def test_the_question_of_a_lesson_comes_before_its_picture():
    page = open_page("lesson=ravine&present=true&lessons=ravine,valley")
    assert LESSONS["ravine"].question in [text.value for text in page.markdown]
    assert not stages(page)
    page.button(key="reveal").click()
    settle(page.run())
    assert len(stages(page)) == 1
    options, figure = (json.loads(part) for part in stages(page)[0].split("\n"))
    assert options["autoplay"]
    assert figure["layout"]["meta"]["kind"] == "contour"
    page.button(key="key 1").click()  # another view is the same lesson
    settle(page.run())
    assert json.loads(stages(page)[0].split("\n")[1])["layout"]["meta"]["kind"] == "surface"
    assert headers(page) == [LESSONS["ravine"].title]
    assert page.query_params["view"] == "3d"
    page.button(key="next lesson").click()
    settle(page.run())
    assert headers(page) == [LESSONS["valley"].title]
    assert LESSONS["valley"].question in [text.value for text in page.markdown]
    assert page.query_params["present"] == "true"
    assert not stages(page)


def test_outside_of_presenter_mode_a_lesson_shows_its_picture_at_once():
    page = open_page("lesson=ravine")
    assert stages(page)
    assert not [button for button in page.button if button.key == "reveal"]
