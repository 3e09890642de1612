"""A lesson on the page Explore: its texts, its answer, its changes, and the lessons before and after it."""

from __future__ import annotations

import pytest

from landscapes.lessons import LESSONS
from tests.views.pages import open_page, settle

pytestmark = pytest.mark.usefixtures("without_spectra")

NAME = "ravine"


def texts(page) -> str:
    return " ".join(text.value for text in page.markdown)


def test_a_lesson_shows_every_field():
    page = open_page(f"lesson={NAME}")
    lesson = LESSONS[NAME]
    assert [header.value for header in page.header] == [lesson.title]
    shown = texts(page)
    assert all(each in shown for each in (*lesson.sentences, lesson.question, lesson.answer))
    captions = " ".join(caption.value for caption in page.caption)
    assert f"[{lesson.source.text}]({lesson.source.link})" in captions
    assert lesson.section in captions


def test_a_change_of_a_lesson_keeps_its_title_and_drops_its_sentences():
    page = open_page(f"lesson={NAME}")
    lesson = LESSONS[NAME]
    change = lesson.next[0]
    page.button(key=f"try {change.label}").click()
    settle(page.run())
    assert page.query_params["lesson"] == NAME
    assert page.query_params["bowl.condition"] == "10"
    assert [header.value for header in page.header] == [lesson.title]
    assert lesson.sentences[0] not in texts(page)
    assert "with one change" in texts(page)
    assert page.button(key=f"try {change.label}").disabled
    same = open_page(f"lesson={NAME}&{change.changes}")
    assert "with one change" in texts(same)
    (back,) = [button for button in page.button if button.label == "Back to the lesson"]
    back.click()
    settle(page.run())
    assert lesson.sentences[0] in texts(page)
    assert "bowl.condition" not in page.query_params


def test_another_change_leaves_the_lesson():
    page = open_page(f"lesson={NAME}")
    page.sidebar.number_input(key="steps").set_value(7)
    settle(page.run())
    assert not page.header
    assert "lesson" not in page.query_params


def test_next_and_previous_follow_the_list():
    page = open_page("lesson=ravine&lessons=duel,ravine,skips", complete=False)
    assert any("2 of 3" in caption.value for caption in page.caption)
    page.button(key="previous lesson").click()
    page.run()
    assert page.query_params["lesson"] == "duel"
    assert page.query_params["lessons"] == "duel,ravine,skips"
    assert page.button(key="previous lesson").disabled
    assert not page.button(key="next lesson").disabled


def test_lessons_without_a_list_follow_one_another():
    first, second = list(LESSONS)[:2]
    page = open_page(f"lesson={first}", complete=False)
    assert page.button(key="previous lesson").disabled
    page.button(key="next lesson").click()
    page.run()
    assert page.query_params["lesson"] == second


def test_next_leads_from_network_to_network():
    page = open_page("lesson=corner&lessons=corner,smoothed,entropy")
    for title in (LESSONS["smoothed"].title, LESSONS["entropy"].title):
        page.button(key="next lesson").click()
        settle(page.run())
        assert [header.value for header in page.header] == [title]
        assert not page.exception
    page.sidebar.number_input(key="steps").set_value(5)
    settle(page.run())
    assert not page.header
