"""Figures as text: what differs in the figure differs in the text."""

import numpy as np
import plotly.graph_objects as go

from tests.approved.figure_text import drawn, said, summary


def test_summary_tells_a_grid_from_its_transpose_and_mirror():
    grid = np.arange(12.0).reshape(3, 4) ** 2
    texts = {summary(each) for each in (grid, grid.T, grid[::-1], grid[:, ::-1], -grid)}
    assert len(texts) == 5
    assert summary(grid) == "[3×4] 0…9…64…121 0@0,0 121@2,3 mean 42.167"


def test_summary_leaves_out_what_rounding_decides():
    assert summary(np.array([1.0, 2e-16, 3.0, -1e-17, 2.0])) == summary(np.array([1.0, 0.0, 3.0, 1e-17, 2.0]))
    assert summary(np.array([np.nan, 1.0, 2.0, 3.0, 4.0])).endswith("mean 2.5, 1 not finite")


def test_hover_shows_the_columns_that_the_page_shows():
    figure = go.Figure(
        go.Scatter(
            x=[0, 1],
            y=[5.0, 6.0],
            customdata=[[1.0, 2.0], [3.0, 4.0]],
            name="adam",
            legendgroup="adam",
            hovertemplate="<b>%{fullData.legendgroup}</b> %{x}<br>loss %{customdata[1]:.3g}<extra></extra>",
            meta={"role": "path"},
        )
    )
    assert list(said(figure)) == ["hover path: adam 1 / loss 4"]


def test_order_color_and_axes_are_drawn():
    lines = list(drawn(go.Figure([go.Bar(y=[1.0, 2.0]), go.Scatter(y=[3.0, 1.0], line={"color": "red"})])))
    assert lines[0] == "bar ''"
    assert "  y [2] 1 2" in lines
    assert lines.index("scatter ''") > 0
    assert "  line.color=red" in lines
