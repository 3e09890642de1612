"""The loss along a line with its terms and the true losses of paths."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from landscapes.directions.line_bands import Band
from tests.figures.scenes import X, curve, layout, path, role
from tests.figures.test_surface_figure import RAW


def test_line_shows_loss_and_weighted_terms():
    figure = figures.line(curve(), {"adam": path(dimension=1)}, **RAW)
    (loss,) = role(figure, "surface")
    np.testing.assert_allclose(loss.y, X**2 + 10)
    terms = {trace.meta["term"]: trace.y for trace in role(figure, "term")}
    np.testing.assert_allclose(terms["square"], X**2)
    np.testing.assert_allclose(terms["slope"], [10, 10, 10])
    assert layout(figure).title.text is None  # not the name of a term
    assert layout(figures.line(curve(), title="A line", **RAW)).title.text == "A line"
    (drawn,) = role(figure, "path")
    np.testing.assert_allclose(drawn.y, path(dimension=1).loss, rtol=1e-6)
    single = figures.line(replace(curve(), weights={"square": 1.0, "slope": 0.0}), **RAW)
    assert [trace.visible for trace in role(single, "term")] == [False, False]  # square is the loss


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_path_along_line_has_its_true_loss(scale):
    """The curve's range is 10 to 14; the path reaches 16.25."""
    drawn_path = path(drift=1.5, dimension=1)
    figure = figures.line(curve(), {"adam": drawn_path}, scale=scale, **RAW)
    (drawn,) = role(figure, "path")
    own = drawn_path.loss if scale == "linear" else np.log10(drawn_path.loss - 10 + layout(figure).meta["floor"])
    np.testing.assert_allclose(drawn.y, own, rtol=1e-5)
    assert not np.allclose(drawn.y, drawn_path.plane_loss)
    assert drawn.line.dash == "dash"
    assert "distance off the line %{customdata[3]" in drawn.hovertemplate
    np.testing.assert_array_equal(drawn.customdata[:, 3], drawn_path.distance)
    bottom, top = layout(figure).yaxis.range
    assert bottom < min(drawn.y)
    assert max(drawn.y) < top
    assert layout(figure).meta["notes"] == []


def test_path_far_above_line_keeps_curve_visible():
    figure = figures.line(curve(), {"adam": path(drift=25.0, dimension=1)}, **RAW)
    bottom, top = layout(figure).yaxis.range
    (drawn,) = role(figure, "path")
    shown = np.sum(np.asarray(drawn.y) < top)
    curves = [trace.y for name in ("surface", "term") for trace in role(figure, name)]
    assert np.ptp(np.concatenate(curves)) > 0.35 * (top - bottom)
    assert layout(figure).meta["notes"] == [f"adam: {5 - shown} of 5 drawn steps lie outside the picture"]
    assert 0 < shown < 5


def test_path_below_log_line_is_left_out():
    deep = path(drift=-1.5, dimension=1)
    (drawn,) = role(figures.line(curve(), {"adam": deep}, scale="log", **RAW), "path")
    np.testing.assert_array_equal(np.isnan(drawn.y), deep.loss < 10 - 4e-3)
    assert np.isnan(drawn.y).any()


@pytest.mark.parametrize(("losses", "outside"), [([12, 13, 40, 41, 42], 41), ([-30, -29, 12, 13, 14], -29)])
def test_axis_of_line_holds_the_quartiles_of_draws(losses, outside):
    """The curve reaches from 10 to 14."""
    draws = Band("draws", X, np.outer(losses, [0.5, 1.0, 0.7]), 0.1, 15)
    bottom, top = layout(figures.line(curve(), draws=draws, **RAW)).yaxis.range
    assert bottom < outside < top
