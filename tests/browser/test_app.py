"""The program as the lecturer meets it: first page, click, play, another objective, another view, downloads."""

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from landscapes.objectives import OBJECTIVES
from landscapes.recipes import catalog
from tests.browser import test_stage_layout as layout
from tests.browser.test_stage_layout import wait_until_settled
from tests.small_recipes import opening

pytestmark = pytest.mark.browser

SMALL = "?data=iris&model=mlp&mlp.width=4&mlp.depth=1&steps=40&eigenvalues=1&tolerance=0.1"
STAGE = ".st-key-stage-picture .stage"
# Surfaces of three families, seen from three sides; tests/views opens the others.
OPENED = ("expected-return", "cross-entropy", "ridge")
MARKER = 18  # pixels across that a path's end is no wider than

EVERY_VALUE_OF_A_NUMBER = """() => {
    const shown = window.shown = {};
    const look = () => {
        for (const input of document.querySelectorAll('[data-testid=stNumberInput] input')) {
            const key = input.closest('[class*=st-key-]').className.match(/st-key-\\S+/)[0];
            (shown[key] ??= []).includes(input.value) || shown[key].push(input.value);
        }
        requestAnimationFrame(look);
    };
    look();
}"""


def complete(page: Page) -> None:
    """The picture is on the stage, nothing is being computed, and the page has said the last of it."""
    page.wait_for_selector(f"{STAGE}[data-drawn]")
    wait_until_computed(page)
    page.wait_for_selector("text=/onvex at the/")


def wait_until_computed(page: Page) -> None:
    """No newer picture will come."""
    page.wait_for_function(
        "() => !document.querySelector('.progress') "
        "&& document.querySelector('.stApp').dataset.testScriptState === 'notRunning'"
    )


def photograph(page: Page) -> np.ndarray:
    """The colors that the stage has on the page, a row for each."""
    box = page.evaluate(
        "(({ x, y, width, height }) => ({ x, y, width, height }))"
        f"(document.querySelector('{STAGE}').getBoundingClientRect())"
    )
    picture = Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")
    return np.unique(np.asarray(picture).reshape(-1, 3), axis=0)


def drawn(page: Page, expression: str):
    """A JavaScript expression in terms of `plot`, the figure on the stage."""
    return page.evaluate(
        f"(() => {{ const plot = document.querySelector('{STAGE}').stage.plot; return {expression} }})()"
    )


def until_drawn(page: Page, expression: str) -> None:
    page.wait_for_function(
        f"(() => {{ const plot = document.querySelector('{STAGE}').stage.plot; return {expression} }})()"
    )


def choose(page: Page, name: str) -> None:
    page.locator(".st-key-toolbar").get_by_text(name, exact=True).click()


@pytest.mark.parametrize("path", ["/", "/explore"])
def test_a_picture_opens_with_and_without_its_page_in_the_address(open_page, app_url, path):
    page = open_page(f"{app_url}{path}{SMALL}&optimizers=sgd&optimizers=adam&transformer.layers=2")
    page.wait_for_selector("text=Transformer.layers was ignored, because transformer is not chosen")
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert page.evaluate("location.pathname") == "/explore"
    kept = page.evaluate("location.search").removeprefix("?").split("&")
    assert {"mlp.width=4", "optimizers=sgd", "optimizers=adam"} <= {*kept}
    page.go_back()
    assert page.url == "about:blank"  # the address without the page's name is not in the history


def test_explore_opens_with_a_trained_network(open_page, app_url):
    page = open_page(f"{app_url}/explore", scale=1)
    complete(page)
    assert len(photograph(page)) > 3000
    assert page.get_by_text("Cross-entropy, multilayer perceptron (").count()
    paths = drawn(page, "plot.data.filter(t => t.meta && t.meta.role === 'path').map(t => t.meta.label)")
    assert set(paths) == {"momentum", "adam", "sgd"}
    # The picture, its player and its caption need no scrolling.
    box = page.locator(STAGE).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900


def test_a_click_on_the_surface_restarts_the_optimizers_there(open_page, app_url):
    page = open_page(f"{app_url}/{SMALL}&view=contour")
    complete(page)
    box = page.locator(f"{STAGE} .nsewdrag").first.bounding_box()
    assert box is not None
    x, y = box["x"] + 0.3 * box["width"], box["y"] + 0.7 * box["height"]
    page.mouse.move(x, y)
    page.mouse.click(x, y, delay=80)
    page.wait_for_url("**start=picked**")
    complete(page)
    query = dict(part.split("=") for part in page.url.partition("?")[2].split("&"))
    until_drawn(page, "plot.data.some(t => t.meta && t.meta.role === 'path')")
    low_x, high_x = drawn(page, "plot._fullLayout.xaxis.range")
    low_y, high_y = drawn(page, "plot._fullLayout.yaxis.range")
    picked = float(query["start_x"]), float(query["start_y"])
    assert picked[0] == pytest.approx(low_x + 0.3 * (high_x - low_x), abs=0.02 * (high_x - low_x))
    assert picked[1] == pytest.approx(low_y + 0.3 * (high_y - low_y), abs=0.02 * (high_y - low_y))
    begins = drawn(page, "plot.data.filter(t => t.meta && t.meta.role === 'path').map(t => [t.x[0], t.y[0]])")
    for begin in begins:
        assert begin == pytest.approx(list(picked), abs=1e-4 * (high_x - low_x))


