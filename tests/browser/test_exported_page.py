"""An exported page behaves as the app's stage does, from a file and without a network."""

from base64 import b64encode
from typing import Any

import pytest
from playwright.sync_api import Page

from landscapes import figures
from landscapes.exports import EXPORTS, Bundle
from landscapes.figures.stage import WIDGET_SCRIPT, WIDGET_STYLE
from landscapes.figures.stage.snippet import packed_plotly, snippet
from landscapes.recipes.recipe import Recipe
from tests.browser.stage_scene import LABELS, landscape, walks
from tests.browser.test_stage import drag, eye, middle, state, until
from tests.browser.test_stage_view import distance, elevation
from tests.exports.export_data import fits_of
from tests.figures.test_volume_paths import path
from tests.figures.test_volume_picture import volume

pytestmark = pytest.mark.browser

CAPTION = "Himmelblau's function and a bowl; 65 × 65 grid, error ≤ 0.3."


@pytest.fixture(scope="module")
def page(open_page, tmp_path_factory) -> Page:
    surface, paths = landscape(0.0, 2), walks(0.0, 2)
    figure: Any = figures.surface(surface, paths, labels=LABELS)
    details = {"Terms": "1 · himmelblau + 0.5 · bowl"}
    fits = fits_of(["momentum", "adam"], [0, 40, 120])
    bundle = Bundle(figure, CAPTION, Recipe(), surface, paths, details=details, behaviors=fits)
    file = tmp_path_factory.mktemp("exported") / "landscape.html"
    file.write_bytes(EXPORTS["html"].encode(bundle))
    page = open_page(file.as_uri(), width=800, height=400)
    page.wait_for_selector(".stage[data-drawn]")
    return page


@pytest.fixture
def at_home(page):
    page.get_by_role("button", name="Reset view").click()
    until(page, "!root.stage.moved && !root.stage.placing")
    page.evaluate("scrollTo(0, 0)")


@pytest.mark.usefixtures("at_home")
def test_nothing_is_loaded_or_uploaded_and_the_caption_is_shown(page):
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0
    assert not page.locator(".modebar").count()
    assert state(page, "[plot._context.plotlyServerURL, plot._context.showSendToCloud]") == ["", False]
    assert page.get_by_text(CAPTION, exact=True).is_visible()
    assert page.locator(".stage-plot").get_attribute("aria-label").startswith(CAPTION)
    assert not page.locator(".stage-mix").is_visible()


@pytest.mark.usefixtures("at_home")
def test_the_wheel_scrolls_and_zooms_only_with_ctrl(page):
    home, far = eye(page), distance(page)
    page.mouse.move(*middle(page, down=0.4))
    page.mouse.wheel(0, 60)
    page.wait_for_function("scrollY > 20")
    assert eye(page) == pytest.approx(home, abs=1e-6)
    page.evaluate("scrollTo(0, 0)")
    page.mouse.move(*middle(page, down=0.4))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    until(page, "root.stage.moved && !root.stage.wheeling")
    assert distance(page) < 0.95 * far
    assert page.evaluate("scrollY") == 0


@pytest.mark.usefixtures("at_home")
def test_the_camera_stays_above_the_horizon_and_a_double_click_resets_it(page):
    home = eye(page)
    for _ in range(3):
        drag(page, 0, -150)
    until(page, "root.stage.moved && !root.stage.placing")
    assert 0 < elevation(page) < 0.1
    page.mouse.dblclick(*middle(page))
    until(page, "!root.stage.moved && !root.stage.placing")
    assert eye(page) == pytest.approx(home, abs=1e-6)


@pytest.mark.usefixtures("at_home")
def test_the_paths_play(page):
    page.get_by_label("To the first step").click()
    until(page, "root.dataset.step === '0' && !root.stage.restyling")
    points = "plot.data.find((t) => t.meta?.role === 'path' && t.name === 'adam').x.length"
    first = state(page, points)
    page.get_by_label("Play", exact=True).click()
    until(page, f"Number(root.dataset.step) > 20 && {points} > {first} + 10")
    page.get_by_label("Pause", exact=True).click()


@pytest.mark.usefixtures("at_home")
def test_what_the_model_does_follows_the_step(page):
    pen = "document.querySelector('.behavior canvas').getContext('2d')"
    canvas = f"Array.from({pen}.getImageData(30, 10, 120, 100).data)"
    assert page.locator(".behavior").is_visible()
    slider = page.locator(".stage-transport input")
    shown = {}
    for step in (0, 40, 120):
        slider.fill(str(step))
        page.wait_for_function(f"document.querySelector('.behavior').dataset.step === '{step}'")
        shown[step] = page.evaluate(canvas)
    assert shown[0] != shown[40] != shown[120]
    assert page.locator(".behavior-words").inner_text().endswith("the points are 2 training examples.")


# A model as notebooks give to a widget, with what it was sent. It answers the request for plotly.js.
MODEL = """async ([script, style, state, packed]) => {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: { render } } = await import(address);
  const listeners = {}, sent = (globalThis.sent = []);
  const emit = (name, ...values) => (listeners[name] ?? []).forEach((f) => f(...values));
  const model = (globalThis.model = {
    emit,
    get: (name) => state[name], save_changes: () => sent.push(`step ${state.step}`),
    set: (name, value) => { state[name] = value; emit(`change:${name}`); },
    on: (name, f) => (listeners[name] ??= []).push(f),
    off: (name, f) => (listeners[name] = listeners[name].filter((each) => each !== f)),
    send: (content) => {
      sent.push(content);
      const bytes = () => Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
      if (content.type === "plotly") emit("msg:custom", content, [bytes()]);
    },
  });
  document.body.innerHTML = `<style>${style}</style><div></div>`;
  delete globalThis.Plotly;
  globalThis.leave = await render({ model, el: document.body.lastChild });
}"""


