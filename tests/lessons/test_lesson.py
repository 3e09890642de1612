"""The texts of every lesson have their form."""

from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from landscapes.lessons import LESSONS, SECTIONS
from landscapes.recipes import catalog


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_a_lesson_has_every_field(lesson):
    assert lesson.title[-1] not in ".?!"
    assert lesson.section in SECTIONS
    assert len(lesson.sentences) == 3
    assert all(each[0].isupper() and each.endswith(".") for each in (*lesson.sentences, lesson.answer))
    assert lesson.question.endswith("?")
    assert len(lesson.next) == 2
    assert lesson.source.text[-1] != "."
    assert lesson.source.link.startswith("https://")


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_changes_lead_to_other_valid_recipes(lesson):
    recipes = [catalog.complete(lesson.recipe)]
    for variation in lesson.next:
        query = parse_qs(variation.changes, keep_blank_values=True, strict_parsing=True)
        read, faults = catalog.read_address(query, base=lesson.recipe)
        assert not faults
        assert catalog.complete(lesson.varied(variation)) == catalog.complete(read)
        recipes.append(catalog.complete(read))
        assert variation.label[-1] not in ".?!"
    assert len(set(recipes)) == 3


def test_lessons_follow_the_sections():
    places = [SECTIONS.index(lesson.section) for lesson in LESSONS.values()]
    assert places == sorted(places)


def test_an_unknown_section_is_refused():
    with pytest.raises(ValueError, match="there is no section 'Cooking'; there are What an objective is, "):
        replace(next(iter(LESSONS.values())), section="Cooking")
