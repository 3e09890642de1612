"""Surfaces, contours and lines: orientation, holes, scales and meta data."""

import json
from dataclasses import replace
from typing import Any, cast

import numpy as np
import plotly.graph_objects as go
import pytest

from landscapes import figures
from tests.figures.scenes import X, Y, asymmetric, curve, layout, path, role, traces, value

RAW: Any = {"resolution": None}


@pytest.mark.parametrize("draw", [figures.surface, figures.contour])
def test_grid_is_transposed_once(draw):
    (drawn,) = role(draw(asymmetric(), **RAW), "surface")
    assert drawn.z.shape == (5, 3)
    for j, y in enumerate(Y):
        for i, x in enumerate(X):
            assert (drawn.x[i], drawn.y[j]) == (x, y)
            assert drawn.z[j, i] == pytest.approx(value(x, y))


@pytest.mark.parametrize("draw", [figures.surface, figures.contour])
def test_meta_has_unweighted_transposed_terms(draw):
    meta = layout(draw(asymmetric(), **RAW)).meta
    mixed = sum(meta["weights"][name] * meta["terms"][name] for name in meta["terms"])
    np.testing.assert_allclose(mixed, value(X[None, :], Y[:, None]))
    assert meta["box"] == [[-1.0, 2.0], [-2.0, 2.0]]


def test_single_term_is_not_in_meta():
    only = replace(asymmetric(), terms={"square": asymmetric().terms["square"]}, weights={"square": 1.0})
    assert layout(figures.surface(only, **RAW)).meta["terms"] == {}


def test_resampling_keeps_corners_and_limits_size():
    (drawn,) = role(figures.surface(asymmetric()), "surface")
    assert drawn.z.shape == (121, 121)
    corners = [drawn.z[0, 0], drawn.z[0, -1], drawn.z[-1, 0], drawn.z[-1, -1]]
    np.testing.assert_allclose(corners, [value(x, y) for y in (-2, 2) for x in (-1, 2)], rtol=1e-6)


@pytest.mark.parametrize("term", [None, "square"])
def test_means_of_samples_are_not_resampled(term):
    """A spline through a step overshoots it by more than 5 % here."""
    step = np.where(0 * X[:, None] + Y > 0.5, 100.0, 0.0)
    sampled = replace(
        asymmetric(), terms={"square": step, "slope": 0 * step, "standard error": 0 * step},
        weights={"square": 1.0, "slope": 1.0, "standard error": 0.0},
    )  # fmt: skip
    exact = replace(sampled, terms={"square": step, "slope": 0 * step}, weights={"square": 1.0, "slope": 1.0})
    highest = {}
    for name, surface in (("sampled", sampled), ("exact", exact)):
        (drawn,) = role(figures.contour(surface, term=term), "surface")
        highest[name] = drawn.z.max()
    assert highest["sampled"] == 100
    assert highest["exact"] > 105


def test_term_argument_draws_one_term():
    (drawn,) = role(figures.contour(asymmetric(), term="slope", **RAW), "surface")
    np.testing.assert_allclose(drawn.z, np.broadcast_to(Y[:, None], (5, 3)))
    with pytest.raises(ValueError, match="no term 'bowl'; the terms are: square, slope"):
        figures.contour(asymmetric(), term="bowl")


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_bound_and_bounded_term_share_a_scale(scale):
    """x² is smaller than x² + 10y because y > 0."""
    upper = replace(
        asymmetric(), axes=(X, Y + 3), terms={"square": X[:, None] ** 2 + 0 * Y, "slope": 0 * X[:, None] + Y + 3}
    )
    figure = figures.surface(upper, bounds="square", scale=scale, **RAW)
    (bound,), (truth,) = role(figure, "surface"), role(figure, "bounded")
    np.testing.assert_allclose(truth.customdata, np.broadcast_to(X**2, (5, 3)))
    assert np.all(truth.z < bound.z)
    low, high = layout(figure).scene.zaxis.range
    assert low < truth.z.min()
    assert high > bound.z.max()
    assert truth.name == "wire mesh: square"
    assert truth.hidesurface
    assert truth.contours.x.show
    assert truth.contours.y.show
    assert not role(figures.surface(upper, **RAW), "bounded")
    line = figures.line(curve(), bounds="square", scale=scale, **RAW)
    assert [trace.meta["role"] for trace in traces(line)[:2]] == ["bounded", "surface"]
    (bound,) = role(line, "surface")
    assert bound.fill == "tonexty"
    assert bound.fillcolor


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_gap_is_in_contours_and_hover_texts(scale):
    """The gap between x² + 10y and x² is 10y: 0.1, 1 and 10 at y = 0.01, 0.1 and 1."""
    y = np.array([0.005, 0.1, 0.7, 1.0, 1.2])
    terms = {"square": X[:, None] ** 2 + 0 * y, "slope": 0 * X[:, None] + y}
    upper = replace(asymmetric(), axes=(X, y), terms=terms)
    settings = {"bounds": "square", "scale": scale, **RAW}
    figure = figures.contour(upper, value="loss, nats", **settings)
    lines = role(figure, "gap")
    for trace in lines:
        np.testing.assert_allclose(trace.z, np.broadcast_to(10 * y[:, None], (5, 3)), rtol=1e-5)
    levels = [(trace.contours.start, trace.contours.end) for trace in lines if trace.line.dash == "dash"]
    assert levels == [(0.1, 0.1), (1, 1), (10, 10)]
    (labels,) = role(figure, "gap labels")
    assert list(labels.text) == ["0.1", "1", "10"]
    np.testing.assert_allclose([10 * height for height in labels.y], [0.1, 1, 10], rtol=1e-6)
    assert [trace.name for trace in role(figure, "gap legend")] == ["gap to square: 0.1, 1, 10 nats"]
    for drawn in (figure, figures.surface(upper, **settings)):
        (hovered,) = role(drawn, "surface")
        hover_text = np.stack([X[None] ** 2 + 10 * y[:, None], np.broadcast_to(10 * y[:, None], (5, 3))], axis=-1)
        np.testing.assert_allclose(hovered.customdata, hover_text, rtol=1e-5)
        assert "gap to square %{customdata[1]" in hovered.hovertemplate
    (hovered,) = role(figures.line(curve(), **settings), "surface")
    np.testing.assert_allclose(hovered.customdata, np.column_stack([X**2 + 10, [10, 10, 10]]))
    near = replace(upper, weights={"square": 1.0, "slope": 1e-3})
    assert not role(figures.contour(near, **settings), "gap legend")
    assert not role(figures.contour(near, **settings), "gap labels")


