"""A lesson on the page Explore: its texts, its answer, its changes, and the lessons before and after it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from landscapes.lessons import LESSONS
from landscapes.lessons.lesson import Source, Variation
from landscapes.recipes import catalog
from landscapes.views.controls import toolbar
from landscapes.views.pages import lesson_text
from landscapes.views.sections import PAGES
from landscapes.views.worker import watch
from tests.views.pages import open_page, settle

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


def test_links_to_sections_open_something():
    links = [(name, lesson, lesson.more) for name, lesson in LESSONS.items() if lesson.more is not None]
    for name, lesson, link in links:
        section = PAGES[link.page][link.section]
        knobs = toolbar.section_knobs(section)
        settings = {key: knob.default for key, knob in knobs.items()}
        for key, text in link.settings:
            owner, knob = key.split(".")
            assert owner == link.section, name
            settings[knob] = knobs[knob].check(text)
            assert settings[knob] != knobs[knob].default, name
        for recipe in (lesson.recipe, *map(lesson.varied, lesson.next)):
            assert section.obstacle(catalog.complete(recipe), settings) is None, name
        assert link.label[-1] not in ".?!", name


def test_a_lesson_links_to_its_section_with_its_change():
    page = open_page("lesson=wells&noisy-double-well.noise=0")
    more = LESSONS["wells"].more
    assert more is not None
    (link,) = (each.proto for each in page.get("page_link") if each.proto.label == more.label)
    assert link.page == "curvature"
    assert parse_qs(link.query_string) == {
        "lesson": ["wells"], "noisy-double-well.noise": ["0"], "section": ["topology"], "topology.plot": ["tree"],
    }  # fmt: skip


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


def test_texts_of_a_file_are_escaped_and_its_link_stays_whole():
    source = Source("A *note*", "https://example.org/a_(b) c")
    lesson = replace(
        LESSONS[NAME],
        title="<b>T</b>", sentences=("one*", "two*"), question="q[?]", answer="$a$",
        next=(Variation("x*y", "steps=3"),), source=source,
    )  # fmt: skip
    shown = lesson_text._escape_markdown(lesson)
    assert shown.source.link == "https://example.org/a_(b%29%20c"
    for text, raw in (
        (shown.title, "<b>T</b>"), (shown.sentences[0], "one*"), (shown.sentences[1], "two*"),
        (shown.question, "q[?]"), (shown.answer, "$a$"), (shown.next[0].label, "x*y"),
        (shown.source.text, "A *note*"),
    ):  # fmt: skip
        assert text == watch.escape_markdown(raw) != raw
    assert shown.next[0].changes == "steps=3"


def test_the_change_of_a_lesson_is_the_one_that_is_shown():
    lesson = LESSONS[NAME]
    assert len(lesson.next) > 1
    for change in lesson.next:
        assert lesson_text._variation(lesson, catalog.complete(lesson.varied(change))) == change
    assert lesson_text._variation(lesson, catalog.complete(lesson.recipe)) is None
    assert lesson_text._variation(lesson, None) is None


@pytest.mark.parametrize(("name", "previous", "following"), [(0, False, True), (-1, True, False)])
def test_the_ends_of_the_list_lead_no_further(name, previous, following):
    first, second = "duel", "ravine"
    page = open_page(f"lesson={(first, second)[name]}&lessons={first},{second}", complete=False)
    assert page.button(key="previous lesson").disabled == (not previous)
    assert page.button(key="next lesson").disabled == (not following)
