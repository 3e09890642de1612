"""What a page is to those who read it from afar, hear it, or have no mouse."""

import time
from itertools import pairwise

import pytest
from playwright.sync_api import Page, TimeoutError

pytestmark = pytest.mark.browser

CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3
CONTROLS = {"button", "link", "checkbox", "radio", "slider", "textbox", "combobox", "spinbutton", "switch", "tab"}
FUNCTION = "objective=himmelblau&optimizers=adam&steps=20"
NETWORK = "data=iris&model=softmax&optimizers=sgd&optimizers=adam&steps=5&tolerance=0.2&eigenvalues=1"
PAGES = {
    "function": f"/?{FUNCTION}",
    "lesson": "/?lesson=ravine",
    "home": "/",
    "spectrum": f"/curvature?{FUNCTION}",
    "edge": f"/curvature?{FUNCTION}&section=edge",
    "matrix": f"/curvature?{NETWORK}&section=matrix",
    "conflict": f"/compare?{NETWORK}&section=conflict",
}
# What a page still waits for, empty when it is finished. A component is an empty element for some frames before
# its stage is there.
UNFINISHED = """() => {
    const state = document.querySelector('.stApp').dataset.testScriptState;
    const mounting = '[data-testid=stSkeleton], [data-testid=stBidiComponentRegular]:empty';
    const busy = `[data-stale=true], .progress, .stConnectionStatus, .stage:not([data-drawn]), ${mounting}`;
    const moving = document.getAnimations().filter((each) => each.playState === 'running');
    return [
        ...(state === 'notRunning' ? [] : [state]),
        ...[...document.querySelectorAll(busy)].map((node) => node.outerHTML.slice(0, 300)),
        ...moving.map((each) => each.effect?.target?.outerHTML.slice(0, 300)),
    ];
}"""
# Texts whose color, with all opacities, has too little contrast to what is painted under them.
FAINT = """(least) => {
    const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = color;
        pen.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], under) => [r, g, b].map((value, i) => value * a + under[i] * (1 - a));
    const channel = (value) => (value <= 10 ? value / 3294 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const chain = (node) => (node ? [...chain(node.parentElement), node] : []);
    const found = [];
    for (const node of document.querySelectorAll('.stApp *')) {
        const words = [...node.childNodes].filter((child) => child.nodeType === 3).map((child) => child.data);
        const text = words.join('').trim();
        const style = getComputedStyle(node), box = node.getBoundingClientRect();
        const seen = box.width > 1 && node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        const icon = style.fontFamily.includes('Material');
        const off = node.closest('[disabled], [aria-disabled=true], script, style, .katex-mathml, .unseen');
        if (!text || !seen || icon || off) continue;
        // The words on a picture have a shadow of their own, and the bars behind curves none.
        if (node.closest('svg') && style.textShadow !== 'none') continue;
        const paint = (below, each) => over(rgba(getComputedStyle(each).backgroundColor), below);
        const under = chain(node).reduce(paint, [255, 255, 255]);
        const [r, g, b, a] = rgba(node instanceof SVGElement ? style.fill : style.color);
        const opacity = chain(node).reduce((product, each) => product * getComputedStyle(each).opacity, a);
        const [dark, light] = [luminance(over([r, g, b, opacity], under)), luminance(under)].sort((x, y) => x - y);
        const contrast = (light + 0.05) / (dark + 0.05);
        if (contrast < least) found.push([contrast.toFixed(2), style.fontSize, text.slice(0, 60)]);
    }
    return found;
}"""


# Whether the page has been finished for 20 frames: it may look finished between two messages of the server.
FINISHED = f"() => (window.quiet = ({UNFINISHED})().length ? 0 : (window.quiet ?? 0) + 1) >= 20"


def finish(page: Page) -> None:
    start = time.monotonic()
    page.evaluate("window.quiet = 0")
    try:
        page.wait_for_function(FINISHED)
    except TimeoutError:
        words = page.locator(".stApp").inner_text()
        pytest.fail(f"after {time.monotonic() - start:.0f} s: {page.evaluate(UNFINISHED)}\n{words}")


@pytest.fixture(scope="module")
def blank(open_page) -> Page:
    return open_page("about:blank")


@pytest.fixture(scope="module", params=PAGES)
def page(request, blank, app_url) -> Page:
    blank.goto(app_url + PAGES[request.param])
    blank.wait_for_selector("h1", state="attached")
    blank.wait_for_selector(".stage[data-drawn]")
    finish(blank)
    return blank


def test_every_text_stands_out_from_its_ground_in_both_themes(page):
    assert page.evaluate(FAINT, CONTRAST) == []
    drawn = "document.querySelector('.stage').dataset.drawn"
    light = page.evaluate(drawn)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb(15, 18, 22)'"
    )
    page.keyboard.press("r")  # Streamlit runs the script again, which draws the figures of this theme
    page.wait_for_function(f"(light) => {drawn} !== light", arg=light)
    finish(page)
    assert page.evaluate(FAINT, CONTRAST) == []
    page.emulate_media(color_scheme="light")


def tree(page: Page) -> list[dict[str, str]]:
    """What a screen reader finds on the page."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [
        {"role": node["role"]["value"], "name": node.get("name", {}).get("value", "").strip()}
        for node in nodes
        if not node["ignored"]
    ]


def test_controls_have_names_headings_an_order_and_pictures_words_of_their_own(page):
    nodes = tree(page)
    controls = [node for node in nodes if node["role"] in CONTROLS]
    assert controls
    assert [node["role"] for node in controls if not node["name"]] == []
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((h) => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    drawn = page.locator(".stage[data-drawn]").count()
    words = [element.get_attribute("aria-label") or "" for element in page.locator(".stage-plot").all()]
    assert len(words) >= drawn
    assert len(set(words)) == len(words)
    assert all(len(text) > 20 for text in words)