def test_widget_plays_turns_and_reports_clicks_and_steps(page):
    surface, paths = landscape(0.0, 2), walks(0.0, 2)
    state = figures.widget(surface, paths=paths, labels=LABELS, height=360).get_state()
    state = {name: state[name] for name in ("_figure", "_options", "step")} | {"step": 40}
    page.evaluate(MODEL, [WIDGET_SCRIPT, WIDGET_STYLE, state, b64encode(packed_plotly()).decode()])
    page.wait_for_selector(".landscapes-widget .stage[data-drawn]")
    assert page.evaluate("sent[0].type") == "plotly"
    until(page, "root.dataset.step === '40'")
    page.evaluate("model.set('step', 11)")  # an echo of what was sent
    page.evaluate("model.emit('msg:custom', { type: 'seek', step: 25 }, [])")
    until(page, "root.dataset.step === '25' && !root.stage.restyling")
    page.get_by_label("One step on").click()
    until(page, "sent.includes('step 26') && !root.stage.restyling")
    page.mouse.click(*middle(page))
    until(page, "sent.some((each) => each.type === 'click' && each.coordinates.length === 2)")
    drag(page, 60, 0)
    until(page, "root.stage.moved")
    page.evaluate("leave()")
    assert not page.locator(".stage").count()


def test_snippet_works_twice_in_a_page_with_styles_of_its_own(page):
    figure = figures.contour(landscape(0.0, 2), walks(0.0, 2), labels=LABELS)
    text = snippet(figure, title="Himmelblau's function", caption=CAPTION, height=360)
    rude = "<style>.stage, button, svg { display: none !important }</style>"
    page.evaluate(
        "(text) => document.body.replaceChildren(document.createRange().createContextualFragment(text))",
        rude + text + text,
    )
    for index in range(2):
        frame = page.frame_locator(".landscapes iframe").nth(index)
        frame.locator(".stage[data-drawn]").wait_for()
        frame.get_by_label("Play", exact=True).click()
        frame.locator(".stage:not([data-step='0'])").wait_for()
    assert page.get_by_text(CAPTION, exact=True).count() == 2


# The page of a file has no Share button; the stage is given one, with no room for a code.
SHARED_LINK = """(root.stage.receive({ ...root.stage.options, share: { notes: [], longest: 0 } }, ''),
    root.querySelector('[data-share]').click(), root.querySelector('.stage-share input').value)"""
OPEN_LINK = """link => {
    const { stage } = document.querySelector('.stage'), view = new URL(link).searchParams.get('stage');
    stage.receive({ ...stage.options, view }, document.querySelector('#figure').textContent.split('\\n')[1]);
}"""

# As on a page whose layout changes: the picture comes to a new stage, and a newer one follows.
REMOUNT = """async () => {
    const { stage } = document.querySelector('.stage');
    const text = document.querySelector('#figure').textContent.split('\\n')[1];
    const drawn = [], pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
    new MutationObserver(() => drawn.push(stage.root.dataset.drawn)).observe(stage.root, { attributes: true });
    Object.assign(stage, { bound: false, id: null });
    stage.receive(stage.options, text);
    await pause(50);
    stage.receive({ ...stage.options, id: 'newer' }, text);
    while (stage.root.dataset.drawn !== 'newer') await pause(20);
    return [...new Set(drawn)];
}"""


def test_slice_of_volume_moves_between_nodes_without_a_network(open_page, tmp_path):
    """A surface of equal loss ends at the slice; an arrow key moves the slice by one node and not the path."""
    surface = volume((9, 9, 5))
    bundle = Bundle(figures.volume(surface, {"adam": path()}), CAPTION, None, surface)
    (tmp_path / "volume.html").write_bytes(EXPORTS["html"].encode(bundle))
    page = open_page((tmp_path / "volume.html").as_uri(), width=500, height=400)
    page.wait_for_selector(".stage[data-drawn]")
    heights = "[...root.stage.plot._fullData.find((t) => t.type === 'surface').z[7]]"
    triangles = "root.stage.plot._fullData.filter((t) => t.type === 'mesh3d').map((t) => t.i.length)"
    counts = []
    for key, node in (("ArrowRight", 3), ("ArrowLeft", 2), ("Home", 0)):
        page.locator(".stage-slice input").press(key)
        until(page, f"root.dataset.slice === '{node}' && !root.stage.slicing")
        assert set(state(page, heights)) == {surface.axes[2][node]}
        counts.append(state(page, triangles))
    assert counts[0] > counts[1] > counts[2]
    assert set(counts[2]) == {1}  # without an area
    assert state(page, "root.stage.step") == 4
    link = state(page, SHARED_LINK)
    page.locator(".stage-slice input").press("End")
    until(page, "root.dataset.slice === '4' && !root.stage.slicing")
    page.evaluate(OPEN_LINK, link)
    until(page, "root.dataset.slice === '0' && !root.stage.slicing")
    until(page, "!root.stage.drawing")
    page.evaluate("root => (root.dataset.drawn = '')", page.query_selector(".stage"))
    assert page.evaluate(REMOUNT) in (["newer"], ["", "newer"])
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0
