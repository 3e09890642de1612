"""The stage in a browser: what the viewer did survives, clicks are told from drags, paths play, terms mix."""

import io
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from landscapes import figures
from tests.browser.stage_scene import landscape

pytestmark = pytest.mark.browser

PLOT = "document.querySelector('.stage').stage.plot"


def state(page: Page, expression: str):
    """A JavaScript expression in terms of `root` and `plot`, the first stage's."""
    script = f"(() => {{ const root = document.querySelector('.stage'), plot = {PLOT}; return {expression} }})()"
    return page.evaluate(script)


def until(page: Page, expression: str) -> None:
    page.wait_for_function(
        f"(() => {{ const root = document.querySelector('.stage'), plot = {PLOT}; return {expression} }})()"
    )


def runs(page: Page) -> str:
    return page.get_by_text("runs ").inner_text()


def eye(page: Page) -> list[float]:
    return state(page, "Object.values(plot.layout.scene.camera.eye)")


def choose(page: Page, name: str) -> None:
    """Clicks on a control of the page, and waits for the end of the run that this causes."""
    count = runs(page).split(" pick")[0]
    page.get_by_text(name, exact=True).click()
    page.wait_for_function(f"!document.body.innerText.includes('{count} pick')")


def show(page: Page, name: str) -> None:
    """Chooses 3-D, contour or line, and waits for the picture."""
    kind = {"3-D": "surface"}.get(name, name)
    if state(page, "plot.layout.meta.kind") != kind:
        choose(page, name)
        until(page, f"plot.layout.meta.kind === '{kind}' && !root.stage.drawing")


def middle(page: Page, right: float = 0.5, down: float = 0.62) -> tuple[float, float]:
    box = page.locator(".stage-plot").first.bounding_box()
    assert box
    return box["x"] + right * box["width"], box["y"] + down * box["height"]


def drag(page: Page, dx: float, dy: float) -> None:
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(1, 6):
        page.mouse.move(x + dx * i / 5, y + dy * i / 5)
        time.sleep(0.1)  # gl3d follows the pointer frame by frame
    page.mouse.up()
    time.sleep(0.3)


def colors(page: Page) -> int:
    picture = Image.open(io.BytesIO(page.locator(".stage-picture").first.screenshot())).convert("RGB")
    return len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0))


def download(page: Page, button: str) -> bytes:
    page.mouse.move(*middle(page))
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).first.click()
    return waiting.value.path().read_bytes()


@pytest.fixture(scope="module")
def page(open_page, demo_url) -> Page:
    page = open_page(demo_url, width=1000, height=700)
    page.wait_for_selector(".stage[data-drawn]")
    return page


def test_the_surface_is_not_blank(page):
    assert colors(page) > 3000


def test_a_click_picks_and_turning_the_scene_does_not(page):
    x, y = middle(page)
    page.mouse.move(x, y)
    time.sleep(0.5)
    page.mouse.click(x, y, delay=80)
    page.get_by_text("pick (").wait_for()
    text = runs(page)
    picked = [float(number) for number in text.split("(")[1].split(")")[0].split(",")]
    assert len(picked) == 2
    assert all(-5 <= c <= 5 for c in picked)
    before = eye(page)
    drag(page, 120, 20)
    until(page, f"plot.layout.scene.camera.eye.x !== {before[0]}")
    time.sleep(1)
    assert runs(page) == text


def test_camera_and_hidden_paths_survive_new_data_and_other_kinds_of_picture(page):
    show(page, "3-D")
    drag(page, 80, 10)
    turned = eye(page)
    page.locator(".stage-legend button", has_text="momentum").first.click()
    until(page, "plot.data.some((trace) => trace.visible === 'legendonly')")
    drawn = state(page, "root.dataset.drawn")
    choose(page, "1.5")
    until(page, f"root.dataset.drawn !== '{drawn}'")
    assert eye(page) == pytest.approx(turned)
    hidden = "plot.data.filter((t) => t.legendgroup === 'momentum').every((t) => t.visible === 'legendonly')"
    assert state(page, hidden)
    show(page, "contour")
    assert state(page, hidden)
    show(page, "3-D")
    assert eye(page) == pytest.approx(turned)
    page.locator(".stage-legend button", has_text="momentum").first.click()


def test_a_click_on_a_contour_or_a_line_is_a_point_in_data_units(page):
    show(page, "contour")
    length = state(page, "plot._fullLayout.xaxis._length")
    box = state(
        page,
        "(() => { const b = plot.getBoundingClientRect(), l = plot._fullLayout;"
        "return [b.left + l.xaxis._offset, b.top + l.yaxis._offset, l.yaxis._length] })()",
    )
    page.mouse.click(box[0] + 0.7 * length, box[1] + 0.4 * box[2])
    page.get_by_text("pick (").wait_for()
    x, y = (float(number) for number in runs(page).split("(")[1].split(")")[0].split(","))
    assert (x, y) == pytest.approx((2.0, 1.0), abs=0.05)
    show(page, "line")
    length, left, top = state(
        page,
        "(() => { const b = plot.getBoundingClientRect(), l = plot._fullLayout;"
        "return [l.xaxis._length, b.left + l.xaxis._offset, b.top + l.yaxis._offset] })()",
    )
    page.mouse.click(left + 0.25 * length, top + 50)
    page.get_by_text("pick (-2.5").wait_for()
    show(page, "3-D")


