"""Annotations, lines across and legends."""

import plotly.graph_objects as go
import pytest

from landscapes.figures import paper
from landscapes.figures.paper.panel_notes import legend_columns


def test_notes_lie_at_their_points_in_data_or_on_paper():
    figure = go.Figure(go.Scatter(x=[1, 10], y=[1, 100]), {"yaxis": {"type": "log"}})
    figure.add_annotation(x=2, y=1, text="at ten", showarrow=False)
    figure.add_annotation(x=0, y=1, xref="paper", yref="paper", text="title", showarrow=False)
    axes = paper.draw(figure).axes[0]
    places = {text.get_text(): text.xy for text in axes.texts}
    assert places["at ten"] == pytest.approx((2, 10))
    assert places["title"] == pytest.approx((0, 1))


def test_lines_across_are_drawn():
    figure = go.Figure(go.Scatter(x=[0, 4], y=[0, 8]))
    figure.add_hline(y=3, line_dash="dash")
    axes = paper.draw(figure).axes[0]
    across = axes.lines[-1]
    assert list(across.get_ydata()) == [3, 3]
    assert list(across.get_xdata()) == [0, 1]


def test_legend_has_as_many_columns_as_fit():
    names = ["sgd", "momentum", "adam", "a long name of a long entry"]
    assert legend_columns(names, 1000, 7) == 4
    assert legend_columns(names, 60, 7) == 1
    assert legend_columns(names, 220, 7) == 2


def test_legend_names_each_curve_once():
    figure = go.Figure([go.Scatter(x=[0, 1], y=[0, k], name=name) for k, name in enumerate("aab")])
    (part,) = paper.draw(figure).subfigs
    assert [text.get_text() for text in part.legends[0].get_texts()] == ["a", "b"]
    assert not paper.draw(go.Figure(go.Scatter(x=[0, 1], y=[0, 1], name="a"))).subfigs[0].legends
