"""The loss as a surface or contour: orientation, terms, bounds, scales and labels."""

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


def test_labels_are_the_axis_titles():
    labels = ("distance along principal direction 1", "distance along principal direction 2")
    figure = figures.contour(asymmetric(), labels=labels)
    assert (layout(figure).xaxis.title.text, layout(figure).yaxis.title.text) == labels
    scene = layout(figures.surface(asymmetric(), labels=labels)).scene
    assert scene.xaxis.title.text.replace("<br>", " ") == labels[0]


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


def test_level_lines_are_round_and_lie_on_the_floor_too():
    figure = figures.surface(asymmetric(), **RAW)
    (drawn,) = role(figure, "surface")
    lines = drawn.contours.z
    assert lines.project.z
    assert (lines.start, lines.size) == (-15, 5)
    floor, top = layout(figure).scene.zaxis.range
    low, high = value(0, -2), value(2, 2)
    assert low - floor > 0.25 * (high - low)
    ticks = layout(figure).scene.zaxis.tickvals
    np.testing.assert_allclose(ticks, [-20, -10, 0, 10, 20])
    np.testing.assert_allclose(drawn.colorbar.tickvals, ticks)
    assert top > high


def test_scene_has_a_floor_and_no_grid():
    figure = figures.surface(asymmetric(), **RAW)
    scene, drawn = layout(figure).scene, layout(figure).template.layout.scene
    for name in ("xaxis", "yaxis", "zaxis"):
        assert drawn[name].showgrid is False
        assert (scene[name].showbackground or False) == (name == "zaxis")


def test_light_turns_with_the_viewpoint():
    """A quarter turn of the camera turns the light too, so that the same side of what is seen is bright."""
    first, second = (role(figures.surface(asymmetric(), viewpoint=k), "surface")[0].lightposition for k in (0, 1))
    assert (second.x, second.y, second.z) == pytest.approx((-first.y, first.x, first.z))
