"""Lessons play in a browser: one page goes from each to the next."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from landscapes.lessons import LESSONS
from landscapes.recipes import catalog
from landscapes.views.controls.lessons import LIST_KEY

pytestmark = pytest.mark.browser

# Larger networks train for several seconds in the servers of these tests; tests/views opens every lesson.
MAX_PARAMETERS = 500
STAGE = ".st-key-stage-picture .stage"
TITLE = ".st-key-lesson h2"
# Whether the stage shows this lesson's paths at a step beyond their start.
PLAYED = f"""(title) => {{
    const stage = document.querySelector("{STAGE}")?.stage;
    const shown = document.querySelector("{TITLE}")?.innerText.trim() === title;
    return shown && stage?.last > 0 && !stage.drawing && Number(stage.root.dataset.step) > 0;
}}"""
BLANK = 3  # the standard deviation of the pixels of a stage without a picture is below this


def is_small(name: str) -> bool:
    recipe = catalog.complete(LESSONS[name].recipe)
    return all(catalog.dimension(each) <= MAX_PARAMETERS for each in (recipe, catalog.neighbour(recipe) or recipe))


NAMES = list(filter(is_small, LESSONS))


def test_most_lessons_are_played():
    assert len(NAMES) > 0.7 * len(LESSONS)


@pytest.fixture(scope="module")
def page(open_page, app_url) -> Page:
    return open_page(f"{app_url}/explore?lesson={NAMES[0]}&{LIST_KEY}={','.join(NAMES)}", width=1280)


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_plays(page, name):
    """The tests follow one another on one page, so that none of them loads the program again."""
    title = LESSONS[name].title
    page.wait_for_selector(TITLE)
    if page.locator(TITLE).first.inner_text().strip() != title:
        page.locator(".st-key-next-lesson button").click()
    page.wait_for_function(PLAYED, arg=title)
    page.evaluate(f"document.querySelector('{STAGE} [data-do=start]').click()")
    page.evaluate(f"document.querySelector('{STAGE} [data-do=play]').click()")
    page.wait_for_function(PLAYED, arg=title)
    assert not page.locator("[data-testid=stAlert], [data-testid=stException]").count()
    box = page.locator(f"{STAGE} .stage-canvas").bounding_box()
    assert box is not None
    assert box["y"] + 250 < 900  # the texts leave the picture on the screen
    image = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB"), float)
    assert image.std(axis=(0, 1)).max() > BLANK
