"""The camera of a scene by itself: what a drag with the right button does to a point of the picture."""

import pytest
from playwright.sync_api import Page

from landscapes.figures.stage import SCRIPT

pytestmark = pytest.mark.browser

SHIFTED = """([script, camera, dx, dy]) => {
  const { projection, shifted } = new Function(script + '; return { projection, shifted }')();
  const [width, height] = [900, 500], middle = ['x', 'y', 'z'].map((name) => camera.center[name]);
  const [before, after] = [camera, shifted(camera, dx, dy)].map((each) => projection(each, width, height)(middle));
  return [(after[0] - before[0]) / height, (after[1] - before[1]) / height];
}"""


@pytest.fixture(scope="module")
def page(open_page) -> Page:
    return open_page("about:blank")


@pytest.mark.parametrize(("dx", "dy"), [(0.1, 0.0), (0.0, 0.2), (-0.3, 0.05)])
def test_the_middle_of_the_scene_follows_the_pointer(page, dx, dy):
    camera = {"eye": {"x": 1.5, "y": -0.7, "z": 1.1}, "center": {"x": 0.2, "y": 0.1, "z": -0.1}}
    script = SCRIPT.replace("export default ", "")
    assert page.evaluate(SHIFTED, [script, camera, dx, dy]) == pytest.approx([dx, dy], abs=1e-9)
