"""The page Open in a browser: a dropped file is drawn, and the other pages keep what they show."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from landscapes.curvature.hessian_spectrum import Spectrum
from landscapes.optimization.trajectory import Trajectory
from landscapes.storage import save
from tests.figures.scenes import asymmetric, path
from tests.figures.test_results import RESULTS

pytestmark = pytest.mark.browser

STAGE = ".st-key-stage-opened .stage"
EXPLORE = "?objective=beale&optimizers=sgd&steps=5"


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_function("() => document.querySelector('.stApp').dataset.testScriptState === 'notRunning'")


def write(file: Path) -> Path:
    run = replace(RESULTS[Trajectory], terms={})
    parts = {"paths": {"adam": path()}, "trajectories": {"adam": run}, "spectrum": RESULTS[Spectrum]}
    save(file, surface=asymmetric(), **parts, labels=("along u", "along v"), caption="Published loss.")
    return file


def test_dropped_file_is_drawn_and_other_pages_keep_their_state(app_url, open_page, tmp_path):
    page = open_page(f"{app_url}/{EXPLORE}")
    expect(page).to_have_url(re.compile("optimizers=sgd"))
    follow(page, "Open")
    expect(page).to_have_url(re.compile("/open$"))
    page.locator("input[type=file]").set_input_files(write(tmp_path / "published.npz"))
    page.wait_for_selector(f"{STAGE}[data-drawn]")
    expect(page.get_by_text("Published loss.")).to_be_visible()
    expect(page.locator(f"{STAGE} .stage-transport input[type=range]")).to_be_visible()
    page.get_by_role("radio", name="Contour").click()
    page.wait_for_selector(f"{STAGE} .contourlayer")
    follow(page, "Explore")
    expect(page).to_have_url(re.compile("objective=beale"))
    expect(page.get_by_role("radio", name="3-D")).to_be_checked()
    follow(page, "Open")
    page.wait_for_selector(f"{STAGE} .contourlayer")
    expect(page.get_by_text("published.npz")).to_be_visible()
