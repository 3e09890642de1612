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
