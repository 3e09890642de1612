"""Nothing on a stage covers anything else or is cut, and the picture fills it, on every screen."""

import io
from collections.abc import Callable
from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from landscapes import figures
from landscapes.figures.stage import SCRIPT
from tests.figures.test_eigenvalues_figure import spectrum
from tests.figures.test_history_figure import run

pytestmark = pytest.mark.browser

SCREENS = [(1024, 768), (1440, 900), (1920, 1080), (390, 844)]
FILLED = 0.6  # of the stage's smaller side
SATURATED = 45  # difference of color channels from which a pixel belongs to a surface or a path
MAX_SCREENSHOTS = 50  # a tenth of a second apart or more
HIDDEN = """.stage-titles, .stage-labels, .stage-scale, .stage-plot .infolayer, [data-testid=stSidebar],
    [data-testid=stSidebar] *"""
SETTLED = """() => {
    const stages = [...document.querySelectorAll('.stage')].map((root) => root.stage);
    return stages.length && stages.every((stage) => stage?.bound && !stage.drawing && !stage.placing
        && stage.size === `${stage.plot.offsetWidth} ${stage.plot.offsetHeight}`
        && stage.plot._fullLayout.width === stage.plot.offsetWidth);
}"""
# All texts and controls of a stage, by what they are, as [left, top, right, bottom].
BOXES = """(root) => {
    const found = {}, kinds = {
        legend: '.stage-legend li', tools: '.stage-tools button', notes: '.stage-notes li', bar: '.stage-bar',
        'x title': '.xtitle', 'y title': '.ytitle', 'x ticks': '.xtick text', 'y ticks': '.ytick text',
        'color bar': '.cbfills', 'color bar title': '.cbtitle text',
        'color bar ticks': '.colorbar .cbaxis text', axes: '.nsewdrag',
    };
    for (const [kind, selector] of Object.entries(kinds)) {
        const boxes = [...root.querySelectorAll(selector)].map((node) => node.getBoundingClientRect());
        found[kind] = boxes.filter(({ width }) => width > 0).map((b) => [b.left, b.top, b.right, b.bottom]);
    }
    return found;
}"""
LABELS = """(root) => [...root.querySelectorAll('.stage-labels div')].map((node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    return [left, top, right, bottom];
})"""
# Hides every trace of another role; the function that it returns shows them again.
HIDE_OTHERS = """async (only) => {
    const { plot, figure } = document.querySelector('.stage').stage;
    const others = figure.data.flatMap((trace, i) => (trace.meta.role === only ? [] : [i]));
    const before = others.map((i) => plot.data[i].opacity ?? null);
    await Plotly.restyle(plot, { opacity: 0 }, others);
    return () => Plotly.restyle(plot, { opacity: before }, others).then(() => undefined);
}"""
# The pixels that the first labels of both axes of a contour plot share where a tick is in the corner.
CORNER = """async (root) => {
    const { stage } = root, { plot } = stage, { xaxis, yaxis } = plot._fullLayout;
    const before = { 'xaxis.range': [...xaxis.range], 'yaxis.range': [...yaxis.range] };
    stage.placing = 1; // not a change by the viewer
    await Plotly.relayout(plot, { 'xaxis.range': [-4, 4], 'yaxis.range': [-4, 4] });
    const boxes = (name) => [...root.querySelectorAll(name)].map((node) => node.getBoundingClientRect());
    const along = (a, b, low, high) => Math.min(a[high], b[high]) - Math.max(a[low], b[low]);
    const shared = (a, b) => Math.min(along(a, b, 'left', 'right'), along(a, b, 'top', 'bottom'));
    const [x, y] = [boxes('.xtick text'), boxes('.ytick text')];
    await Plotly.relayout(plot, before);
    stage.placing = 0;
    return Math.max(...x.flatMap((a) => y.map((b) => shared(a, b))));
}"""
# The corners of a scene's titles on the page.
TITLES = """(root) => [...root.querySelectorAll('.stage-titles div')].map((node) => {
    const { left, top } = node.parentElement.getBoundingClientRect();
    const w = node.offsetWidth / 2, h = node.offsetHeight / 2;
    const turn = new DOMMatrix(getComputedStyle(node).transform);
    return [[-w, -h], [w, -h], [w, h], [-w, h]].map(([x, y]) => {
        const at = turn.transformPoint(new DOMPoint(x, y));
        return [left + w + at.x, top + h + at.y];
    });
})"""