def test_the_legend_of_a_contour_stands_right_above_it_where_there_is_room_for_more(page):
    show(page, "contour")
    page.set_viewport_size({"width": 400, "height": 900})
    picture = "root.querySelector('.stage-picture').style.height"
    state(page, f"{picture} = '700px'")  # on a page a picture is hardly taller than wide
    until(page, "plot._fullLayout.width < 480 && !root.stage.drawing")
    until(page, "plot._fullLayout.yaxis._length < 0.7 * plot._fullLayout.height")
    bottom = "root.querySelector('.stage-legend').getBoundingClientRect().bottom"
    top = "plot.getBoundingClientRect().top + plot._fullLayout.yaxis._offset"
    until(page, f"Math.abs({top} - {bottom}) < 16")
    state(page, f"{picture} = ''")
    page.set_viewport_size({"width": 1000, "height": 700})
    until(page, "plot._fullLayout.width > 480")
    show(page, "3-D")


def test_paths_play_step_and_follow_the_slider_without_the_server(page):
    text = runs(page)
    assert state(page, "root.dataset.step") == "120"
    page.locator(".stage").focus()
    page.keyboard.press("Home")
    until(page, "root.dataset.step === '0' && !root.stage.restyling")
    page.keyboard.press("ArrowRight")
    until(page, "root.dataset.step === '1' && !root.stage.restyling")
    points = "plot.data.find((t) => t.meta?.role === 'path' && t.name === 'sgd').x.length"
    assert 0 < state(page, points) < 20
    page.keyboard.press("Space")
    until(page, "Number(root.dataset.step) > 30")
    page.keyboard.press("Space")
    paused = state(page, "root.dataset.step")
    time.sleep(0.5)
    assert state(page, "root.dataset.step") == paused
    slider = page.get_by_label("Optimizer step")
    slider.fill("60")
    until(page, "root.dataset.step === '60' && !root.stage.restyling")
    assert slider.get_attribute("aria-valuetext") == "step 60 of 120"
    last = "plot.data.find((t) => t.meta?.role === 'path' && t.name === 'sgd').customdata.at(-1)[0]"
    assert state(page, last) == 60
    head = state(page, "plot.data.find((t) => t.meta?.role === 'head' && t.name === 'sgd').customdata[0][0]")
    assert head == 60
    page.keyboard.press("End")
    until(page, "root.dataset.step === '120' && !root.stage.restyling")
    assert runs(page) == text


def test_terms_are_mixed_in_the_browser_and_the_weights_reported_on_release(page):
    show(page, "3-D")
    text, before = runs(page), state(page, "plot.data[0].cmax")
    page.locator(".stage-mix summary").click()
    slider = page.get_by_label("weight of bowl")
    slider.evaluate("(s) => { s.value = 1; s.dispatchEvent(new Event('input', { bubbles: true })) }")
    until(page, "root.dataset.mixed && !root.stage.mixing")
    weights = state(page, "JSON.parse(root.dataset.mixed)")
    assert weights == {"himmelblau": 1, "bowl": 50}
    assert state(page, "plot.data[0].cmax") > before + 500
    on_surface = """(() => {
      const [surface, path] = [plot.data[0], plot.data.find((t) => t.meta?.role === 'path' && t.name === 'sgd')];
      const { range } = plot.layout.scene.zaxis, lift = plot.layout.meta.lift * (range[1] - range[0]);
      const i = Math.round((path.x[0] + 5) * 12), j = Math.round((path.y[0] + 5) * 12);
      return Math.abs(path.z[0] - lift - surface.z[j][i]) / (range[1] - range[0]);
    })()"""
    assert state(page, on_surface) < 0.02
    assert runs(page) == text
    slider.evaluate("(s) => s.dispatchEvent(new Event('change', { bubbles: true }))")
    page.get_by_text("'bowl': 50").wait_for()
    assert state(page, "JSON.parse(root.dataset.mixed).bowl") == 50
    page.locator(".stage-mix summary").click()


