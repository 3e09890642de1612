"""Figures of gradient conflict and of Pareto fronts."""

import numpy as np
import pytest

from landscapes import figures
from landscapes.optimization.trajectory import Outcome
from landscapes.tradeoffs.gradient_conflict import ConflictMap, ConflictPath, Cosines
from landscapes.tradeoffs.pareto import ParetoFront, Solution
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
    way = np.array([[0.0, 10.0], [1.0, 12.0], [3.0, 13.0]])
    figure = figures.conflict(ConflictMap(AXES, cosines(GRID)), {"adam": way})
    line = next(trace for trace in traces(figure) if trace.name == "adam")
    np.testing.assert_array_equal(np.stack([line.x, line.y], axis=1), way)
    assert [(t.x[0], t.y[0]) for t in traces(figure)[1:] if t.mode == "markers"] == [(3, 13)]


def test_conflict_along_a_line_is_a_curve():
    figure = figures.conflict(ConflictMap(AXES[1:], cosines(GRID[0])), {"adam": np.zeros((2, 1))}, labels=("way",))
    (drawn,) = traces(figure)
    np.testing.assert_array_equal(drawn.x, AXES[1])
    np.testing.assert_array_equal(drawn.y, GRID[0])
    assert layout(figure).yaxis.range == (-1.05, 1.05)


def test_conflict_path_omits_cosine_of_undetermined_sign():
    found = cosines([0.5, 1e-9, -0.25])
    figure = figures.conflict_path({"adam": ConflictPath(np.array([0, 3, 9]), found)})
    (drawn,) = traces(figure)
    np.testing.assert_array_equal(drawn.x, [0, 3, 9])
    np.testing.assert_array_equal(drawn.y, [0.5, np.nan, -0.25])
    assert len(traces(figures.conflict_path({}))) == 0


def front(line=((1, 9), (4, 6), (3, 3))) -> ParetoFront:
    ends = [(0.0, (1.0, 9.0)), (0.5, (1.5, 2.0)), (0.75, (np.nan, np.nan)), (1.0, (3.0, 3.0))]
    outcome = Outcome("finished", 5, "")
    solutions = tuple(Solution(share, (1 - share, share), np.array(v), 0.1, outcome) for share, v in ends)
    drawn = None if line is None else np.array(line, float)
    return ParetoFront(("fit", "size"), "minimize", np.array([5.0, 8.0]), solutions, drawn, 1.0)


def test_pareto_fills_nondominated_points():
    figure = figures.pareto(front())
    (solutions,), (line,), (start,) = (role(figure, name) for name in ("solutions", "line", "start"))
    np.testing.assert_array_equal(solutions.x, [1, 1.5, 3])
    np.testing.assert_array_equal(solutions.y, [9, 2, 3])
    assert list(solutions.marker.symbol) == ["diamond", "diamond", "diamond-open"]
    assert list(solutions.text) == ["fit alone", "", "size alone"]
    np.testing.assert_array_equal(line.x, [1, 4, 3])
    np.testing.assert_array_equal(line.customdata, [0, 0.5, 1])
    assert list(line.marker.symbol) == ["circle", "circle-open", "circle-open"]
    assert (start.x[0], start.y[0]) == (5, 8)
    assert layout(figure).xaxis.title.text == "fit"
    assert layout(figure).xaxis.type != "log"


def test_pareto_without_a_line_is_drawn():
    assert not role(figures.pareto(front(None)), "line")


@pytest.mark.parametrize(("values", "kind"), [((1e-3, 1.0), "log"), ((-1e-3, 1.0), None), ((0.5, 1.0), None)])
def test_pareto_axis_is_logarithmic_over_decades(values, kind):
    one = figures.pareto(front([(values[0], 1), (values[1], 2)]))
    other = figures.pareto(front([(1, values[0]), (2, values[1])]))
    assert (layout(one).xaxis.type, layout(one).yaxis.type) == (kind, None)
    assert (layout(other).xaxis.type, layout(other).yaxis.type) == (None, kind)
