"""Curves, fills, bars, error bars and markers."""

import numpy as np
import plotly.graph_objects as go
import pytest

from landscapes.figures import paper
from landscapes.figures.paper.traces import is_in_legend, numbers


def test_texts_are_counted_and_gaps_kept():
    names: list[str] = []
    np.testing.assert_array_equal(numbers(["b", "a", None, "b"], names), [0, 1, np.nan, 0])
    assert names == ["b", "a"]
    np.testing.assert_array_equal(numbers([1, None, 3], names), [1, np.nan, 3])


def test_area_reaches_from_curve_to_curve():
    low, high = go.Scatter(x=[0, 1, 2], y=[1, 2, 4]), go.Scatter(x=[0, 1, 2], y=[3, 5, 9], fill="tonexty")
    axes = paper.draw(go.Figure([low, high])).axes[0]
    (area,) = axes.collections
    points = {tuple(point) for point in area.get_paths()[0].vertices}
    assert {(0, 1), (1, 2), (2, 4), (0, 3), (1, 5), (2, 9)} <= points


def test_bars_and_their_errors_are_drawn():
    bars = go.Bar(x=["u", "v"], y=[1.0, -3.0], error_y={"array": [0.5, 1.0], "arrayminus": [0.25, 2.0]})
    axes = paper.draw(go.Figure(bars)).axes[0]
    assert [bar.get_height() for bar in axes.patches] == [1, -3]
    segments = [segment for each in axes.collections for segment in each.get_segments()]
    assert [sorted(segment[:, 1]) for segment in segments] == [[0.75, 1.5], [-5, -2]]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["u", "v"]


def test_each_marker_keeps_its_size_and_color():
    cloud = go.Scatter(
        x=[0, 1], y=[2, 5], mode="markers", marker={"size": [4, 8], "color": ["#ff0000", "#0000ff"]}
    )
    axes = paper.draw(go.Figure(cloud)).axes[0]
    (drawn,) = axes.collections
    sizes = drawn.get_sizes()
    assert sizes[1] == pytest.approx(4 * sizes[0])
    np.testing.assert_allclose(drawn.get_facecolors(), [(1, 0, 0, 1), (0, 0, 1, 1)])


def test_unknown_trace_is_named():
    with pytest.raises(ValueError, match="a trace of type pie has no paper figure"):
        paper.draw(go.Figure(go.Pie(values=[1, 2])))


def test_hidden_traces_are_left_out():
    figure = go.Figure([go.Scatter(x=[0, 1], y=[0, 1], visible=False), go.Scatter(x=[0, 2], y=[1, 5])])
    assert len(paper.draw(figure).axes[0].lines) == 1
    assert not is_in_legend(go.Scatter(name="a", showlegend=False))
