"""A formula as a lecturer types it: its LaTeX, the sentence on a wrong one, and the picture."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_app import complete, drawn

pytestmark = pytest.mark.browser

WELLS = "?objective=formula&formula.text=(x^2-1)^2%2Ba*y^2&optimizers=sgd&steps=5&tolerance=0.1&view=contour"


def test_a_formula_is_drawn_while_it_is_typed(open_page, app_url):
    page = open_page(f"{app_url}/{WELLS}")
    complete(page)
    sidebar = page.get_by_test_id("stSidebar")
    field = sidebar.get_by_test_id("stTextInputField")
    mathematics = sidebar.locator(".katex annotation")
    expect(mathematics).to_have_text(r"\left(x^{2} - 1\right)^{2} + a\,y^{2}")
    field.focus()
    field.press("End")
    field.press_sequentially(" + 2x")
    expect(sidebar.get_by_text("Write * between 2 and x.")).to_be_visible()
    assert "2x" not in page.url
    assert drawn(page, "plot.data.length") > 0
    field.press("Backspace")
    field.press_sequentially("*k*x")
    expect(mathematics).to_have_text(r"\left(x^{2} - 1\right)^{2} + a\,y^{2} + 2 k\,x")
    expect(sidebar.get_by_text("Write * between 2 and x.")).to_have_count(0)
    expect(sidebar.get_by_role("slider", name="k")).to_be_visible()
    # Nobody types in a field that loses its place.
    assert page.evaluate("document.activeElement.value") == "(x^2-1)^2+a*y^2 + 2*k*x"
    page.wait_for_url("**2%2Ak%2Ax**")
