"""The address: valid settings are adopted, faults are named, and changes are written."""

from __future__ import annotations

import pytest

from tests.views.pages import SMALL, open_page, warnings
from tests.views.test_sectioned import turn_to

pytestmark = pytest.mark.usefixtures("without_pictures")

WRONG = f"{SMALL}&stpes=9&iris.examples=-4&section=spectrm&lesson=ravin&present=perhaps&spectrum.widht=2&seed=6"


def address(page) -> dict[str, list[str]]:
    return {key: [texts] if isinstance(texts, str) else list(texts) for key, texts in page.query_params.items()}


def test_all_faults_are_named_at_once():
    page = open_page(WRONG, complete=False)
    (warning,) = warnings(page)
    assert warning.startswith("6 things are not valid; everything else is kept.\n- ")
    hints = ("Stpes is not part of an address, and was ignored; did you mean steps?", "Iris: examples = -4",
             "did you mean spectrum?", "did you mean ravine?", "Present = 'perhaps'",
             "did you mean width?")  # fmt: skip
    for hint in hints:
        assert hint in warning
    assert page.sidebar.number_input(key="seed").value == 6
    assert page.sidebar.number_input(key="steps").value == 5
    assert page.sidebar.multiselect(key="optimizers").value == ["sgd", "adam"]


def test_an_unknown_section_is_answered_with_those_of_its_page():
    page = open_page(SMALL, complete=False)
    turn_to(page, "race")
    page.query_params["section"] = "qqqq"
    page.run()
    (warning,) = warnings(page)
    assert "there are race, basins, rates" in warning
    assert "spectrum" not in warning


def test_a_wrong_address_stays_until_a_change():
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


def test_a_lesson_accepts_further_settings():
    page = open_page("lesson=ravine&stpes=9", complete=False)
    assert "did you mean steps?" in warnings(page)[0]
    lesson = open_page("lesson=ravine", complete=False)
    key = "function"
    assert page.sidebar.selectbox(key=key).value == lesson.sidebar.selectbox(key=key).value
    changed = open_page("lesson=ravine&steps=9", complete=False)
    assert changed.sidebar.number_input(key="steps").value == 9
    assert changed.sidebar.selectbox(key=key).value == lesson.sidebar.selectbox(key=key).value


@pytest.mark.parametrize("text", ["![x](http://a.b/c.png)", "<img src=x>", ":red[x]", "$x$", "`x`"])
def test_an_address_is_not_rendered_as_markdown(text):
    page = open_page("", complete=False)
    page.query_params["model"] = text
    page.run()
    (warning,) = warnings(page)
    assert text not in warning
    assert text in warning.replace("\\", "")
