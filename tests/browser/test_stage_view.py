"""The stage's own view: it comes back, stays above the horizon, leaves the wheel to the page and obeys keys."""

import math

import pytest
from playwright.sync_api import Page

from tests.browser.test_stage import PLOT, choose, drag, eye, middle, runs, show, state, until

pytestmark = pytest.mark.browser

CAMERA = "plot._fullLayout.scene._scene.getCamera()"


@pytest.fixture(scope="module")
def page(open_page, demo_url) -> Page:
    page = open_page(demo_url, width=1000, height=480)
    page.wait_for_selector(".stage[data-drawn]")
    return page


@pytest.fixture(autouse=True)
def at_home(page):
    """Every test finds the view that the picture came with."""
    show(page, "3-D")
    page.get_by_role("button", name="Reset view").click()
    until(page, "!root.stage.moved && !root.stage.placing")


def elevation(page: Page) -> float:
    """The angle of the line of sight above the horizontal."""
    x, y, z = state(page, f"['x', 'y', 'z'].map((name) => {CAMERA}.eye[name] - {CAMERA}.center[name])")
    return math.atan2(z, math.hypot(x, y))


def distance(page: Page) -> float:
    return state(page, f"Math.hypot(...['x', 'y', 'z'].map((name) => {CAMERA}.eye[name] - {CAMERA}.center[name]))")


def tilt(page: Page) -> float:
    """How far the camera leans to the side: the product of its upward direction with the one to the right."""
    ux, uy, x, y = state(
        page,
        f"(({{ up, eye, center }}) => [up.x, up.y, eye.x - center.x, eye.y - center.y])({CAMERA})",
    )
    return (ux * y - uy * x) / math.hypot(x, y)


def press(page: Page, *keys: str) -> None:
    page.locator(".stage-plot").focus()
    for key in keys:
        page.keyboard.press(key)
        until(page, "!root.stage.turning")


def test_nothing_offers_to_upload_the_picture(page):
    assert not page.locator(".modebar").count()
    context = state(page, "[plot._context.plotlyServerURL, plot._context.showSendToCloud]")
    assert context == ["", False]
    names = [button.get_attribute("aria-label") for button in page.locator(".stage-tools button[data-view]").all()]
    assert names == ["Zoom in", "Zoom out", "Reset view", "Save as PNG", "Save as SVG"]


def test_reset_and_double_click_bring_the_first_view_back(page):
    home, text = eye(page), runs(page)
    drag(page, 90, 20)
    until(page, "root.stage.moved")
    assert eye(page) != pytest.approx(home, abs=1e-3)
    page.get_by_role("button", name="Reset view").click()
    until(page, "!root.stage.moved && !root.stage.placing")
    assert eye(page) == pytest.approx(home, abs=1e-6)

    drag(page, 90, 20)
    until(page, "root.stage.moved")
    page.mouse.dblclick(*middle(page))
    until(page, "!root.stage.moved && !root.stage.placing")
    assert eye(page) == pytest.approx(home, abs=1e-6)
    assert runs(page) == text  # the first of two clicks picks nothing


ENDS = """[...root.querySelectorAll('.stage-labels div')].map(({ textContent: text }) => {
    const { at, center } = root.stage.placed.find((label) => label.text === text);
    const { x, y } = root.stage.tracks.find(({ role, label }) => role === 'path' && label === text);
    const { xaxis, yaxis } = plot._fullLayout;
    const [[left, right], [low, high]] = [xaxis.range, yaxis.range];
    const inside = (i) => x[i] >= left && x[i] <= right && y[i] >= low && y[i] <= high;
    const last = [...x.keys()].findLast(inside);
    const end = [xaxis._offset + xaxis.l2p(x[last]), yaxis._offset + yaxis.l2p(y[last])];
    return [text, Math.hypot(at[0] - end[0], at[1] - end[1]), Math.hypot(center[0] - at[0], center[1] - at[1])];
})"""


def test_paths_of_a_contour_have_labels_at_their_ends(page):
    show(page, "contour")
    page.locator(".stage-transport input").first.press("End")
    until(page, "root.stage.step === root.stage.last && !root.stage.restyling")
    names = state(page, "root.stage.tracks.filter(({ role }) => role === 'path').map(({ label }) => label)")
    ends = state(page, ENDS)
    assert len(ends) >= 2
    assert {text for text, _, _ in ends} <= set(names)
    for _, off, away in ends:
        assert off < 0.5
        assert 0 < away < 200


