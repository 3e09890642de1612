"""What the scripts of the stage compute without drawing: the arrangement of a contour plot."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from landscapes import figures
from landscapes.figures.stage import SCRIPT
from landscapes.slices.surface import Surface

pytestmark = pytest.mark.browser

# Arranges a contour plot in a stage of some size, of which texts and controls take `rest` pixels: the lengths of
# its axes in pixels, its notes, how often its vertical axis is stretched, and by how much it is to grow.
ARRANGE = """([script, text, presenter, width, height, rest]) => {
    const { arrange } = new Function(script + '; return { arrange }')();
    const root = document.body.appendChild(document.createElement('div'));
    root.innerHTML = '<div><div></div></div><ul class="stage-notes"></ul>';
    const canvas = root.firstChild, plot = canvas.firstChild, figure = JSON.parse(text), { layout } = figure;
    Object.assign(root.style, { width: `${width}px`, height: `${height}px` });
    for (const { style } of [canvas, plot]) style.height = `${height - rest}px`;
    const words = { x: layout.xaxis.title.text, y: layout.yaxis.title.text, bar: 'expected return' };
    const stage = { root, plot, figure, words, options: { presenter }, ink: 'rgba(0,0,0,' };
    arrange(stage);
    const { margin: { l, r, t, b }, yaxis } = layout;
    const asked = parseFloat(root.style.getPropertyValue('--canvas-height')) || height - rest;
    const notes = root.lastChild.textContent;
    root.remove();
    return [width - l - r, layout.height - t - b, notes, yaxis.scaleratio, asked - (height - rest)];
}"""


@pytest.fixture(scope="module")
def page(open_page) -> Page:
    return open_page("about:blank")


def test_a_contour_plot_that_leaves_its_stage_empty_grows_or_is_stretched(page):
    def arranged(size: tuple[int, int], *stage) -> list[Any]:
        axes = tuple(np.linspace(0.0, side, 9) for side in size)
        grid, known = np.add.outer(*axes), np.ones((9, 9), bool)
        surface = Surface(axes, {"loss": grid}, known, {"loss": 1.0}, {"loss": 0.1}, known.size)
        labels = [f"distance along principal component {k}" for k in (1, 2)]
        figure = figures.contour(surface, labels=labels, presenter=stage[0])
        return page.evaluate(ARRANGE, [SCRIPT.replace("export default ", ""), figure.to_json(), *stage])

    across, down, notes, ratio, growth = arranged((16, 8), True, 696, 649, 110)
    assert down >= 0.6 * 649
    assert across / down == pytest.approx(2 / ratio, rel=0.01)
    assert (notes, growth) == (f"vertical axis stretched {ratio:g} times", 0)
    across, down, notes, ratio, growth = arranged((8, 8), True, 696, 649, 110)
    assert (across, notes, ratio, growth) == (pytest.approx(down), "", 1, 0)
    across, down, notes, ratio, growth = arranged((28, 44), False, 493, 380, 110)
    assert (notes, ratio) == ("", 1)
    assert 0 < growth < 120  # its stage does not become taller than wide
    *_, ratio, growth = arranged((16, 8), False, 493, 411, 60)
    assert ratio > 1
    assert growth == 0  # which would leave more of the stage empty
