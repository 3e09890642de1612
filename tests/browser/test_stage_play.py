"""The buttons that step along the paths go to the nearest snapshot before and after the step that is shown."""

import pytest
from playwright.sync_api import Page

from landscapes.figures.stage import SCRIPT

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(open_page) -> Page:
    return open_page("about:blank")


@pytest.mark.parametrize(
    ("step", "before", "after"), [(0, 0, 3), (2, 0, 3), (3, 0, 7), (5, 3, 7), (7, 3, 12), (10, 7, 12), (12, 7, 12)]
)
def test_a_step_back_or_forth_leaves_the_snapshot_that_is_shown(page, step, before, after):
    stage = {"stops": [0, 3, 7], "step": step, "last": 12}
    script = SCRIPT.replace("export default ", "")
    names = "new Function(script + '; return [previous, next]')()"
    result = page.evaluate(f"([script, stage]) => {names}.map((stop) => stop(stage))", [script, stage])
    assert result == [before, after]
