"""One step on the stage: arrows and the rule with its numbers follow the step that is shown, in the browser."""

import numpy as np
import pytest
from playwright.sync_api import Page

from landscapes.figures.step_data import gains
from tests.browser.stage_page import PLOT, choose, runs, show, state, until
from tests.browser.stage_scene import steps_of_walks

pytestmark = pytest.mark.browser

PANEL = "root.querySelector('.stage-step')"
ARROWS = "Object.fromEntries(plot.data.filter((t) => t.meta?.role === 'arrow').map((t) => [t.meta.arrow, t]))"


@pytest.fixture(scope="module")
def page(open_page, demo_url) -> Page:
    page = open_page(demo_url)
    page.wait_for_selector(".stage[data-drawn]")
    return page


def seek(page: Page, step: int) -> None:
    page.locator(".stage-transport input").fill(str(step))
    until(page, f"root.dataset.step === '{step}' && !root.stage.restyling")


def tip(page: Page, kind: str) -> np.ndarray:
    """Where an arrow ends, relative to where it begins: the last point but one is the tip."""
    x, y = state(page, f"[{ARROWS}['{kind}'].x, {ARROWS}['{kind}'].y].map((row) => Array.from(row))")
    return np.array([x[-2] - x[0], y[-2] - y[0]])


@pytest.mark.parametrize("kind", ["3-D", "contour"])
def test_arrows_and_numbers_follow_the_step_without_a_request(page, kind):
    show(page, kind)
    if not page.get_by_role("switch", name="one step").is_checked():
        choose(page, "one step")
    until(page, f"!{PANEL}.hidden && !root.stage.drawing")
    before, steps = runs(page), steps_of_walks()["momentum"]
    page.locator("[data-path=momentum]").click()
    for step in (3, 40):
        seek(page, step)
        along = {"gradient": -steps.components["g_t"][step], "momentum": -steps.components["v_t"][step]}
        along["step"] = steps.components["s_t"][step]
        for name, vector in along.items():
            drawn = tip(page, name)
            np.testing.assert_allclose(drawn / np.linalg.norm(drawn), vector / np.linalg.norm(vector), atol=1e-3)
        text = state(page, f"{PANEL}.innerText").replace("\u2212", "-")
        assert f"step {step} \u2192 {step + 1}" in text
        length = float(state(page, f"{PANEL}.querySelector('[data-norm=g_t]').textContent"))
        assert length == pytest.approx(steps.norms["g_t"][step], rel=6e-3)
    assert float(text.split("predicts ")[1].split()[0]) == pytest.approx(gains(steps)["predicted"][40], rel=6e-3)
    factor = np.linalg.norm(tip(page, "step")) / steps.norms["s_t"][40]
    assert f"drawn {factor:.3g} times" in text or factor == pytest.approx(1, rel=1e-3)
    assert runs(page) == before


def test_model_of_heavy_ball_has_a_circle_for_a_level_line(page):
    """It passes through the point around the end of the step, because P = I/η."""
    show(page, "contour")
    page.locator("[data-path=momentum]").click()
    seek(page, 7)
    x, y = state(page, f"[{ARROWS}.model.x, {ARROWS}.model.y].map((row) => Array.from(row))")
    steps, ring = steps_of_walks()["momentum"], np.stack([x, y], axis=1)
    end = steps.coordinates[7] + tip(page, "step")
    np.testing.assert_allclose(ring[:-1].mean(axis=0), end, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(ring - end, axis=1), np.linalg.norm(tip(page, "step")), rtol=2e-3)
    assert "level line of the model" in state(page, f"{PANEL}.innerText")


def test_another_path_brings_its_own_rule(page):
    show(page, "contour")
    seek(page, 3)
    page.locator("[data-path=sgd]").click()
    until(page, f"{ARROWS}.momentum.x.length === 1")
    assert state(page, f"{PANEL}.querySelectorAll('ol li').length") == 2
    gradient = -steps_of_walks()["sgd"].components["g_t"][3]
    drawn = tip(page, "gradient")
    np.testing.assert_allclose(drawn / np.linalg.norm(drawn), gradient / np.linalg.norm(gradient), atol=1e-3)
    page.locator("[data-path=momentum]").click()
    assert state(page, f"{PANEL}.querySelectorAll('ol li').length") == 3


