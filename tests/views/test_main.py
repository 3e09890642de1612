"""The pages, and which address opens which."""

import pytest
from streamlit.testing.v1 import AppTest

from landscapes.views.pages import home
from tests.views.pages import MAIN


@pytest.mark.parametrize(
    ("query", "opens_home"), [({}, True), ({"lessons": "ravine,duel"}, True), ({"steps": "9"}, False)]
)
def test_an_address_with_a_setting_opens_explore_and_others_open_home(query, opens_home, monkeypatch):
    monkeypatch.setattr("landscapes.views.pages.explore.page", lambda pages: None)
    page = AppTest.from_file(str(MAIN), default_timeout=60)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    assert [title.value for title in page.title] == ([home.ABOUT] if opens_home else [])