def test_saved_contour_has_its_notes_below_the_plot(page):
    show(page, "contour")
    page.evaluate("""() => {
        window.downloadImage = Plotly.downloadImage;
        Plotly.downloadImage = ({ layout }) => { window.saved = layout };
    }""")
    page.get_by_role("button", name="Save as PNG").click()
    page.wait_for_function("window.saved")
    page.evaluate("() => { Plotly.downloadImage = window.downloadImage }")
    saved = page.evaluate("saved")
    notes = page.locator(".stage-notes li").first.inner_text()
    (note,) = (each for each in saved["annotations"] if each["text"].startswith(notes))
    assert (note["xref"], note["yref"], note["y"]) == ("paper", "paper", 0)
    assert -saved["margin"]["b"] <= note["yshift"] < 0.8 * -saved["margin"]["b"]  # at the image's lower edge
    assert {each["font"]["family"] for each in saved["annotations"]} == {saved["font"]["family"]}
    assert "Source" not in saved["font"]["family"]  # an image does not load the font of the page


def test_reset_brings_the_ranges_of_a_contour_back(page):
    show(page, "contour")
    home = state(page, "plot._fullLayout.xaxis.range")
    page.get_by_role("button", name="Zoom in").click()
    until(page, "root.stage.moved && !root.stage.placing")
    zoomed = state(page, "plot._fullLayout.xaxis.range")
    assert zoomed[1] - zoomed[0] == pytest.approx((home[1] - home[0]) / 1.2)
    page.mouse.dblclick(*middle(page))
    until(page, "!root.stage.moved && !root.stage.placing")
    assert state(page, "plot._fullLayout.xaxis.range") == pytest.approx(home)


def test_the_camera_stays_above_the_horizon(page):
    before = elevation(page)
    for _ in range(3):
        drag(page, 0, -200)  # pulls the front of the scene up
    until(page, "root.stage.moved")
    assert 0 < elevation(page) < before
    press(page, *["ArrowDown"] * 6)
    assert 0 < elevation(page) < 0.1


def test_arrow_keys_turn_the_scene_and_plus_and_minus_zoom(page):
    before, step = eye(page), state(page, "root.dataset.step")
    far, high = distance(page), elevation(page)
    press(page, "ArrowRight")
    right = eye(page)
    assert right != pytest.approx(before, abs=1e-2)
    assert tilt(page) == pytest.approx(0, abs=1e-3)
    assert elevation(page) == pytest.approx(high, abs=1e-3)
    press(page, "ArrowLeft")
    assert eye(page) == pytest.approx(before, abs=1e-3)
    press(page, "ArrowUp")
    assert elevation(page) > high + 0.1
    press(page, "+")
    assert distance(page) == pytest.approx(far / 1.2, rel=1e-3)
    press(page, "-", "-")
    assert distance(page) == pytest.approx(far * 1.2, rel=1e-3)
    press(page, "0")
    assert eye(page) == pytest.approx(before, abs=1e-6)
    assert state(page, "root.dataset.step") == step  # which the same keys move from the transport bar


def test_the_wheel_scrolls_the_page_and_zooms_only_with_ctrl(page):
    scroller = "document.querySelector('[data-testid=stMain]')"
    page.evaluate(f"{scroller}.scrollTop = 0")
    before = eye(page)
    page.mouse.move(*middle(page, down=0.4))
    page.mouse.wheel(0, 120)
    page.wait_for_function(f"{scroller}.scrollTop > 20")
    page.evaluate(f"{scroller}.scrollTop = 0")
    assert eye(page) == pytest.approx(before, abs=1e-6)
    far = distance(page)
    page.mouse.move(*middle(page, down=0.4))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    until(page, "root.stage.moved && !root.stage.wheeling")
    assert distance(page) < 0.95 * far
    assert page.evaluate(f"{scroller}.scrollTop") == 0
    # A contour keeps the place under the pointer.
    show(page, "contour")
    length, offset, left = state(
        page, "[plot._fullLayout.xaxis._length, plot._fullLayout.xaxis._offset, plot.getBoundingClientRect().left]"
    )
    place = "plot._fullLayout.xaxis.p2d(0.25 * plot._fullLayout.xaxis._length)"
    under, width = state(page, place), state(page, "plot._fullLayout.xaxis.range[1]")
    page.mouse.move(left + offset + 0.25 * length, middle(page, down=0.4)[1])
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    until(page, "root.stage.moved && !root.stage.wheeling")
    assert state(page, "plot._fullLayout.xaxis.range[1]") < width
    assert state(page, place) == pytest.approx(under, abs=0.02)


