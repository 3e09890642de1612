"""The stage in a browser: what the viewer did survives, clicks are told from drags, paths play, terms mix."""

import io
import json
import time

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from landscapes import figures
from landscapes.figures.stage import SCRIPT
from landscapes.views.stage.drawing import Drawing
from tests.browser.stage_page import PLOT, choose, runs, show, state, until
from tests.browser.stage_scene import LABELS, landscape, walk
from tests.figures.test_history_figure import run


def eye(page: Page) -> list[float]:
    return state(page, "Object.values(plot.layout.scene.camera.eye)")


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
    until(page, "!root.stage.playing && !root.stage.restyling")
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


OPTIONS = {"plotly": "", "height": "300px", "presenter": False, "pick": False, "mix": False}
OPTIONS |= {"link": "", "transport": False, "steps": 0, "status": "", "filename": "a", "description": "a"}
HOLD = """() => {
    const held = Plotly;
    [globalThis.Plotly, globalThis.landscapesPlotly] = [undefined, new Promise((done) => {
        globalThis.release = () => { globalThis.Plotly = held; done(); };
    })];
}"""


@pytest.mark.parametrize("draw", [figures.surface, figures.contour], ids=["scene", "contour"])
def test_a_sketch_shows_the_picture_until_plotly_has_drawn_it(page, draw):
    paths = {"momentum": walk(0.003, 0.9, 0.0, 2), "sgd": walk(0.006, 0.0, 0.0, 2)}
    figure = Drawing.of(draw(landscape(0.0, 2), paths, labels=LABELS))
    page.evaluate(HOLD)
    page.evaluate(
        CALLS, [SCRIPT, f"{json.dumps({**OPTIONS, 'name': draw.__name__, 'id': 'held'})}\n{figure.text}"]
    )
    page.wait_for_selector("#overtaken .stage-sketch")
    shown = page.locator("#overtaken .stage-picture")
    sketch, words = shown.screenshot(), shown.locator(".stage-labels").inner_text()
    page.evaluate("release()")
    page.wait_for_selector("#overtaken .stage[data-drawn]")
    assert shown.locator(".stage-sketch").count() == 0
    assert words == shown.locator(".stage-labels").inner_text() != ""
    pictures = [
        np.asarray(Image.open(io.BytesIO(each)).convert("RGB"), float) for each in (sketch, shown.screenshot())
    ]
    # 2 to 4 of 255 where every line and letter lies within a pixel of its place; another picture differs by 40.
    assert np.abs(pictures[0] - pictures[1]).mean() < 8
    assert len(np.unique(pictures[0].reshape(-1, 3), axis=0)) > 1000
    page.evaluate("document.querySelector('#overtaken').remove(); ends[0]()")


CALLS = """async ([script, ...messages]) => {
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const { default: show } = await import(address);
    const parentElement = document.createElement("div");
    parentElement.id = "overtaken";
    parentElement.innerHTML = '<div class="stage" style="width: 400px"></div>';
    document.body.append(parentElement);
    const bytes = (text) => new TextEncoder().encode(text);
    const call = (text) => show({ data: bytes(text), parentElement, setStateValue() {}, setTriggerValue() {} });
    globalThis.ends = messages.map(call);
    globalThis.overtaken = parentElement.querySelector(".stage");
}"""


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "late"])
def test_end_of_an_overtaken_call_leaves_the_picture_of_the_newer_one(page, order):
    drawings = [Drawing.of(figures.history({"sgd": run(np.linspace(3.0, 1.0, count))})) for count in (3, 5)]
    messages = [
        f"{json.dumps({**OPTIONS, 'name': 'overtaken', 'id': drawing.id})}\n{drawing.text}" for drawing in drawings
    ]
    page.evaluate(CALLS, [SCRIPT, *(messages[i] for i in order)])
    page.evaluate(f"ends[{order.index(0)}]()")  # as Streamlit does with a call during which newer data came
    page.wait_for_selector(f"#overtaken .stage[data-drawn='{drawings[1].id}']")
    assert page.evaluate("!overtaken.stage.drawing && !overtaken.stage.waiting")
    page.evaluate("document.querySelector('#overtaken').remove()")
    page.evaluate(f"ends[{order.index(1)}]()")
    assert page.evaluate("overtaken.stage") is None
