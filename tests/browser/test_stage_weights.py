"""Weights of terms are changed in the browser, without the server."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from landscapes import figures
from tests.browser.stage_page import choose, runs, show, state, until
from tests.browser.stage_scene import landscape


@pytest.fixture(scope="module")
def page(open_page, demo_url) -> Page:
    page = open_page(demo_url, width=1000, height=700)
    page.wait_for_selector(".stage[data-drawn]")
    return page


def test_terms_are_mixed_in_the_browser_and_the_weights_reported_on_release(page):
    show(page, "3-D")
    text, before = runs(page), state(page, "plot.data[0].cmax")
    hovered = (
        "Array.from(plot.data.find((t) => t.meta?.role === 'path' && t.name === 'sgd').customdata, "
        "(facts) => Array.from(facts))"
    )
    facts = np.array(state(page, hovered))
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
    mixed = np.array(state(page, hovered))
    # The step, the true loss of the run and the distance stay; the loss in the picture is that of the mix.
    np.testing.assert_allclose(mixed[:, [0, 1, 3]], facts[:, [0, 1, 3]], rtol=1e-6)
    assert np.abs(mixed[:, 2] - facts[:, 2]).max() > 50
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
