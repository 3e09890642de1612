"""The gap between a loss and the term that it bounds."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import figures
from tests.figures.scenes import X, asymmetric, curve, layout, path, role, traces
from tests.figures.test_surface_figure import RAW


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


def test_gap_label_is_written_towards_the_middle_of_the_picture():
    """The gap 10·(x − shift) has one line at which it is 1."""
    x = y = np.linspace(-4, 4, 33)
    for level, side in ((-2.0, "middle right"), (2.5, "middle left")):
        grid = np.where(x > level - 0.3, 1 + 2 * (x - level), 0.4)[:, None] + 0 * y
        terms = {"square": 0 * grid, "slope": grid}
        drawn = replace(
            asymmetric(), axes=(x, y), evaluated=np.ones((33, 33), bool), terms=terms,
            weights={"square": 1.0, "slope": 1.0},
        )  # fmt: skip
        (labels,) = role(figures.contour(drawn, bounds="square", **RAW), "gap labels")
        assert labels.textposition[list(labels.text).index("1")] == side