def test_play_objective_and_views(open_page, app_url):
    page = open_page(f"{app_url}/{SMALL}")
    complete(page)
    page.get_by_label("To the first step").first.click()
    page.get_by_label("Play", exact=True).first.click()
    page.wait_for_function(f"() => !/step 0 /.test(document.querySelector('{STAGE}').innerText)")

    before = drawn(page, "Object.values(plot.layout.scene.camera.eye)")
    page.evaluate(
        f"() => {{ const s = document.querySelector('{STAGE}').stage; "
        "return Plotly.relayout(s.plot, {'scene.camera.eye': {x: 0.4, y: 1.9, z: 0.7}}) }"
    )
    choose(page, "Contour")
    until_drawn(page, "plot.layout.meta.kind === 'contour'")
    choose(page, "3-D")
    until_drawn(page, "plot.layout.meta.kind === 'surface'")
    after = drawn(page, "Object.values(plot.layout.scene.camera.eye)")
    assert after == pytest.approx([0.4, 1.9, 0.7], abs=1e-3)
    assert after != pytest.approx(before, abs=1e-3)

    page.locator(".st-key-objective").get_by_role("combobox").click()
    page.get_by_role("option", name="squared", exact=False).first.click()
    page.wait_for_url("**objective=squared-error**")
    page.wait_for_selector("text=/Squared error, multilayer perceptron/")
    complete(page)


def test_a_mix_and_a_setting_go_from_the_picture_to_the_address_and_to_other_pages(open_page, app_url):
    page = open_page(f"{app_url}/{SMALL}")
    complete(page)
    page.locator(STAGE).get_by_text("weights").click()
    # While the slider is dragged the height is named by the weight that is shown.
    slider = page.get_by_label("weight of l2").first
    slider.evaluate("(s) => { s.value = 0.75; s.dispatchEvent(new Event('input', { bubbles: true })) }")
    until_drawn(page, "plot.closest('.stage').dataset.mixed && !plot.closest('.stage').stage.mixing")
    weight = drawn(page, "JSON.parse(plot.closest('.stage').dataset.mixed).l2")
    named = f"training cross-entropy + {weight:g}·L2"
    assert drawn(page, "plot.closest('.stage').stage.words.z") == named
    assert named in drawn(page, "plot.data[0].hovertemplate")
    page.get_by_label("weight of l2").first.fill("0.3")
    page.wait_for_url("**mix.l2=**")
    page.get_by_text("mixed as cross-entropy", exact=False).wait_for()
    page.evaluate(EVERY_VALUE_OF_A_NUMBER)
    page.get_by_role("link", name="Home", exact=True).click()
    page.get_by_role("link", name="Explore", exact=True).click()
    page.wait_for_url("**steps=40**mix.l2=**")
    expect(page.locator(".st-key-steps input")).to_have_value("40")
    page.wait_for_timeout(1000)
    shown = page.evaluate("window.shown")
    assert len(shown) > 3
    assert all(len(values) == 1 for values in shown.values()), shown


@pytest.fixture(scope="module")
def one_page(open_page, app_url) -> Page:
    return open_page(app_url)


@pytest.mark.parametrize("name", OPENED)
def test_a_family_opens_by_its_address_and_its_surface_fills_the_stage(one_page, app_url, name):
    recipe = catalog.complete(opening(name))
    one_page.goto(f"{app_url}/?{urlencode(catalog.to_query(recipe), doseq=True)}")
    one_page.wait_for_selector(f"{STAGE}[data-drawn]")
    model = f"{catalog.in_sentence(catalog.titles(recipe).model)} ("
    one_page.locator("[data-testid=stCaptionContainer]", has_text=model).wait_for()
    one_page.wait_for_selector(".st-key-stage-history .stage[data-drawn]")
    wait_until_computed(one_page)  # a newer picture would show the traces that a photograph hides
    assert not one_page.locator("[data-testid=stAlert]").count()
    for width, height in ((390, 844), (1440, 900)):  # the layout of a stage has more sizes
        one_page.set_viewport_size({"width": width, "height": height})
        wait_until_settled(one_page)
        check_size(one_page)

    # What the curves are compared with stays when the paths are played back.
    curves = "document.querySelector('.st-key-stage-history .stage').stage.plot"
    compared = "shapes ?? []).filter(shape => shape.name !== 'playhead').length"
    before = one_page.evaluate(f"({curves}.layout.{compared}")
    assert before == len(catalog.references(recipe)) or OBJECTIVES[name].players or OBJECTIVES[name].known.optimum
    one_page.locator(STAGE).press("Home")
    one_page.wait_for_function(f"() => {curves}.layout.shapes?.some(shape => shape.name === 'playhead')")
    assert one_page.evaluate(f"({curves}.layout.{compared}") == before