def test_gap_label_lies_on_its_line():
    """The gap x² + y² has circles as contour lines. Labels are away from a path to the right and from marks on the
    left and right of the circles."""
    x = y = np.linspace(-4, 4, 33)
    square = x[:, None] ** 2 + y**2
    around = replace(
        asymmetric(), axes=(x, y), evaluated=np.ones((33, 33), bool),
        terms={"square": square, "slope": 0 * square}, weights={"square": 1.0, "slope": 0.0},
    )  # fmt: skip
    out = replace(path(), coordinates=np.outer(np.linspace(0, 4, 5), [1, 0.1]))
    marks = [[0.0, -1.0], [-np.sqrt(10), 0]]
    figure = figures.contour(around, {"adam": out}, bounds="slope", minima=marks, **RAW)
    assert layout(figure).meta["bounds"] == "slope"
    (labels,) = role(figure, "gap labels")
    assert traces(figure)[-1] is labels  # drawn last, over paths and marks
    at = np.column_stack([labels.x, labels.y])
    np.testing.assert_allclose(np.sum(at**2, axis=1), [0.1, 1, 10], rtol=0.1)
    others = np.concatenate([np.outer(np.linspace(0, 4, 50), [1, 0.1]), marks])
    for k in range(3):
        rest = np.concatenate([others, np.delete(at, k, axis=0)])
        assert np.linalg.norm(rest - at[k], axis=1).min() > 0.3
    diverged = replace(out, coordinates=np.array([[0, 0], [1.0, 0.1], [1e300, 1], [np.nan, np.nan], [1, 1]]))
    assert role(figures.contour(around, {"adam": diverged}, bounds="slope", **RAW), "gap labels")


def test_game_requires_a_term():
    game = replace(asymmetric(), game=True)
    with pytest.raises(ValueError, match="choose one of the terms"):
        figures.surface(game)
    assert role(figures.surface(game, term="square"), "surface")


def test_nonfinite_values_stay_holes_and_are_counted():
    broken = asymmetric()
    square = broken.terms["square"].copy()
    square[0, 4], square[2, 0] = np.nan, np.inf
    broken = replace(broken, terms={**broken.terms, "square": square})
    for draw in (figures.surface, figures.contour):
        figure = draw(broken, **RAW)
        (drawn,) = role(figure, "surface")
        holes = np.isnan(drawn.z)
        assert holes[4, 0]
        assert holes[0, 2]
        assert holes.sum() == 2
        assert layout(figure).meta["notes"] == ["2 of 15 points are not finite and left blank"]
        assert "2 of 15 points" in str(figure.to_json())


def test_resampling_does_not_widen_holes():
    broken = asymmetric()
    square = broken.terms["square"].copy()
    square[0, 4] = np.nan
    (drawn,) = role(figures.surface(replace(broken, terms={**broken.terms, "square": square})), "surface")
    assert 0 < np.isnan(drawn.z).sum() < 0.3 * drawn.z.size


