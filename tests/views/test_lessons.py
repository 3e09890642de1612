"""The list of lessons of a session, and what comes before and after one of them."""

from dataclasses import replace

import pytest

from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.views.controls import lessons

NAMES = list(LESSONS)


@pytest.fixture
def settings(monkeypatch):
    result = {}
    monkeypatch.setattr(lessons.widgets, "setting", result.get)
    monkeypatch.setattr(lessons.widgets, "set_setting", result.__setitem__)
    return result


def test_a_list_keeps_its_order_and_names_what_is_unknown(settings):
    known, faults = lessons.parse_list("skips, ravine,skips,ravin,")
    assert known == ("skips", "ravine")
    assert len(faults) == 1
    assert "there is no lesson 'ravin'; did you mean ravine?" in faults[0]
    assert lessons.read_list({"lessons": ["skips,ravine"]}) == []
    assert list(lessons.listed_lessons()) == ["skips", "ravine"]
    assert lessons.address("skips") == {"lesson": ["skips"], "lessons": ["skips,ravine"]}


def test_neighbours_are_those_of_the_list(settings):
    assert lessons.neighbours(NAMES[0]) == ("", NAMES[1])
    assert lessons.neighbours(NAMES[-1]) == (NAMES[-2], "")
    assert lessons.position(NAMES[2]) == f"3 of {len(NAMES)}"
    lessons.read_list({"lessons": ["skips,ravine,duel"]})
    assert lessons.neighbours("ravine") == ("skips", "duel")
    assert lessons.neighbours("sharp-flat-unknown") == ("", "skips")
    assert lessons.position("ravine") == "2 of 3"


def test_the_address_of_a_lesson_is_that_of_its_recipe_and_variations(settings):
    settings["lesson"] = "ravine"
    lesson = LESSONS["ravine"]
    recipe = catalog.complete(lesson.recipe)
    assert lessons.address_of(recipe) == {"lesson": ["ravine"]}
    assert lessons.address_of(replace(recipe, steps=recipe.steps + 1)) is None
    varied = lessons.address_of(catalog.complete(lesson.varied(lesson.next[0])))
    assert varied is not None
    assert varied.keys() > {"lesson"}


@pytest.mark.parametrize(
    ("query", "is_list"), [({}, True), ({"lessons": ["a"]}, True), ({"lesson": ["a"], "lessons": ["a"]}, False)]
)
def test_a_list_alone_is_no_picture(query, is_list):
    assert lessons.is_list_only(query) == is_list
