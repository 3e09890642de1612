"""The keys of presenter mode: reveal, play, step, view, next and previous lesson, laser dot."""

import re

import pytest
from playwright.sync_api import expect

from landscapes.lessons import LESSONS

pytestmark = pytest.mark.browser

STAGE = "document.querySelector('.stage')"


def test_keys_lead_through_lessons(open_page, app_url):
    page = open_page(f"{app_url}/explore?lesson=ravine&present=true&lessons=ravine,valley", width=1024, height=768)
    title = page.get_by_role("heading", name=LESSONS["ravine"].title)
    button = page.get_by_role("button", name=re.compile("Show the picture"))
    button.wait_for()
    assert page.locator(".stage").count() == 0
    page.keyboard.press("Enter")
    page.wait_for_selector(".stage[data-drawn]")
    page.wait_for_function(f"{STAGE}?.stage?.last > 0")
    size = page.evaluate(f"parseFloat({STAGE}.style.getPropertyValue('--stage-type'))")
    assert size == pytest.approx(768 / 45, rel=0.01)  # 24 px at 1080
    # The picture has the room that the texts leave: no empty row, and no scrolling.
    fills = "document.querySelector('.stage-canvas').offsetHeight > 0.5 * innerHeight"
    page.wait_for_function(
        f"{fills} && document.querySelector('[data-testid=stMain]').scrollHeight <= innerHeight"
    )
    rows = [page.locator(f".st-key-{key}").bounding_box() for key in ("lesson-navigation", "lesson")]
    assert rows[0] is not None
    assert rows[1] is not None
    assert 0 <= rows[1]["y"] - rows[0]["y"] - rows[0]["height"] < 24
    page.evaluate(f"{STAGE}.querySelector('[data-do=start]').click()")
    page.wait_for_function(f"{STAGE}.dataset.step === '0'")
    page.locator("h2").click()  # away from the button
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"Number({STAGE}.dataset.step) > 0")
    page.keyboard.press("l")
    page.mouse.move(300, 400)
    box = page.locator(".stage-laser").bounding_box()
    assert box is not None
    assert [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2] == pytest.approx([300, 400], abs=1)
    page.keyboard.press("l")
    assert page.locator(".stage-laser").count() == 0
    page.keyboard.press("1")
    page.wait_for_function(f"{STAGE}?.stage?.plot.layout?.meta.kind === 'surface'")
    expect(title).to_be_visible()
    page.keyboard.press("n")
    page.get_by_role("heading", name=LESSONS["valley"].title).wait_for()
    button.wait_for()
    page.keyboard.press("p")
    title.wait_for()
    page.wait_for_selector(".stage[data-drawn]")  # the hall has seen it
    # On a phone nothing is wider than the page, and the playback bar keeps within its row.
    for width, height in ((390, 844), (560, 844)):
        page.set_viewport_size({"width": width, "height": height})
        rows = "['[data-testid=stMain]', '.stage-transport', '.stage-transport output']"
        rows += ".map((each) => document.querySelector(each))"
        page.wait_for_function(f"{rows}.every((row) => row.scrollWidth <= row.clientWidth)")
