"""The page Race in a browser: the race on the stage, and the maps of its basins."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

HIMMELBLAU = "race?objective=himmelblau&optimizers=sgd&optimizers=momentum&steps=60&tolerance=0.1&basins.grid=16"
BEYOND_THE_EDGE = "[data-testid=stHtml] div[style*='#D55E00']"


def test_race_is_on_the_stage_and_its_basins_are_on_a_map_that_starts_races(app_url, open_page):
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
    second = drawn.nth(2).bounding_box()
    assert second is not None
    page.mouse.click(second["x"] + 0.2 * second["width"], second["y"] + 0.3 * second["height"])
    page.wait_for_url("**start=picked**")
    page.wait_for_selector(".st-key-stage-race .stage[data-drawn]")
    query = parse_qs(urlsplit(page.url).query)
    low, high = -5, 5  # Himmelblau's box, and 16 starts along each axis
    step = (high - low) / 15
    for name, share in (("start_x", 0.2), ("start_y", 0.7)):
        at = float(query[name][0])
        assert at == pytest.approx(low + share * 10, abs=step)
        assert (at - low) / step == pytest.approx(round((at - low) / step), abs=1e-4)
