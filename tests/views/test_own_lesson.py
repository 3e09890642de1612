"""A lesson of one's own: saved on Explore, loaded on Home, opened like any lesson."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from landscapes.lessons import read_lessons
from landscapes.recipes import catalog
from landscapes.recipes.recipe import Choice, Recipe
from tests.views.pages import open_page, settle, warnings

RECIPE = Recipe(objective=Choice.of("bowl", condition=7.0), optimizers=(Choice("sgd"),), steps=5, tolerance=0.1)
TITLE = "A *bowl* ![x](http://a.b/c.png)"


def file_of(**changes) -> str:
    recipe = json.loads(changes.pop("recipe", RECIPE).to_json())
    texts = {"title": TITLE, "sentences": ["It has a price of $5 and $6."], "question": "Why?", "answer": "So."}
    return json.dumps(texts | {"recipe": recipe} | changes)


def download_button(page: AppTest) -> Any:
    buttons: Any = page.get("download_button")
    return next(button for button in buttons if button.label == "Download")


def home_with(*texts: str) -> AppTest:
    page = open_page(complete=False)
    files = [(f"{k}.json", text.encode(), "application/json") for k, text in enumerate(texts)]
    page.file_uploader(key="own lessons upload").set_value(files)
    return settle(page.run())


def test_saved_lesson_holds_the_picture_and_its_texts():
    page = open_page("objective=bowl&optimizers=sgd&steps=5&tolerance=0.1")
    download = download_button(page)
    assert download.disabled
    page.text_input(key="own title ").set_value("My bowl")
    page.text_area(key="own sentences ").set_value("Round.\n\nAnd deep.")
    settle(page.run())
    download = download_button(page)
    assert not download.disabled


def test_loaded_lesson_opens_like_any_other():
    page = home_with(file_of(), file_of(title="Another"))
    assert not warnings(page)
    page.button(key=f"open own {TITLE}").click()
    settle(page.run())
    assert page.sidebar.selectbox(key="function").value == "bowl"
    assert page.query_params["bowl.condition"] == "7.0"
    (header,) = page.header
    assert header.value.replace("\\", "") == TITLE
    assert "![" not in header.value
    texts = " ".join(text.value for text in page.markdown)
    assert "\\$5" in texts
    assert "**Why?**" in texts
    assert any("1 of 2" in caption.value for caption in page.caption)
    page.button(key="next lesson").click()
    settle(page.run())
    assert [header.value for header in page.header] == ["Another"]
    page.sidebar.number_input(key="steps").set_value(6)
    settle(page.run())
    assert not page.header


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("no lesson", "Not a lesson"),
        (file_of(recipe=Recipe(objective=Choice("bowls"))), "bowls"),
        (file_of(next=[{"label": "x", "changes": "steps=-4"}]), "steps"),
    ],
)
def test_bad_file_gets_one_sentence_and_adds_nothing(text, sentence):
    page = home_with(text)
    (warning,) = warnings(page)
    assert sentence.lower() in warning.replace("\\", "").lower()
    assert not [button for button in page.button if str(button.key).startswith("open own")]


def test_a_file_replaces_a_lesson_of_its_title():
    page = home_with(f"[{file_of()}, {file_of(title='B')}]", file_of(title="B", answer="New."))
    assert [button.label for button in page.button if str(button.key).startswith("open own")][1:] == ["B"]
    assert catalog.complete(read_lessons(file_of())[0].recipe) == catalog.complete(RECIPE)
