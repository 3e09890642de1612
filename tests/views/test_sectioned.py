"""Pages of sections: names, knobs, address and recipe."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from landscapes.recipes import catalog
from landscapes.views.sections import PAGES, SECTIONS
from tests.views.pages import SMALL, open_page, settle, stages, warnings


def turn_to(page: AppTest, name: str) -> AppTest:
    """The same session on another page."""
    # Streamlit's tester switches between files only; a page that is a function is known by its path's hash.
    known = page._registered_pages.values()
    page._page_hash = next(one["page_script_hash"] for one in known if one.get("url_pathname") == name)
    page.query_params.clear()  # as a link between the pages does in a browser
    return page.run()


def test_section_names_are_unique():
    assert sum(map(len, PAGES.values())) == len(SECTIONS)
    assert not [name for name in SECTIONS if catalog.knobs_of(name)]


def test_the_recipe_is_kept_between_pages():
    page = open_page(SMALL)
    page.sidebar.number_input(key="steps").set_value(7)
    settle(page.run())
    settle(turn_to(page, "curvature"))
    assert not warnings(page)
    assert page.sidebar.number_input(key="steps").value == 7
    assert page.query_params["data"] == "iris"
    assert page.query_params["steps"] == "7"
    assert stages(page)
    settle(turn_to(page, "explore"))
    assert page.sidebar.number_input(key="steps").value == 7
    assert len(stages(page)) == 2  # the surface and the curves
