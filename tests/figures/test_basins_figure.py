"""Maps of basins of attraction: every cell is at its start, and has the color of its run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from landscapes import figures
from landscapes.figures.basin_cells import DIVERGED_COLOR, HUES
from landscapes.optimization.basins import DIVERGED, ELSEWHERE, find_basins
from landscapes.optimization.multistart import Ends
from tests.figures.scenes import hover_text, layout, role

# Starts of a grid of 3 × 2: the first end at (1, 0), the last at (5, 7).
AXES = (np.array([0.0, 1.0, 2.0]), np.array([10.0, 20.0]))
ENDS = Ends(
    params=np.array([[1, 0], [1, 0], [1, 0], [9, 9], [5, 7], [5, 7.0]]),
    loss=np.array([0.5, 0.5, 0.5, 4, 0.25, 0.25]),
    gradient_norm=np.full(6, 0.1),
    steps=np.array([20, 20, 20, 3, 20, 20]),
    diverged=np.array([False, False, False, True, False, False]),
    settled=np.array([2, 5, 9, -1, 3, -1]),
    evaluations=np.array([20, 20, 20, 3, 20, 20]),
    settled_evaluations=np.array([2, 5, 9, -1, 3, -1]),
    start_loss=np.arange(6.0),
)
FOUND = find_basins({"adam": ENDS, "sgd": ENDS}, 0.5, [(5.0, 7.0)])


def drawn(**options):
    return figures.basins(FOUND, {"adam": ENDS, "sgd": ENDS}, AXES, FOUND.points, **options)


def test_cells_are_at_their_starts_with_one_hue_for_each_end_point():
    hues, shades = role(drawn(), "cells")[:2]
    # Row y, column x; index 0 is the end point of lowest loss.
    indices = np.array([[1, 1, 0], [1, DIVERGED, 0]])
    np.testing.assert_array_equal(hues.z, indices - DIVERGED)
    assert shades.z[0, 0] == 0 < shades.z[0, 2] < shades.z[1, 0] < shades.z[0, 1] == 1
    assert shades.z[1, 2] == 1  # has not settled
    assert hover_text(shades, (1, 0)).startswith("start (0, 20)<br>end point 2<br>settled at step 5, last step 20")


def test_key_names_every_color_that_occurs():
    keys = {trace.name: trace.marker.color for trace in role(drawn(), "key")}
    assert keys == {
        "★ (5, 7)": HUES[0],
        "end point 2 (1, 0)": HUES[1],
        "diverged": DIVERGED_COLOR,
    }
    points = role(drawn(), "end points")[1]
    assert (list(points.marker.symbol), list(points.x)) == (["star", "circle"], [5, 1])


def test_starts_that_are_not_computed_are_blank():
    computed = np.array([True, False, True, True, False, True])
    for color in ("end point", "steps", "loss"):
        blank = [
            np.isnan(np.asarray(trace.z)).T.ravel()
            for trace in role(drawn(computed=computed, color=color), "cells")[:2]
        ]
        np.testing.assert_array_equal(np.all(blank, axis=0), ~computed)


def test_colors_of_loss_and_steps_are_on_one_scale_for_all_maps():
    for color, title in (("loss", "error at the end"), ("steps", "settled at step")):
        scaled = role(drawn(color=color, value="error"), "cells")[1::2]
        assert [trace.colorbar.title.text for trace in scaled] == [title, title]
        assert len({(trace.zmin, trace.zmax) for trace in scaled}) == 1
        assert [bool(trace.showscale) for trace in scaled] == [True, False]


def test_key_of_steps_names_runs_that_have_not_settled():
    assert [trace.name for trace in role(drawn(color="steps"), "key")] == ["not settled", "diverged"]
    assert [trace.name for trace in role(drawn(color="loss"), "key")] == ["diverged"]


def test_maps_of_five_optimizers_are_in_two_rows():
    ends = {f"{k}": ENDS for k in range(5)}
    result = replace(FOUND, indices={label: np.full(6, ELSEWHERE) for label in ends})
    figure = figures.basins(result, ends, AXES, FOUND.points)
    tops = {layout(figure)[f"yaxis{k or ''}"].domain[1] for k in ("", 2, 3, 4, 5)}
    assert len(tops) == 2
