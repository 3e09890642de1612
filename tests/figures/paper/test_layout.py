"""Rows and columns of axes, and the room that texts have."""

import plotly.graph_objects as go
import pytest

from landscapes.figures import contour
from landscapes.figures.paper.layout import cells_of, panel_ratio, wrap_text
from tests.figures.scenes import asymmetric


def test_rows_come_from_domains_of_axes():
    figure = go.Figure([go.Scatter(y=[1, 2]), go.Scatter(y=[1, 2], yaxis="y2"), go.Scatter(y=[3], yaxis="y3")])
    figure.update_layout(
        yaxis={"domain": [0.56, 1]}, yaxis2={"domain": [0, 0.44]}, yaxis3={"overlaying": "y", "side": "right"}
    )
    assert cells_of(figure) == ([(0, 0.44), (0.56, 1)], [(0, 1)])


def test_panel_of_plane_has_its_shape():
    # The plane is 3 wide and 4 high.
    assert panel_ratio(contour(asymmetric(), resolution=9)) == pytest.approx(0.8 * 4 / 3 + 0.12)
    assert panel_ratio(go.Figure(go.Scatter(y=[1, 2]))) == 0.6


def test_texts_are_broken_at_width():
    assert wrap_text("a bb ccc dddd eeeee ffff", 60, 8).count("\n") >= 1
    assert wrap_text("short\nlines", 600, 8) == "short\nlines"
