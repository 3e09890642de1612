"""Cells, levels and color bars."""

import numpy as np
import plotly.graph_objects as go
import pytest

from landscapes.figures import contour, paper
from landscapes.figures.paper.grid_traces import drawn_levels
from tests.figures.scenes import asymmetric, value


def test_levels_are_those_of_plotly():
    assert drawn_levels(go.Contour(contours={"start": 1, "end": 2, "size": 0.25})).tolist() == [
        1,
        1.25,
        1.5,
        1.75,
        2,
    ]
    assert drawn_levels(go.Contour(contours={"start": 3, "end": 3, "size": 0})).tolist() == [3]


def test_cells_lie_around_their_centers():
    figure = go.Figure(go.Heatmap(x=[0, 1, 3], y=[-1, 1], z=[[1, 2, 3], [4, np.nan, 6]]))
    axes = paper.draw(figure).axes[0]
    cells = next(each for each in axes.collections if each.get_array() is not None)
    values = np.ma.masked_invalid(cells.get_array())
    np.testing.assert_array_equal(values.filled(-1), [[1, 2, 3], [4, -1, 6]])
    corners = cells.get_coordinates()
    np.testing.assert_allclose(corners[0, :, 0], [-0.5, 0.5, 2, 4])
    np.testing.assert_allclose(corners[:, 0, 1], [-2, 0, 2])


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_labels_of_levels_on_log_scale_are_the_values_where_they_stand(sense):
    axes = paper.draw(contour(asymmetric(sense=sense), scale="log", resolution=21)).axes[0]
    lines = next(each for each in axes.collections if each.get_gid() == "level lines")
    labels = {text.get_position(): float(text.get_text().replace("−", "-")) for text in lines.labelTexts}
    assert len(labels) == 2
    for (x, y), label in labels.items():
        assert label == pytest.approx(value(x, y), abs=0.3)


def test_color_bar_has_ticks_and_title_of_plotly():
    bar = {"tickvals": [1, 4], "ticktext": ["low", "high"], "title": {"text": "loss"}}
    drawn = paper.draw(go.Figure(go.Heatmap(z=[[1, 2], [3, 4]], colorbar=bar)))
    inset = drawn.axes[0].child_axes[0]
    assert [text.get_text() for text in inset.get_yticklabels()] == ["low", "high"]
    assert inset.get_ylabel() == "loss"


def test_color_bar_without_ticks_has_round_ones():
    drawn = paper.draw(contour(asymmetric(), resolution=21))
    ticks = drawn.axes[0].child_axes[0].get_yticks()
    assert 3 <= len(ticks) <= 9
    np.testing.assert_allclose(ticks % 5, 0, atol=1e-9)