def test_vectors_of_a_network_are_shown_by_their_lengths(page):
    """A plane of two numbers is all of their space; a network's is not."""
    steps, momentum = steps_of_walks()["momentum"], "root.stage.explained.momentum"
    state(page, f"({momentum}.whole = false, {momentum}.norms.g_t[5] *= 2, {PANEL}.dataset.key = '')")
    seek(page, 5)
    text = state(page, f"{PANEL}.querySelector('ol').innerText").replace("\u2212", "-")
    lengths = [float(each.split("=")[1].split()[0]) for each in text.split("‖")[2::2]]
    expected = [steps.norms[symbol][5] for symbol in ("v_t", "s_t", r"\theta_t")]
    assert lengths == pytest.approx(expected, rel=6e-3)
    assert "0.9" in text
    off = f"Array.from({PANEL}.querySelectorAll('[data-off]'), (cell) => [cell.dataset.off, cell.textContent])"
    shares = dict(state(page, off))
    assert shares.pop("g_t") == "87 %"  # √(1 − ¼)
    assert set(shares.values()) <= {"0 %", "1 %"}  # of numbers of five digits
    state(page, f"({momentum}.whole = true, {momentum}.norms.g_t[5] /= 2, {PANEL}.dataset.key = '')")


def test_model_touches_the_loss_where_the_step_begins(page):
    show(page, "3-D")
    seek(page, 3)
    loss = steps_of_walks()["momentum"].loss[3]
    x, z = state(page, f"[{ARROWS}.model.x, {ARROWS}.model.z].map((row) => Array.from(row))")
    rings = [k for k, value in enumerate(x) if value is None]  # each follows a gap
    assert any(z[k + 1] == pytest.approx(loss, rel=1e-3) for k in rings)
    x, z = x[: rings[0]], z[: rings[0]]
    start = steps_of_walks()["momentum"].coordinates[3][0]
    nearest = int(np.argmin(np.abs(np.array(x) - start)))
    assert z[nearest] == pytest.approx(loss, rel=0.05)


def test_end_of_the_path_has_no_step(page):
    seek(page, 120)
    until(page, f"{ARROWS}.step.x.length === 1")
    assert "ends here" in state(page, f"{PANEL}.innerText")


def test_without_one_step_the_picture_takes_the_whole_stage(page):
    width = state(page, "plot.offsetWidth")
    choose(page, "one step")
    until(page, f"{PANEL}.hidden && !root.stage.drawing && plot.offsetWidth > {width}")
    assert not state(page, f"Object.keys({ARROWS})")


@pytest.mark.parametrize("kind", ["3-D", "contour"])
def test_a_step_is_drawn_without_the_rest_as_plotly_draws_it(page, kind):
    """Of the whole picture the step is a tenth."""
    show(page, kind)
    if not page.get_by_role("switch", name="one step").is_checked():
        choose(page, "one step")
    until(page, f"!{PANEL}.hidden && !root.stage.drawing")
    page.evaluate("void ([restyle, restyled] = [Plotly.restyle, 0], Plotly.restyle = () => void (restyled += 1))")
    seek(page, 33)
    assert page.evaluate("(Plotly.restyle = restyle, restyled)") == 0
    drawn = "[...plot.querySelectorAll('.scatterlayer path')].map((path) => path.getAttribute('d'))"
    if kind == "3-D":
        objects = "plot._fullLayout.scene._scene.traces"
        drawn = f"plot.data.map((_, i) => {objects}[plot._fullData[i].uid].dataPoints ?? null)"
    single = state(page, drawn)
    assert sum(map(bool, single)) > 5
    page.evaluate(f"Plotly.redraw({PLOT})")
    assert state(page, drawn) == single
