"""Lessons play in a browser: one of every other section, on one page."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from landscapes.lessons import LESSONS, SECTIONS
from landscapes.openings import files
from landscapes.recipes import catalog
from landscapes.views.pages.pair import neighbour

pytestmark = pytest.mark.browser

STAGE = ".st-key-stage-picture .stage"
TITLE = ".st-key-lesson h2"
# Whether the stage shows this lesson's paths at a step beyond their start.
PLAYED = f"""(title) => {{
    const stage = document.querySelector("{STAGE}")?.stage;
    const shown = document.querySelector("{TITLE}")?.innerText.trim() === title;
    const busy = document.querySelector(".progress, [data-stale=true]");
    return shown && !busy && stage?.last > 0 && !stage.drawing && Number(stage.root.dataset.step) > 0;
}}"""
BLANK = 3  # the standard deviation of the pixels of a stage without a picture is below this


def smallest_of_every_other_section() -> list[str]:
    """A few lessons, those with the smallest files of scenes. tests/views opens every lesson."""

    def size(name: str) -> int:
        recipe = catalog.complete(LESSONS[name].recipe)
        return sum(files.path(each).stat().st_size for each in (recipe, *neighbour(recipe)))

    return [
        min((name for name, lesson in LESSONS.items() if lesson.section == section), key=size)
        for section in SECTIONS[::2]
    ]


@pytest.fixture(scope="module")
def page(open_page, app_url) -> Page:
    return open_page(f"{app_url}/explore", width=1280)


@pytest.mark.parametrize("name", smallest_of_every_other_section())
def test_a_lesson_plays(page, app_url, name):
    title = LESSONS[name].title
    page.goto(f"{app_url}/explore?lesson={name}")
    page.wait_for_function(PLAYED, arg=title)
    # A narrow stage has no button for the first step.
    page.locator(f"{STAGE} .stage-transport input").first.press("Home")
    page.locator(f"{STAGE} [data-do=play]").first.click()
    page.wait_for_function(PLAYED, arg=title)
    assert not page.locator("[data-testid=stAlert], [data-testid=stException]").count()
    page.wait_for_selector(f"{STAGE} .stage-canvas")
    box = page.locator(f"{STAGE} .stage-canvas").first.bounding_box()
    assert box is not None
    assert box["y"] + 250 < 900  # the texts leave the picture on the screen
    image = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB"), float)
    assert image.std(axis=(0, 1)).max() > BLANK
