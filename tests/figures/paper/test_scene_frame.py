"""The axes of a scene."""

import plotly.graph_objects as go
import pytest

from landscapes import figures
from landscapes.figures import paper
from tests.figures.scenes import asymmetric, layout, path


@pytest.fixture(scope="module")
def plotly() -> go.Figure:
    return figures.surface(asymmetric(), {"adam": path()}, labels=("u", "v"), value="height", resolution=9)


def test_axes_have_titles_and_ticks_of_plotly(plotly):
    texts = [text.get_text() for text in paper.draw(plotly).axes[0].texts]
    assert {"u", "v", "height", "adam"} <= set(texts)
    heights = [float(value) for value in layout(plotly).scene.zaxis.tickvals]
    assert {f"{value:g}".replace("-", "−") for value in heights} <= set(texts)


def test_labels_of_ends_point_at_the_ends(plotly):
    (note,) = layout(plotly).scene.annotations
    drawn = next(text for text in paper.draw(plotly).axes[0].texts if text.get_text() == "adam")
    assert drawn.xyann == pytest.approx((0.42 * note.ax, -0.42 * note.ay))


def test_labels_of_depth_stand_apart_from_those_of_height(plotly):
    """Looking along an axis of the plane, its near edge would be where the height has its labels."""
    turned = go.Figure(plotly).update_layout(scene_camera_eye={"x": 1.6, "y": -0.1, "z": 0.7})
    texts = {text.get_text(): text for text in paper.draw(turned).axes[0].texts}
    assert texts["height"].xy[0] < 0 < texts["u"].xy[0]
    assert texts["u"].get_zorder() < texts["v"].get_zorder()
