"""The address of a picture without the name of its page."""

import pytest
from streamlit import config

from landscapes.views.picture_redirect import target_of


@pytest.fixture
def base_path():
    yield lambda path: config.set_option("server.baseUrlPath", path)
    config.set_option("server.baseUrlPath", "")


@pytest.mark.parametrize(
    ("base", "path", "query", "target"),
    [
        ("", "/", "lesson=ravine", "explore?lesson=ravine"),
        ("", "/", "objective=booth&formula.text=x%2By", "explore?objective=booth&formula.text=x%2By"),
        ("", "/", "", ""),
        ("", "/", "lessons=ravine%2Cduel", ""),
        ("", "/explore", "lesson=ravine", ""),
        ("", "/_stcore/stream", "x=1", ""),
        ("/lab/", "/lab/", "lesson=ravine", "explore?lesson=ravine"),
        ("lab", "/lab", "lesson=ravine", "lab/explore?lesson=ravine"),
        ("lab", "/", "lesson=ravine", ""),
    ],
)
def test_only_a_picture_at_the_root_is_sent_on(base_path, base, path, query, target):
    base_path(base)
    assert target_of({"type": "http", "path": path, "query_string": query.encode()}) == target
