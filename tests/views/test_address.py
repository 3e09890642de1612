"""The address bar: what of it is adopted, what is said of the rest, and when it is written anew."""

from __future__ import annotations

import pytest

from tests.views.pages import SMALL, open_page, warnings

WRONG = f"{SMALL}&stpes=9&iris.examples=-4&section=spectrm&lesson=ravin&present=perhaps&spectrum.widht=2&seed=6"


def address(page) -> dict[str, list[str]]:
    return {key: [texts] if isinstance(texts, str) else list(texts) for key, texts in page.query_params.items()}


def test_all_faults_are_named_at_once_and_the_rest_holds():
    page = open_page(WRONG, complete=False)
    (said,) = warnings(page)
    assert said.startswith("6 things are not valid; everything else is kept.\n- ")
    hints = ("Stpes is not part of an address, and was ignored; did you mean steps?", "Iris: examples = -4",
             "did you mean spectrum?", "did you mean ravine?", "Present = 'perhaps'",
             "did you mean width?")  # fmt: skip
    for hint in hints:
        assert hint in said
    assert page.sidebar.number_input(key="seed").value == 6
    assert page.sidebar.number_input(key="steps").value == 5
    assert page.sidebar.multiselect(key="optimizers").value == ["sgd", "adam"]


def test_a_wrong_address_stays_in_the_bar_until_something_is_changed():
    page = open_page(WRONG, complete=False)
    before = address(page)
    assert before["stpes"] == ["9"]
    page.run()
    assert address(page) == before
    assert warnings(page)
    page.sidebar.number_input(key="steps").set_value(7)
    page.run()
    assert not warnings(page)
    assert address(page)["steps"] == ["7"]
    assert address(page)["seed"] == ["6"]
    assert not {"stpes", "lesson", "section", "iris.examples"} & set(address(page))


def test_a_lesson_holds_under_a_wrong_key_and_under_settings_of_its_own():
    page = open_page("lesson=ravine&stpes=9", complete=False)
    assert "did you mean steps?" in warnings(page)[0]
    lesson = open_page("lesson=ravine", complete=False)
    key = "function"
    assert page.sidebar.selectbox(key=key).value == lesson.sidebar.selectbox(key=key).value
    changed = open_page("lesson=ravine&steps=9", complete=False)
    assert changed.sidebar.number_input(key="steps").value == 9
    assert changed.sidebar.selectbox(key=key).value == lesson.sidebar.selectbox(key=key).value


@pytest.mark.parametrize("text", ["![x](http://a.b/c.png)", "<img src=x>", ":red[x]", "$x$", "`x`"])
def test_what_an_address_says_is_not_read_as_markdown(text):
    page = open_page("", complete=False)
    page.query_params["model"] = text
    page.run()
    (said,) = warnings(page)
    assert text not in said
    assert text in said.replace("\\", "")