def check_size(page: Page) -> None:
    """The surface fills three fifths of its stage's smaller side, and the ends of paths are small beside it."""
    stage: Any = page.locator(STAGE).bounding_box()
    canvas: Any = page.locator(f"{STAGE} .stage-canvas").bounding_box()
    assert stage
    assert canvas
    side = "height" if stage["height"] < stage["width"] else "width"
    single = np.ptp(layout.photograph(page, canvas, only="surface"), axis=2) > layout.SATURATED
    across = single.any(axis=1 if side == "height" else 0)
    assert np.ptp(np.flatnonzero(across)) / len(across) * canvas[side] >= layout.FILLED * stage[side]
    count = drawn(page, "plot.data.filter(t => t.meta && t.meta.role === 'head').length")
    ends = np.ptp(layout.photograph(page, canvas, only="head"), axis=2) > layout.SATURATED
    assert 0 < ends.mean() * canvas["width"] * canvas["height"] <= count * MARKER**2


def test_one_play_bar_moves_both_pictures_of_a_pair(open_page, app_url):
    pair = "objective=himmelblau&optimizers=adam&steps=20&view=contour&beside=adam.learning_rate:0.3"
    page = open_page(f"{app_url}/?{pair}")
    page.wait_for_selector(".st-key-stage-beside .stage[data-drawn]")
    complete(page)
    bars = page.get_by_role("button", name="Play", exact=True)
    assert bars.count() == 1  # one bar is seen, the other keeps its room
    stages = "['picture', 'beside'].map((slot) => document.querySelector(`.st-key-stage-${slot} .stage`))"
    drawn_to = "plot.data.find((t) => t.meta?.role === 'path').customdata.at(-1)[0]"
    page.get_by_label("To the first step").first.click()
    page.wait_for_function(f"{stages}.every(({{ stage: {{ plot }} }}) => {drawn_to} === 0)")
    bars.click()
    page.wait_for_function(f"{stages}.every(({{ stage: {{ plot }} }}) => {drawn_to} > 4)")


def test_what_is_downloaded_reads_back(open_page, app_url):
    page = open_page(f"{app_url}/{SMALL}")
    complete(page)
    result: dict[str, str] = {}
    page.get_by_role("button", name="Export").click()
    for label in ("Interactive page (HTML)", "Surface (CSV)"):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=label).click()
        result[label] = Path(waiting.value.path()).read_text("utf-8")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Paper figure (PDF)").click()
    assert waiting.value.suggested_filename.startswith("cross-entropy_mlp_")
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF")
    page_text, table = result.values()
    assert "Cross-entropy, multilayer perceptron (" in page_text
    assert 'src="http' not in page_text
    rows = list(csv.DictReader(io.StringIO(table)))
    side = round(len(rows) ** 0.5)
    assert side * side == len(rows)
    assert side >= 9
    values = np.array([float(row["loss"]) for row in rows])
    assert np.all(np.isfinite(values))
    assert len(np.unique(values)) > side


def test_cancel_answers_and_the_page_goes_on(open_page, app_url):
    page = open_page(
        f"{app_url}/?data=digits&model=mlp&mlp.width=256&mlp.depth=2&steps=5000&objective=squared-error"
    )
    button = page.get_by_role("button", name="Cancel")
    # The answer is there when the click returns, whatever the server is doing.
    assert button.evaluate("button => { button.click(); return button.textContent; }") == "Cancelling…"
    page.wait_for_selector("text=/cancelled/")
    page.locator("[data-testid=stSidebar]").get_by_text("Function f(x, y)").click()
    complete(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_lesson_opens_by_permalink(open_page, app_url, scheme):
    page = open_page(f"{app_url}/?lesson=ravine", scheme=scheme)
    complete(page)
    assert page.get_by_text("A ravine, with and without momentum").first.is_visible()
    background = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert (sum(map(int, background[4:-1].split(","))) < 200) == (scheme == "dark")
