"""Values of two terms: which points are filled, and how the axes are scaled."""

import numpy as np
import pytest

from landscapes import figures
from landscapes.optimization.trajectory import Outcome
from landscapes.tradeoffs.pareto import ParetoFront, Solution
from tests.figures.scenes import layout, role


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
    assert list(solutions.textposition) == ["top right", "bottom left", "bottom left"]
    np.testing.assert_array_equal(solutions.customdata[-1], [1, 0, 1, 0.1])  # λ, its weights, the gradient left
    assert "%{customdata[1]:.3g} · fit + %{customdata[2]:.3g} · size" in solutions.hovertemplate
    np.testing.assert_array_equal(line.x, [1, 4, 3])
    np.testing.assert_array_equal(line.customdata, [0, 0.5, 1])
    assert list(line.marker.symbol) == ["circle", "circle-open", "circle-open"]
    assert (start.x[0], start.y[0]) == (5, 8)
    assert (layout(figure).xaxis.title.text, layout(figure).yaxis.title.text) == ("fit", "size")
    assert layout(figure).xaxis.type != "log"


def test_pareto_without_a_line_is_drawn():
    assert not role(figures.pareto(front(None)), "line")


@pytest.mark.parametrize(("values", "kind"), [((1e-3, 1.0), "log"), ((-1e-3, 1.0), None), ((0.5, 1.0), None)])
def test_pareto_axis_is_logarithmic_over_decades(values, kind):
    one = figures.pareto(front([(values[0], 1), (values[1], 2)]))
    other = figures.pareto(front([(1, values[0]), (2, values[1])]))
    assert (layout(one).xaxis.type, layout(one).yaxis.type) == (kind, None)
    assert (layout(other).xaxis.type, layout(other).yaxis.type) == (None, kind)
