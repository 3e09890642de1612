"""A lesson as a file: written, read back, and refused with one sentence."""

import json

import pytest

from landscapes.lessons import LESSONS, OWN_SECTION, read_lessons


@pytest.mark.parametrize("name", LESSONS)
def test_lesson_survives_its_file(name):
    lesson = LESSONS[name]
    (read,) = read_lessons(lesson.to_json())
    assert (read.title, read.sentences, read.question, read.answer) == (
        lesson.title,
        lesson.sentences,
        lesson.question,
        lesson.answer,
    )
    assert (read.recipe, read.next, read.source) == (lesson.recipe, lesson.next, lesson.source)
    assert read.section == OWN_SECTION
    assert read_lessons(f"[{read.to_json()}, {read.to_json()}]") == [read, read]


def entries(**changes) -> str:
    full = {"title": "A bowl", "sentences": ["It is round."], "recipe": {"objective": {"name": "bowl"}}} | changes
    return json.dumps({key: value for key, value in full.items() if value is not None})


def test_only_title_and_recipe_are_needed():
    (lesson,) = read_lessons(entries(sentences=None))
    assert (lesson.title, lesson.sentences, lesson.question, lesson.next) == ("A bowl", (), "", ())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not a lesson: "),
        ("[" * 5000, "not a lesson: "),
        ("[]", "the file holds an empty list"),
        ("7", "found int"),
        (entries(title=None), "a lesson needs a title"),
        (entries(recipe=None), "a lesson needs a recipe"),
        (entries(titel="x"), "'titel' is not part of a lesson"),
        (entries(title=["x"]), "title of a lesson must be a text"),
        (entries(answer="x" * 1001), "answer of a lesson must be a text of at most 1000 characters"),
        (entries(sentences="It is round."), "sentences of a lesson must be a list"),
        (entries(sentences=["x"] * 7), "sentences of a lesson must be a list of at most 6 entries"),
        (entries(next=["x"]), "next of a lesson must be an object"),
        (entries(source={"link": "javascript:alert(1)"}), "must begin with https://"),
        (entries(recipe={"objectiv": 1}), "not a recipe: objectiv is unknown"),
        (entries(recipe={"steps": "many"}), "steps"),
    ],
)
def test_bad_files_get_one_sentence(text, sentence):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as error:
        read_lessons(text)
    assert sentence in str(error.value)
