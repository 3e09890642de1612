"""The cosine between two gradients over a plane, along a line and along a path."""

import numpy as np

from landscapes import figures
from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath, Cosines
from tests.figures.scenes import layout, role, traces


def cosines(values) -> Cosines:
    values = np.asarray(values, float)
    norms = np.stack([np.full(values.shape, 2.0), np.full(values.shape, 3.0)])
    return Cosines(("fit", "size"), values, norms, 1e-7, np.isfinite(values))


GRID = np.array([[-0.5, 0.1, 0.2, 0.3], [0.4, np.nan, 0.6, 0.7], [0.8, 0.9, -0.9, 1.0]])
AXES = (np.array([-1.0, 0.0, 3.0]), np.array([10.0, 11, 12, 14]))


def test_conflict_map_is_centered_and_not_transposed():
    figure = figures.conflict(ConflictMap(AXES, cosines(GRID)), labels=("first", "second"))
    (drawn,) = role(figure, "conflict")
    np.testing.assert_array_equal(drawn.x, AXES[0])
    np.testing.assert_array_equal(drawn.y, AXES[1])
    np.testing.assert_allclose(drawn.z, GRID.T, rtol=1e-6)
    assert (drawn.zmin, drawn.zmid, drawn.zmax) == (-1, 0, 1)
    assert drawn.zsmooth in (None, False)
    assert layout(figure).xaxis.title.text == "first"
    assert layout(figure).yaxis.title.text == "second"
    assert layout(figure).yaxis.scaleanchor == "x"
    assert layout(figure).meta["box"] == [[-1, 3], [10, 14]]
    assert drawn.colorbar.title.text == "cos(∇ fit, ∇ size)"
    np.testing.assert_allclose(drawn.customdata[..., 1:], np.broadcast_to([2, 3], (4, 3, 2)))


def test_paths_on_conflict_map_end_in_a_marker():
    path_trace = np.array([[0.0, 10.0], [1.0, 12.0], [3.0, 13.0]])
    figure = figures.conflict(ConflictMap(AXES, cosines(GRID)), {"adam": path_trace})
    line = next(trace for trace in traces(figure) if trace.name == "adam")
    np.testing.assert_array_equal(np.stack([line.x, line.y], axis=1), path_trace)
    assert [(t.x[0], t.y[0]) for t in traces(figure)[1:] if t.mode == "markers"] == [(3, 13)]


def test_conflict_along_a_line_is_a_curve():
    figure = figures.conflict(ConflictMap(AXES[1:], cosines(GRID[0])), {"adam": np.zeros((2, 1))}, labels=("way",))
    (drawn,) = traces(figure)
    np.testing.assert_array_equal(drawn.x, AXES[1])
    np.testing.assert_array_equal(drawn.y, GRID[0])
    assert layout(figure).yaxis.range == (-1.05, 1.05)


def test_conflict_path_omits_cosine_of_undetermined_sign():
    result = cosines([0.5, 1e-9, -0.25])
    figure = figures.conflict_path({"adam": ConflictPath(np.array([0, 3, 9]), result)})
    (drawn,) = traces(figure)
    np.testing.assert_array_equal(drawn.x, [0, 3, 9])
    np.testing.assert_array_equal(drawn.y, [0.5, np.nan, -0.25])
    assert len(traces(figures.conflict_path({}))) == 0
