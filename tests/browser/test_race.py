"""The page Race in a browser: the race on the stage, and the maps of its basins."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

HIMMELBLAU = "race?objective=himmelblau&optimizers=sgd&optimizers=momentum&steps=60&tolerance=0.1&basins.grid=16"
BEYOND_THE_EDGE = "[data-testid=stHtml] div[style*='#D55E00']"


def test_race_is_on_the_stage_and_its_basins_are_on_a_map(app_url, open_page):
    page = open_page(f"{app_url}/{HIMMELBLAU}")
    page.wait_for_selector(".st-key-stage-race .stage[data-drawn]")
    page.wait_for_selector(".st-key-stage-race-curves .stage[data-drawn]")
    expect(page.get_by_text("Orange: unstable on a quadratic", exact=False)).to_be_visible()
    assert page.locator(BEYOND_THE_EDGE).count() == 2  # one for each optimizer
    page.get_by_role("radio", name="Many starts").or_(page.get_by_text("Many starts", exact=True)).first.click()
    page.wait_for_selector(".st-key-stage-basins .stage[data-drawn]")
    page.wait_for_function("() => !document.querySelector('.progress')")
    drawn = page.locator(".st-key-stage-basins .heatmaplayer image")
    expect(drawn).to_have_count(4)  # hue and shade of two maps
    for k in range(4):
        box = drawn.nth(k).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) > 100
