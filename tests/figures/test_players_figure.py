"""The losses of the players and the norm of the field by step."""

from typing import Literal

import numpy as np
import pytest

from landscapes import figures
from landscapes.optimization.trajectory import Outcome, Trajectory
from tests.figures.scenes import layout, panel_titles, role, traces


def test_each_player_has_a_panel():
    steps = np.arange(4)
    terms = {"value": np.array([1.0, 2, 3, 4]), "R1": np.ones(4)}
    run = Trajectory(
        steps, {}, np.full(4, np.nan), np.array([1.0, 0.1, 0.01, 0.001]), Outcome("finished", 3, ""), terms
    )
    player_weights = {"generator": {"value": 1.0}, "discriminator": {"value": -1.0, "R1": 0.5}}
    figure = figures.players({"alternating": run}, player_weights, references={"discriminator at D = 0": 1.5})
    curves = {trace.yaxis: trace for trace in role(figure, "curve")}
    np.testing.assert_array_equal(curves["y"].y, [1, 2, 3, 4])
    np.testing.assert_array_equal(curves["y2"].y, [-0.5, -1.5, -2.5, -3.5])
    np.testing.assert_array_equal(curves["y3"].y, run.gradient_norm)
    (level,) = role(figure, "reference")
    assert (level.yaxis, list(level.y)) == ("y2", [1.5, 1.5])
    assert layout(figure).yaxis3.type == "log"
    assert panel_titles(figure, "y") == {
        "y": "generator's loss",
        "y2": "discriminator's loss",
        "y3": "norm of the field",
    }
    assert len(traces(figures.players({}, player_weights))) == 0


def game_run(values, norms, kind: Literal["finished", "diverged"] = "finished") -> Trajectory:
    values = np.array(values)
    outcome = Outcome(kind, len(values) - 1, "")
    return Trajectory(np.arange(len(values)), {}, values, np.array(norms), outcome, {"value": values})


def test_games_side_by_side_share_axes():
    weights, halved = ({"g": {"value": w}, "d": {"value": -w}} for w in (1.0, 0.5))
    long, short = game_run([4.0, 2.0, 1.0, -3.0], [9.0, 3.0, 1.0, 0.1]), game_run([60.0, 3.0], [5.0, 4.0])
    one = figures.players({"a": long}, weights, axes_include=[(short, halved)])
    other = figures.players({"b": short}, halved, axes_include=[(long, weights)])
    ranges = {axis: layout(one)[axis].range for axis in ("xaxis", "yaxis", "yaxis2", "yaxis3")}
    assert ranges == {axis: layout(other)[axis].range for axis in ranges}
    assert ranges["xaxis"] == (0, 3)
    assert ranges["yaxis"] == pytest.approx((-3 - 0.04 * 33, 30 + 0.04 * 33))
    assert ranges["yaxis2"] == pytest.approx((-30 - 0.04 * 33, 3 + 0.04 * 33))
    assert layout(one).yaxis3.type == layout(other).yaxis3.type == "log"
    low, high = 10.0 ** np.array(ranges["yaxis3"])
    assert low < 0.1 < 9 < high < 20


def test_diverged_game_does_not_set_shared_axes():
    weights = {"g": {"value": 1.0}, "d": {"value": -1.0}}
    gone, kept = game_run([1.0, -1e30], [1.0, 1e20], "diverged"), game_run([4.0, 3.0], [2.0, 1.0])
    figure = figures.players({"a": gone}, weights, axes_include=[(kept, weights)], references={"d at rest": -8.0})
    assert layout(figure).yaxis.range == pytest.approx((2.96, 4.04))
    assert layout(figure).yaxis2.range == pytest.approx((-8.2, -2.8))
    assert panel_titles(figure, "y")["y2"] == "d's loss; out of range: a"
    assert (
        "out of range"
        not in panel_titles(figures.players({"a": kept}, weights, axes_include=[(gone, weights)]), "y")["y2"]
    )