@pytest.mark.parametrize("kind", ["3-D", "contour"])
def test_a_stage_taken_off_the_page_under_a_drag_fails_nowhere(page, kind):
    # The page fails the module on any error of a script: Plotly's drag ended on a plot without a layout.
    show(page, kind)
    x, y = middle(page)
    page.evaluate(f"window.left = {PLOT}")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y)
    count = runs(page).split(" pick")[0]
    page.locator("[data-testid=stCheckbox] input").first.evaluate("(node) => node.click()")
    page.wait_for_function(f"!document.body.innerText.includes('{count} pick')")
    page.wait_for_function("!window.left.isConnected")
    page.mouse.move(x + 40, y)
    page.mouse.up()
    page.wait_for_function("!window.left._fullLayout")
    page.wait_for_selector(".stage[data-drawn]")
    if page.locator(".stage").count() > 1:
        choose(page, "twin")
    until(page, "!root.stage.drawing")


SURFACE = "plot._fullLayout.scene._scene.traces[plot._fullData.find((t) => t.meta.role === 'surface').uid]"
NODES = f"[{SURFACE}.data.z.length, {SURFACE}.data.z[0].length, {SURFACE}.data.contours.z.project.z]"
COMPLETE = f"{SURFACE}.data.z.length === plot._fullData[0].z.length"


@pytest.fixture
def rest(page):
    """Ends a pause of the viewer when it is called; the stage's own clock does not."""
    page.evaluate("""() => {
        window.later = setTimeout;
        window.setTimeout = (f, ms, ...rest) => (ms === 1000 ? ((window.rest = f), 0) : later(f, ms, ...rest));
    }""")
    yield lambda: page.evaluate("rest()")
    page.evaluate("() => { window.setTimeout = later }")


def test_scene_is_reduced_while_it_turns_and_complete_at_rest(page, rest):
    complete, canvas = state(page, NODES), state(page, "plot.querySelector('canvas').width")
    heights = state(page, f"[{SURFACE}.data.z[0][0], {SURFACE}.data.z.at(-1).at(-1)]")
    assert complete == [121, 121, True]
    page.mouse.move(*(at := middle(page)))
    page.mouse.down()
    page.mouse.move(at[0] + 2, at[1])
    assert state(page, NODES) == complete, "a click does not reduce it"
    page.mouse.move(at[0] + 40, at[1] + 10)
    until(page, "root.stage.isTurning")
    assert state(page, NODES) == [31, 31, False]
    assert state(page, "plot.querySelector('canvas').width") == pytest.approx(canvas / 2, abs=1)
    assert state(page, f"[{SURFACE}.data.z[0][0], {SURFACE}.data.z.at(-1).at(-1)]") == heights
    until(page, "window.rest && !root.stage.dragging")
    rest()  # the viewer holds the button and does not move
    assert state(page, COMPLETE)
    page.mouse.move(at[0] + 60, at[1] + 10)
    until(page, "root.stage.isTurning")
    camera = eye(page)
    page.mouse.up()
    assert state(page, NODES) == complete
    assert state(page, "plot.querySelector('canvas').width") == canvas
    until(page, "!root.stage.dragging && !root.stage.placing")
    assert eye(page) == pytest.approx(camera, abs=0.5)


def test_playing_during_a_turn_does_not_complete_the_scene(page, rest):
    page.mouse.move(*(at := middle(page)))
    page.mouse.down()
    page.mouse.move(at[0] + 40, at[1] + 10)
    until(page, "root.stage.isTurning")
    page.keyboard.press("Home")
    page.mouse.move(at[0] + 50, at[1] + 10)
    until(page, "root.dataset.step === '0' && !root.stage.restyling")
    page.mouse.move(at[0] + 60, at[1] + 10)
    until(page, "root.stage.isTurning")
    assert state(page, NODES)[:2] == [31, 31]
    page.mouse.up()
    assert state(page, COMPLETE)
