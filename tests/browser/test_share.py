"""The link and the QR code of a view, which opens elsewhere with camera, hidden traces and step."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stage_page import state, until

pytestmark = pytest.mark.browser

QUERY = "objective=himmelblau&optimizers=sgd&optimizers=adam&steps=40&start=picked&start_x=0.5&start_y=2"
VIEW = """(() => {
    const of = ({ stage: { plot, memory, step } }) => {
        const { eye, center } = plot._fullLayout.scene._scene.getCamera();
        return [eye.x, eye.y, eye.z, center.x, center.y, center.z, step, [...memory.hidden].join()];
    };
    return [...document.querySelectorAll('.stage')].filter(({ stage }) => stage.plot.layout.scene).map(of);
})()"""


def settled(page: Page) -> None:
    until(page, "root.dataset.drawn && !root.stage.drawing && root.stage.plot.layout.scene")
    page.wait_for_function(
        "() => !document.querySelector('.progress') "
        "&& document.querySelector('.stApp').dataset.testScriptState === 'notRunning'"
    )
    until(page, "root.dataset.drawn && !root.stage.drawing && !root.stage.waiting")


def link(page: Page) -> str:
    page.locator("[data-share]:visible").click()
    return page.locator(".stage-share:visible input").input_value()


def test_link_opens_the_same_view_in_another_browser(open_page, app_url):
    page = open_page(f"{app_url}/explore?{QUERY}", width=1000, height=700)
    settled(page)
    assert "stage" not in parse_qs(urlsplit(link(page)).query)  # nothing has been changed
    page.keyboard.press("Escape")
    expect(page.locator(".stage-share").first).to_be_hidden()
    page.locator(".stage-plot").first.focus()
    for key in ("ArrowRight", "ArrowUp", "+"):
        page.keyboard.press(key)
        until(page, "!root.stage.turning")
    page.locator(".stage-legend button", has_text="sgd").first.click()
    page.locator(".stage-transport input").first.press("ArrowLeft")
    until(page, "root.stage.step < root.stage.last && !root.stage.restyling")
    address = link(page)
    code = page.locator(".stage-share:visible img")
    expect(code).to_be_visible()
    page.wait_for_function(
        "[...document.querySelectorAll('.stage-share img')].some((image) => image.naturalWidth > 0)"
    )
    other = open_page(address, width=800, height=900, scheme="dark")
    settled(other)
    assert len(other.evaluate(VIEW)) == len(page.evaluate(VIEW)) == 1
    (here,), (there,) = page.evaluate(VIEW), other.evaluate(VIEW)
    assert there[:6] == pytest.approx(here[:6], abs=6e-4)
    assert there[6:] == here[6:] == [here[6], "sgd"]
    assert here[6] < state(page, "root.stage.last")
    assert link(other) == address
    # A page without https has no clipboard.
    other.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject() } })"
    )
    other.evaluate("document.execCommand = () => false")
    other.get_by_role("button", name="Copy link").click()
    expect(other.locator(".stage-share output:visible")).to_have_text(
        "The browser refuses the clipboard. The link is selected: press Ctrl+C."
    )
    assert other.evaluate("document.activeElement.value") == address


def test_q_projects_the_code_in_presenter_mode_and_escape_ends_it(open_page, app_url):
    page = open_page(f"{app_url}/explore?{QUERY}&present=true", width=1024, height=768)
    settled(page)
    page.keyboard.press("q")
    page.wait_for_function("document.querySelector('.stage-code img')?.naturalWidth > 0")
    box = page.locator(".stage-code img").bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(0.86 * 768, rel=0.02)
    page.keyboard.press("Escape")
    expect(page.locator(".stage-code")).to_have_count(0)
    expect(page.get_by_role("button", name="Leave presenter mode")).to_be_visible()


def test_ctrl_z_undoes_settings_but_not_while_typing(open_page, app_url):
    page = open_page(f"{app_url}/explore?{QUERY}", width=1000, height=700)
    settled(page)
    page.get_by_text("Contour", exact=True).click()
    page.wait_for_function("location.search.includes('view=contour')")
    until(page, "plot.layout.meta.kind === 'contour'")
    steps = page.get_by_label("Steps", exact=True)
    steps.click()
    page.keyboard.press("Control+z")
    steps.blur()
    assert "view=contour" in page.url
    page.keyboard.press("Control+z")
    page.wait_for_function("!location.search.includes('view=contour')")
    page.keyboard.press("Control+Shift+Z")
    page.wait_for_function("location.search.includes('view=contour')")