@pytest.mark.parametrize("draw", [figures.surface, figures.contour])
def test_log_scale_has_formula_and_loss_labels(draw):
    figure = draw(asymmetric(), scale="log", **RAW)
    (drawn,) = role(figure, "surface")
    low, high = value(0, -2), value(2, 2)
    floor = 1e-3 * (high - low)
    expected = np.log10(value(X[None, :], Y[:, None]) - low + floor)
    np.testing.assert_allclose(drawn.z, expected, rtol=1e-6)
    axis = layout(figure).scene.zaxis if draw is figures.surface else drawn.colorbar
    assert "log₁₀(L + 20 + 0.044)" in axis.title.text.replace("<br>", " ")
    assert [float(t.replace("−", "-")) for t in (axis.ticktext[0], axis.ticktext[-1])] == [low, high]
    np.testing.assert_allclose(drawn.customdata, value(X[None, :], Y[:, None]))


def test_unknown_scale_and_wrong_axes_raise():
    with pytest.raises(ValueError, match="neither 'linear' nor 'log'"):
        figures.surface(asymmetric(), scale=cast(Any, "sqrt"))
    with pytest.raises(ValueError, match=r"figures\.line"):
        figures.surface(curve())
    with pytest.raises(ValueError, match=r"figures\.surface or figures\.contour"):
        figures.line(asymmetric())


def test_contour_is_isometric_up_to_ratio_three():
    assert layout(figures.contour(asymmetric())).yaxis.scaleanchor == "x"
    long = replace(asymmetric(), axes=(100 * X, Y))
    assert layout(figures.contour(long)).yaxis.scaleanchor is None
    assert layout(figures.surface(long)).scene.aspectratio.x == layout(figures.surface(long)).scene.aspectratio.y


def test_labels_are_the_axis_titles():
    labels = ("distance along principal direction 1", "distance along principal direction 2")
    figure = figures.contour(asymmetric(), labels=labels)
    assert (layout(figure).xaxis.title.text, layout(figure).yaxis.title.text) == labels
    scene = layout(figures.surface(asymmetric(), labels=labels)).scene
    assert scene.xaxis.title.text.replace("<br>", " ") == labels[0]


def test_line_shows_loss_and_weighted_terms():
    figure = figures.line(curve(), {"adam": path(dimension=1)}, **RAW)
    (loss,) = role(figure, "surface")
    np.testing.assert_allclose(loss.y, X**2 + 10)
    terms = {trace.meta["term"]: trace.y for trace in role(figure, "term")}
    np.testing.assert_allclose(terms["square"], X**2)
    np.testing.assert_allclose(terms["slope"], [10, 10, 10])
    (drawn,) = role(figure, "path")
    np.testing.assert_allclose(drawn.y, path(dimension=1).loss, rtol=1e-6)
    alone = figures.line(replace(curve(), weights={"square": 1.0, "slope": 0.0}), **RAW)
    assert [trace.visible for trace in role(alone, "term")] == [False, False]  # square is the loss


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_path_along_line_has_its_true_loss(scale):
    """The curve's range is 10 to 14; the path reaches 16.25."""
    walk = path(drift=1.5, dimension=1)
    figure = figures.line(curve(), {"adam": walk}, scale=scale, **RAW)
    (drawn,) = role(figure, "path")
    own = walk.loss if scale == "linear" else np.log10(walk.loss - 10 + layout(figure).meta["floor"])
    np.testing.assert_allclose(drawn.y, own, rtol=1e-5)
    assert not np.allclose(drawn.y, walk.plane_loss)
    assert drawn.line.dash == "dash"
    assert "distance off the line %{customdata[3]" in drawn.hovertemplate
    np.testing.assert_array_equal(drawn.customdata[:, 3], walk.distance)
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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("presenter", [False, True])
def test_figures_are_serializable_in_every_theme(theme, presenter):
    look = {"theme": theme, "presenter": presenter}
    for figure in (
        figures.surface(asymmetric(), {"sgd": path()}, minima=[(0, -1)], **look),
        figures.contour(asymmetric(), {"sgd": path()}, minima=[(0, -1)], **look),
        figures.line(curve(), {"sgd": path(dimension=1)}, minima=[0.0], **look),
    ):
        assert json.loads(str(figure.to_json()))["layout"]["meta"]["kind"] in ("surface", "contour", "line")
        assert layout(go.Figure(figure.to_dict())).meta["scale"] == "linear"
        sizes = {True: 20, False: 13}
        assert layout(figure).template.layout.font.size == sizes[presenter]


def test_known_minima_outside_are_left_out():
    figure = figures.surface(
        asymmetric(), minima=[(0.0, -1.0), (9.0, 9.0)], critical={"saddle": [(2.0, 0.0)]}, **RAW
    )
    known, saddle = role(figure, "marks")
    meta = layout(figure).meta
    lift = (meta["lift"] + meta["stand"]) * np.ptp(layout(figure).scene.zaxis.range)
    np.testing.assert_allclose(known.z - lift, [value(0, -1)], atol=1e-5)
    np.testing.assert_allclose(saddle.z - lift, [value(2, 0)], atol=1e-5)