def test_a_mix_in_the_browser_is_the_picture_that_the_server_would_draw(page):
    drawn = state(page, "root.dataset.drawn")
    choose(page, "3.0")
    until(page, f"root.dataset.drawn !== '{drawn}'")
    choose(page, "log")
    until(page, "plot.layout.meta.scale === 'log' && !root.stage.mixing && !root.stage.drawing")
    show(page, "contour")
    until(page, "root.dataset.mixed && Array.isArray(plot.data[0].z) && !root.stage.mixing")
    mixed = state(
        page,
        "(({ zmin, zmax, contours, colorbar, z }) => ({ zmin, zmax, size: contours.size, start: contours.start,"
        "note: root.querySelector('.stage-notes').innerText, title: colorbar.title.text, ticks: colorbar.ticktext,"
        "at: Array.from(colorbar.tickvals),"
        "z: z.map((line) => Array.from(line)) }))(plot.data[0])",
    )
    weights = {name: float(w) for name, w in state(page, "JSON.parse(root.dataset.mixed)").items()}
    assert weights["bowl"] == 50
    figure: Any = figures.contour(landscape(3.0, 2).reweighted(weights), scale="log")
    served, factor = figure.data[0], figure.layout.meta["notes"][0]
    assert factor.startswith("error on this log scale: about a factor of 4.08")
    assert factor in mixed["note"]
    np.testing.assert_allclose(mixed["z"], served.z, atol=1e-4)
    numbers = [served.zmin, served.zmax, served.contours.size, served.contours.start]
    assert [mixed[name] for name in ("zmin", "zmax", "size", "start")] == pytest.approx(numbers, rel=1e-3)
    assert mixed["at"] == pytest.approx(list(served.colorbar.tickvals), rel=1e-3)
    assert mixed["title"].replace("<br>", " ") == served.colorbar.title.text
    labels = [float(text.replace("−", "-")) for text in mixed["ticks"]]
    assert labels == pytest.approx([float(text) for text in served.colorbar.ticktext], rel=0.02, abs=1)
    choose(page, "linear")
    show(page, "3-D")


def test_on_a_line_other_weights_move_the_curve_and_hide_the_paths(page):
    show(page, "line")
    page.locator(".stage-mix summary").click()
    slider = page.get_by_label("weight of bowl")
    tracks = "plot.data.filter((t) => t.meta?.steps).map((t) => t.opacity ?? 1)"
    top = "Math.max(...plot.data.find((t) => t.meta?.role === 'surface').y)"
    heights = []
    for value, weight in ((1, 50), (0.5, 0.5)):
        slider.evaluate(
            f"(s) => {{ s.value = {value}; s.dispatchEvent(new Event('input', {{ bubbles: true }})) }}"
        )
        until(page, f"JSON.parse(root.dataset.mixed ?? '{{}}').bowl === {weight} && !root.stage.mixing")
        heights.append(state(page, top))
        assert any(state(page, tracks)) == (weight == 0.5)  # their losses under other weights the server knows
    assert heights[0] > heights[1] + 500
    page.locator(".stage-mix summary").click()
    show(page, "3-D")


def test_an_unchanged_figure_is_not_drawn_again(page):
    page.evaluate(f"{PLOT}.on('plotly_afterplot', () => (window.redrawn = (window.redrawn ?? 0) + 1))")
    choose(page, "again")
    time.sleep(0.5)
    assert page.evaluate("window.redrawn ?? 0") == 0


def test_linked_stages_share_camera_and_step(page):
    page.set_viewport_size({"width": 700, "height": 560})
    choose(page, "twin")
    page.wait_for_selector(".stage[data-drawn] >> nth=1")
    twin = "document.querySelectorAll('.stage')[1]"
    drag(page, 60, 10)
    page.wait_for_function(f"{twin}.stage.plot.layout.scene.camera.eye.x === {PLOT}.layout.scene.camera.eye.x")
    page.locator(".stage").first.focus()
    page.keyboard.press("Home")
    page.wait_for_function(f"{twin}.dataset.step === '0'")


def test_a_dark_page_shows_the_surface_at_once_in_its_own_text_color(open_page, demo_url):
    dark = open_page(demo_url, scheme="dark")
    dark.wait_for_selector(".stage[data-drawn]")
    ink = state(dark, "[plot.layout.template.layout.font.color, getComputedStyle(root).color]")
    channels = [[int(n) for n in text.split("(")[1].rstrip(")").split(",")[:3]] for text in ink]
    assert channels[0] == channels[1]
    assert min(channels[0]) > 180
    assert colors(dark) > 3000
    box = dark.locator(".stage").bounding_box()
    assert box
    assert box["y"] + box["height"] < 900
    assert box["width"] > 1000
    bitmap, vector = download(dark, "Save as PNG"), download(dark, "Save as SVG")
    assert vector.startswith(b"<svg")
    saved = np.asarray(Image.open(io.BytesIO(bitmap)).convert("RGB"))
    assert saved.shape[1] > 2 * box["width"]
    assert saved[0, 0].tolist() == [255, 255, 255]  # pictures leave the page on white paper
    before = eye(dark)
    dark.set_viewport_size({"width": 700, "height": 900})  # nobody has turned it: it steps back to fit
    until(dark, f"plot.layout.scene.camera.eye.x > {1.1 * before[0]}")