@pytest.fixture(scope="module")
def page(open_page, demo_url) -> Page:
    page = open_page(demo_url, scale=1)
    page.wait_for_selector(".stage[data-drawn]")
    return page


# Draws a figure of curves in a box of one size and then of another, and finds the boxes of its ticks and titles.
PANELS = """async ([script, text, sizes]) => {
    const lib = new Function(script + '; return { keepPanels, arrange }')();
    const root = document.body.appendChild(document.createElement('div'));
    const plot = root.appendChild(document.createElement('div'));
    const stage = { root, plot, figure: JSON.parse(text), options: {}, ink: 'rgba(0,0,0,', words: {} };
    stage.figure.layout.showlegend = false;
    lib.keepPanels(stage);
    for (const [width, height] of sizes) {
        Object.assign(plot.style, { width: `${width}px`, height: `${height}px` });
        lib.arrange(stage);
        await Plotly.react(plot, stage.figure.data, stage.figure.layout);
        stage.bound = true;
    }
    const { left, top } = plot.getBoundingClientRect();
    const boxes = (selector) => [...plot.querySelectorAll(selector)].map((node) => {
        const box = node.getBoundingClientRect();
        return [box.left - left, box.top - top, box.right - left, box.bottom - top];
    });
    const ticks = ['.xtick text', '.ytick text', '.y2tick text'].map(boxes);
    const found = { ticks, titles: boxes('.annotation text') };
    root.remove();
    return found;
}"""


TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def wait_until_settled(page: Page) -> None:
    page.evaluate(TWO_FRAMES)
    page.wait_for_function(SETTLED)


def choose(page: Page, name: str) -> None:
    count = page.get_by_text("runs ").inner_text().split(" pick")[0]
    page.get_by_text(name, exact=True).click()
    page.wait_for_function(f"!document.body.innerText.includes('{count} pick')")
    page.wait_for_function(SETTLED)


@pytest.fixture(scope="module", params=["alone", "in a pair", "presented"])
def mode(page, request):
    switch = {"in a pair": "twin", "presented": "presenter"}.get(request.param)
    if switch:
        choose(page, switch)
    yield request.param
    page.set_viewport_size({"width": 1440, "height": 900})
    if switch:
        choose(page, switch)


@pytest.fixture(scope="module", params=["contour", "line", "3-D"])
def kind(page, mode, request):
    shown = {"3-D": "surface"}.get(request.param, request.param)
    if page.evaluate("document.querySelector('.stage').stage.figure.layout.meta.kind") != shown:
        choose(page, request.param)
    return request.param


def photograph(page: Page, box: dict[str, float], only: str = "") -> np.ndarray:
    """The first stage's scene without its titles and labels, or one role of its traces alone."""
    clip: Any = {name: round(value) for name, value in box.items()}
    style = page.add_style_tag(content=f"{HIDDEN} {{ visibility: hidden !important }}")
    image = whole = _screenshot(page, clip)
    if only:
        restore = page.evaluate_handle(HIDE_OTHERS, only)
        image = _wait_for_screenshot(page, clip, lambda shown: not np.array_equal(shown, whole))
        restore.evaluate("(restore) => restore()")
        _wait_for_screenshot(page, clip, lambda shown: np.array_equal(shown, whole))
    style.evaluate("(node) => node.remove()")
    return image.astype(int)


def _wait_for_screenshot(page: Page, clip: Any, arrived: Callable[[np.ndarray], bool]) -> np.ndarray:
    """On a busy machine the browser shows a scene some frames after it was drawn."""
    for _ in range(MAX_SCREENSHOTS):
        image = _screenshot(page, clip)
        if arrived(image):
            return image
        page.wait_for_timeout(100)
    raise AssertionError("The browser did not show the change of the scene.")


def _screenshot(page: Page, clip: Any) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip, full_page=True))).convert("RGB"))


def overlap(a: list[float], b: list[float]) -> float:
    """Pixels of the smaller side of what two boxes share."""
    return min(min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1]))


