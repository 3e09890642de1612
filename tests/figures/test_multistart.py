"""The ends of runs from many starts, sorted by their loss."""

from dataclasses import replace

import numpy as np

from landscapes import figures
from landscapes.optimization.multistart import Ends
from tests.figures.scenes import hover_text, layout, role

ENDS = Ends(
    params=np.zeros((4, 1)),
    loss=np.array([3.0, 1.0, 9.0, 2.0]),
    gradient_norm=np.array([0.3, 0.1, 0.9, 0.2]),
    steps=np.array([30, 10, 90, 20]),
    diverged=np.array([False, False, True, False]),
    settled=np.array([-1, 4, -1, 9]),
    evaluations=np.array([30, 10, 90, 20]),
    settled_evaluations=np.array([-1, 4, -1, 9]),
    start_loss=np.array([4.0, 5.0, 6.0, 7.0]),
)


def test_runs_are_sorted_by_loss_and_keep_their_start():
    figure = figures.waterfall(ENDS, value="error")
    finished, diverged = role(figure, "ends")
    assert (list(finished.x), list(finished.y)) == ([1, 2, 3], [1, 2, 3])
    assert (list(diverged.x), list(diverged.y), diverged.marker.symbol) == ([4], [9], "x")
    assert hover_text(finished, 1) == "start 3, finished<br>error 2 after 20 steps<br>gradient norm 0.2"
    assert layout(figure).yaxis.title.text == "error"


def test_games_are_sorted_by_the_norm_of_their_field():
    game = replace(ENDS, loss=ENDS.loss * np.nan)
    figure = figures.waterfall(game)
    assert list(role(figure, "ends")[0].y) == [0.1, 0.2, 0.3]
    assert layout(figure).yaxis.title.text == "norm of the field"


def test_runs_of_several_optimizers_have_their_colors_and_one_entry_each():
    figure = figures.waterfall({"sgd": ENDS, "adam": replace(ENDS, loss=ENDS.loss + 1)}, value="error")
    traces = role(figure, "ends")
    assert [trace.name for trace in traces] == ["sgd", "sgd", "adam", "adam"]
    assert [trace.showlegend for trace in traces] == [True, False, True, False]
    colors = [trace.marker.color for trace in traces]
    assert colors[0] == colors[1] != colors[2] == colors[3]
    assert list(traces[2].y) == [2, 3, 4]
    assert hover_text(traces[3], 0).startswith("<b>adam</b> start 2, diverged<br>error 10")
    assert layout(figure).showlegend
    assert [trace.meta["label"] for trace in traces] == ["sgd", "sgd", "adam", "adam"]
    assert [trace.meta["label"] for trace in role(figures.waterfall(ENDS), "ends")] == ["finished", "diverged"]
