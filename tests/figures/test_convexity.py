"""Maps of convexity of a known asymmetric array."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from landscapes.curvature.convexity import ConvexityMap
from landscapes.figures.convexity import curvature_line, ratio_map, slice_map, state_map
from landscapes.figures.palette import BLUE, GREY, VERMILLION
from tests.figures.scenes import layout, role, traces

X, Y = np.array([-1.0, 0.0, 1.0]), np.array([0.0, 2.0, 4.0, 6.0])

# Of 3 × 4 cells the first row is not convex, the last cell undetermined, and the one before it not evaluated.
STATES = np.array([[1, 1, 1, 1], [0, 0, 0, 0], [0, 0, -1, 2]])

SMALLEST = np.where(STATES == 1, -np.arange(1.0, 5.0)[None] - 10 * X[:, None] - 10, 0.5)


def example_map(**settings: Any) -> ConvexityMap:
    known = STATES >= 0
    smallest = np.where(known, SMALLEST, np.nan)
    largest = np.where(known, 8.0, np.nan)
    bent = np.stack([np.where(known, np.add.outer(X, Y), np.nan), np.where(known, 7.0, np.nan)], axis=-1)
    given: dict[str, Any] = {"states": STATES, "strict": STATES == 0, "slice_curvature": bent, "evaluated": known}
    errors = {"smallest_error": np.full((3, 4), 0.1), "largest_error": np.full((3, 4), 0.2)}
    ends = {"smallest": smallest, "largest": largest}
    given |= {"axes": (X, Y), "products": 9, "sense": "minimize"}
    given |= {"jumps": np.zeros((3, 4), bool), "nonmonotone_slope": np.zeros((3, 4), bool)}
    arguments: dict[str, Any] = given | errors | ends | settings
    return ConvexityMap(**arguments)


def cells(figure):
    (trace,) = role(figure, "cells")
    return trace


def test_state_map_colors_and_counts_cells():
    figure = state_map(example_map(), cell=(2, 1))
    drawn = cells(figure)
    np.testing.assert_array_equal(drawn.x, X)
    np.testing.assert_array_equal(drawn.y, Y)
    np.testing.assert_array_equal(drawn.z, np.where(STATES < 0, np.nan, STATES).T)
    assert [trace.name for trace in role(figure, "legend")] == [
        "convex here (55%)",
        "not convex here (36%)",
        "undetermined (9%)",
    ]
    # Every state has its own color in the middle of its third of the scale.
    colors = {trace.meta["label"]: trace.marker.color for trace in role(figure, "legend")}
    assert colors == {"convex here": BLUE, "not convex here": VERMILLION, "undetermined": GREY}
    assert [color for _, color in drawn.colorscale[::2]] == [BLUE, VERMILLION, GREY]
    assert {(trace.x[0], trace.y[0]) for trace in role(figure, "cell")} == {(1.0, 2.0)}
    # Hover data of cell (0, 3): the eigenvalues with their errors.
    np.testing.assert_allclose(drawn.customdata[3, 0], [-4.0, 0.1, 8.0, 0.2, 0.5, 5.0, 7.0])
    # Each cell is centered at its point.
    assert layout(figure).meta["box"] == [[-1.5, 1.5], [-1.0, 7.0]]


def test_unknown_cells_are_filled_from_neighbours():
    figure = state_map(example_map())
    (filled,) = role(figure, "filled")
    assert filled.opacity < 0.5
    assert np.asarray(filled.z)[2, 2] in (0, 2)
    np.testing.assert_array_equal(np.asarray(filled.z).T[STATES >= 0], STATES[STATES >= 0])
    complete = replace(example_map(), states=abs(STATES), evaluated=np.full((3, 4), True))
    assert not role(state_map(complete), "filled")
    # Unknown cells at one edge do not have the values of the opposite edge.
    two_known = np.full((3, 4), -1)
    two_known[0, 0] = 1
    two_known[2, 3] = 0
    (edge,) = role(state_map(example_map(states=two_known, evaluated=two_known >= 0)), "filled")
    assert np.asarray(edge.z)[3, 0] in (0, 1)
    assert np.asarray(edge.z)[1, 0] == 1


def test_slice_map_uses_curvature_of_the_slice():
    # Its smaller eigenvalue is x + y: −1, 1, 3, 5 in the first row and exactly 0 at (0, 0).
    figure = slice_map(example_map())
    expected = np.where(np.add.outer(X, Y) > 0, 0, np.where(np.add.outer(X, Y) < 0, 1, 2))
    np.testing.assert_array_equal(cells(figure).z, np.where(STATES < 0, np.nan, expected).T)
    assert [trace.meta["label"] for trace in role(figure, "legend")] == [
        "looks convex",
        "looks not convex",
        "undetermined",
    ]


def test_reward_is_concave_and_its_ratio_inverted():
    reward = example_map(sense="maximize")
    assert [trace.meta["label"] for trace in role(state_map(reward), "legend")][:2] == [
        "concave here",
        "not concave here",
    ]
    assert np.nanmin(cells(slice_map(reward)).z) == 1  # 7 bends upward everywhere
    assert cells(ratio_map(reward)).colorbar.title.text == "λmax / |λmin|"
    np.testing.assert_allclose(cells(ratio_map(reward)).z[3, 0], 2.0)


def test_ratio_map_ends_at_the_largest_ratio():
    drawn = cells(ratio_map(example_map()))
    np.testing.assert_allclose(drawn.z[:, 0], np.arange(1, 5) / 8)
    assert np.isnan(drawn.z[2, 2])
    assert drawn.z[0, 1] == 0
    assert (drawn.zmin, drawn.zmax) == (0, 0.5)


def test_curvature_line_has_eigenvalues_errors_and_slice():
    line = example_map(
        axes=(X,),
        smallest=np.array([-2.0, 1.0, 3.0]),
        largest=np.array([4.0, 5.0, 6.0]),
        smallest_error=np.full(3, 0.1),
        largest_error=np.full(3, 0.2),
        states=np.array([1, 0, 0]),
        slice_curvature=np.array([[1.0], [2.0], [4.0]]),
        evaluated=np.full(3, True),
    )
    figure = curvature_line(line, cell=(2,))
    drawn = {trace.name: trace for trace in traces(figure)}
    np.testing.assert_array_equal(drawn["smallest eigenvalue"].y, [-2, 1, 3])
    np.testing.assert_array_equal(drawn["largest eigenvalue"].error_y.array, 0.2)
    np.testing.assert_array_equal(drawn["the slice's own curvature"].y, [1, 2, 4])
    assert layout(figure).shapes[0].x0 == 1.0
    with pytest.raises(ValueError, match="this map is over a line; draw it with"):
        state_map(line)
    with pytest.raises(ValueError, match="this map is over a plane; draw it with"):
        curvature_line(example_map())


@pytest.mark.parametrize("draw", [state_map, slice_map, ratio_map])
def test_each_axis_of_a_map_has_its_own_label(draw):
    figure = draw(example_map(), labels=("toward sgd", "at right angles"))
    assert (layout(figure).xaxis.title.text, layout(figure).yaxis.title.text) == ("toward sgd", "at right angles")