@pytest.mark.parametrize("size", [(161, 270), (300, 190)], ids=str)
def test_small_curves_and_bars_break_titles_and_space_ticks(page, size):
    runs, lines = {"adam": run(np.geomspace(5e3, 1e-9, 99))}, {"every example at its class's axis": 2.0}
    curves = figures.history(runs, value="training −ELBO, nats per example", references=lines)
    values = [-1e-4, 1e-5, 2e-3, 0.1, 3.0, 40.0]
    bars = figures.eigenvalues(spectrum(values, [1e-7] * 6, 10_000, 2), scale="symlog")
    for figure, titles in ((curves, slice(-2, None)), (bars, slice(1))):
        result = page.evaluate(
            PANELS, [SCRIPT.replace("export default ", ""), figure.to_json(), [(600, 400), size]]
        )
        assert all(len(boxes) > 1 for boxes in result["ticks"] if boxes)
        for boxes in [*result["ticks"], [*result["titles"][titles], *result["ticks"][1], *result["ticks"][2]]]:
            assert max((overlap(a, b) for a, b in combinations(boxes, 2)), default=0) <= 2
        texts = np.array([*result["titles"], *chain.from_iterable(result["ticks"])])
        assert texts.min() >= -1
        assert np.all(texts[:, 2:] <= np.add(size, 1))


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_nothing_overlaps_or_is_cut_and_the_picture_fills_its_stage(page, mode, kind, screen):
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    wait_until_settled(page)
    roots = page.locator(".stage").all()
    assert len(roots) == (2 if mode == "in a pair" else 1)
    stage = roots[0].bounding_box()
    canvas = roots[0].locator(".stage-canvas").bounding_box()
    assert stage
    assert canvas
    boxes = roots[0].evaluate(BOXES)
    assert boxes["legend"]
    assert boxes["notes"] or kind == "line"
    left, top, right, bottom = stage["x"], stage["y"], stage["x"] + stage["width"], stage["y"] + stage["height"]
    for name, result in boxes.items():
        for box in result:
            assert box[0] >= left - 1, name
            assert box[1] >= top - 1, name
            assert box[2] <= right + 1, name
            assert box[3] <= bottom + 1, name
    for (first, some), (second, others) in combinations(boxes.items(), 2):
        shared = [overlap(a, b) for a in some for b in others]
        assert max(shared, default=0) <= 2, (first, second)
    side = min("width", "height", key=lambda name: stage[name])
    if kind == "3-D":
        check_scene(page, roots[0], canvas, side, stage[side])
    else:
        ((x0, y0, x1, y1),) = boxes["axes"]
        assert (x1 - x0 if side == "width" else y1 - y0) >= FILLED * stage[side]
        for name in ("x title", "y title", "x ticks", "y ticks"):
            assert boxes[name], name
    if kind == "contour":
        assert boxes["color bar ticks"]
        assert boxes["color bar title"]
        assert roots[0].evaluate(CORNER) <= 2


def check_labels(root, canvas: dict[str, float], titles: np.ndarray) -> None:
    """Every path has a label, which is not cut and covers neither another label nor a title."""
    boxes = np.array(root.evaluate(LABELS)) - [canvas["x"], canvas["y"]] * 2
    assert len(boxes) == 4
    assert boxes.min() >= 0
    assert np.all(boxes[:, 2:] <= [canvas["width"], canvas["height"]])
    assert max(overlap(a, b) for a, b in combinations(boxes.tolist(), 2)) <= 1
    for left, top, right, bottom in boxes:
        x, y = np.meshgrid(np.linspace(left, right, 40), np.linspace(top, bottom, 10))
        assert not any(within(corners, x, y).any() for corners in titles)


def within(corners: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Whether points are inside a convex polygon, whose corners are in clockwise order on the screen."""
    inside = np.ones(x.shape, bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        inside &= (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0
    return inside


def check_scene(page: Page, root, canvas: dict[str, float], side: str, room: float) -> None:
    titles = np.array(root.evaluate(TITLES)) - [canvas["x"], canvas["y"]]
    assert len(titles) == 3
    assert titles.min() >= 0
    assert np.all(titles <= [canvas["width"], canvas["height"]])
    picture = photograph(page, canvas)
    paper = picture[0, 0]
    drawn = np.abs(picture - paper).max(axis=2) > 12
    edge = np.concatenate([drawn[:2].ravel(), drawn[-2:].ravel(), drawn[:, :2].ravel(), drawn[:, -2:].ravel()])
    assert not edge.any(), "something is cut"
    check_labels(root, canvas, titles)
    colored = np.ptp(picture, axis=2) > SATURATED
    single = np.ptp(photograph(page, canvas, only="surface"), axis=2) > SATURATED
    assert np.ptp(np.flatnonzero(single.any(axis=0 if side == "width" else 1))) >= FILLED * room
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    for corners in titles:
        inside = within(corners, x, y)
        assert inside.any()
        assert not (colored & inside).any(), "a title lies over the surface"
        assert (np.abs(picture - paper).max(axis=2) > 100)[inside].mean() < 0.01, "a title lies over ticks"
