"""Axes of a panel: scales, ranges, ticks, shared axes and notes."""

import numpy as np
import plotly.graph_objects as go
import pytest

from landscapes.figures import paper
from landscapes.slices import Surface
from tests.figures.test_results import RESULTS, Projection, Stability


def test_logarithmic_ranges_are_exponents():
    figure = go.Figure(go.Scatter(x=[1, 2], y=[10, 1000]), {"yaxis": {"type": "log", "range": [0.5, 3.5]}})
    axes = paper.draw(figure).axes[0]
    assert axes.get_yscale() == "log"
    assert axes.get_ylim() == pytest.approx((10**0.5, 10**3.5))


def test_panels_above_one_another_share_their_steps():
    drawn = paper.draw(RESULTS[Projection])
    upper, lower = sorted(drawn.axes, key=lambda axes: -axes.get_position().y0)
    assert upper.get_xlim() == lower.get_xlim()
    assert (upper.get_xlabel(), lower.get_xlabel()) == ("", "step")


def test_second_axis_lies_on_the_right():
    first, second = paper.draw(RESULTS[Stability]).axes
    assert second.yaxis.get_label_position() == "right"
    assert second.get_ylabel() == "loss"
    assert first.get_position().bounds == second.get_position().bounds


def test_tick_labels_that_would_collide_are_left_out():
    ticks = {"tickvals": [0.0, 0.01, 1.0], "ticktext": ["zero point", "one percent", "whole"]}
    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1]), {"xaxis": ticks})
    axes = paper.draw(figure).axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["zero point", "", "whole"]


def test_notes_stand_below_the_panel_unless_they_are_not_wanted():
    title = 'x<br><span style="font-size:11px">3 of 9 points are not finite</span>'
    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1]), {"xaxis": {"title": {"text": title}}})
    (part,) = paper.draw(figure).subfigs
    assert part.get_supxlabel() == "3 of 9 points are not finite"
    assert part.axes[0].get_xlabel() == "x"
    assert paper.draw(figure, notes=False).subfigs[0].get_supxlabel() == ""


def test_long_title_of_a_color_bar_beside_a_low_picture_is_a_note():
    """Its lines took the room of the picture, whose axes collapsed to zero."""
    x, y = np.linspace(-10, 1, 23), np.linspace(-4, 1, 11)
    surface = Surface.from_grid(x, y, x[:, None] ** 2 + y**2 + 0.00257)
    drawn = paper.draw(surface.figure(view="contour", scale="log", labels=("first component", "second component")))
    axes, bar = drawn.axes[0], drawn.axes[0].child_axes[0]
    assert axes.get_position().width > 0.35
    assert bar.get_ylabel() == "loss"
    assert "Colors: loss (log scale, log" in drawn.subfigs[0].get_supxlabel().replace("\n", " ")
